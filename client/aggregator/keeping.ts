/**
 * What this node has proposed and the chain still names, model and inputs of the rounds in flight and of the newest final one, is in its own
 * store, whatever has happened to its folder: what is missing is said, fetched from whoever has it, or computed again.
 */
import { type ProposedRound, proposedRounds } from '../chain/rounds.ts';
import { cidFromDigest } from '../core/cid.ts';
import { inputsListBytes } from '../core/inputs.ts';
import { modelBytes } from '../core/numbers.ts';
import type { Step } from '../participant/loop.ts';
import type { Participant } from '../participant/participant.ts';
import type { Models } from '../participant/rounds/models.ts';
import { remakeInputs, remakeModel } from '../participant/rounds/remake.ts';

export function createKeeping(node: Participant, models: Models): Step {
  const { federation, account, task, store, report } = node;
  /** Ids of proposals whose blobs are there, or were made again. */
  const kept = new Set<string>();
  /** What is missing, which is said once. */
  const said = new Set<string>();

  async function step(): Promise<boolean> {
    const proposed = proposedRounds(federation.state);
    const newestFinal = proposed.findLast(({ final }) => final);
    const named = proposed.filter((round) => !round.final || round === newestFinal);
    for (const round of named) {
      if (round.proposed.proposer !== account || kept.has(round.proposed.id)) continue;
      await keep(round);
      kept.add(round.proposed.id);
    }
    return false;
  }

  async function keep(round: ProposedRound): Promise<void> {
    const { modelCid, inputsCid, inputCount } = round.proposed.proposal;
    await restore(round, 'model', modelCid, modelBytes(task.dimension), () => remakeModel(models, round));
    await restore(round, 'inputs', inputsCid, inputsListBytes(inputCount), () => remakeInputs(node, models, round));
  }

  async function restore(
    { number }: ProposedRound,
    what: 'model' | 'inputs',
    digest: Uint8Array,
    bytes: number,
    make: () => Promise<Uint8Array>,
  ): Promise<void> {
    const cid = cidFromDigest(digest, bytes);
    if (await store.has(cid)) return;
    const lost = { round: number, what, cid: cid.toString() };
    if (!said.has(lost.cid)) report({ event: 'missing', ...lost });
    said.add(lost.cid);
    await store.put(await make());
    report({ event: 'restored', ...lost });
  }

  return step;
}
