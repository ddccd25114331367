/** Gives up what is not to be kept any more: of rounds that are void, skipped or too old, of proposals that are void, and updates left out. */
import { CID } from 'multiformats/cid';
import type { Participant } from '../participant/participant.ts';
import type { Records } from './records.ts';

/**
 * A step, after all that is `wanted` has been looked for; `neededOf` says what a round needs, where all of that is there. A round that the chain does not know is kept until the chain has gone on past it: what a
 * reorganisation has taken back may come again.
 */
export function createReleasing(
  node: Pick<Participant, 'federation' | 'store' | 'report' | 'manifestCid'>,
  records: Records,
  neededOf: (round: number) => ReadonlySet<string> | undefined,
): (wanted: ReadonlySet<number>) => Promise<void> {
  const { federation, store, report } = node;

  return async (wanted) => {
    for (const round of records.rounds()) {
      if (!wanted.has(round) && round <= federation.state.finalRound) await give(round, new Set());
      else if (round < federation.state.finalRound) await give(round, neededOf(round));
    }
  };

  async function give(round: number, needed: ReadonlySet<string> | undefined): Promise<void> {
    const record = records.get(round)!;
    const excess = needed === undefined ? [] : record.cids.filter((cid) => !needed.has(cid));
    if (needed === undefined || (excess.length === 0 && needed.size > 0)) return;
    const held = records.heldBeside(round);
    const released = excess.filter((cid) => !held.has(cid));
    for (const cid of released) await store.unpin(CID.parse(cid));
    if (needed.size === 0) await records.remove(round);
    else await records.set(round, { ...record, cids: [...needed] });
    report({ event: 'released', round, blobs: released.length });
  }
}
