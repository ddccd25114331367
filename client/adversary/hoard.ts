/**
 * An aggregator that trains too, and colludes with itself: it shows nobody its update, and proposes a model with it where it has the turn.
 * Who holds the only copy could never be shown wrong: so no proposal passes without the word of a majority that holds its inputs too.
 */
import { prepareProposal } from '../aggregator/prepare.ts';
import { unlessRefused } from '../chain/failure.ts';
import { structArgument } from '../chain/federation.ts';
import { digestOfCid } from '../core/cid.ts';
import { equalBytes, type Hash } from '../core/hash.ts';
import { callFederation, type Participant } from '../participant/participant.ts';
import { createHeldInputs } from '../participant/rounds/heldInputs.ts';
import { createRoundModels } from '../participant/rounds/roundModels.ts';
import { buildDag } from '../storage/dag.ts';
import type { Stage } from './stage.ts';

export interface Hoard {
  /** What the roles run on: its store keeps what is hoarded to itself. */
  node: Participant;
  /** A step of a loop beside those of the honest roles. */
  step(): Promise<boolean>;
}

export function createHoard({ node: staged, attackRound, cheated }: Stage): Hoard {
  const { federation, account, store } = staged;
  const hidden = new Map<string, Uint8Array>();
  /** The round in which it hoards, the first from `attackRound` in which it has the turn. */
  let hoarded: number | undefined;
  let proposed = false;

  async function isToHide(cid: Hash): Promise<boolean> {
    const { openRound, rounds } = federation.state;
    const own = openRound === undefined ? undefined : rounds.get(openRound)!.submissions.get(account);
    if (openRound! < attackRound || own === undefined || !equalBytes(own.cid, cid)) return false;
    const [holder] = await federation.readTurns();
    if (holder === account) hoarded ??= openRound;
    return hoarded === openRound;
  }

  const node: Participant = {
    ...staged,
    store: {
      ...store,
      async put(bytes) {
        const { root } = await buildDag(bytes);
        if (!(await isToHide(digestOfCid(root)))) return await store.put(bytes);
        hidden.set(root.toString(), bytes);
        return root;
      },
      get: async (cid, options) => hidden.get(cid.toString()) ?? (await store.get(cid, options)),
    },
  };

  async function step(): Promise<boolean> {
    const round = hoarded === undefined ? undefined : federation.state.rounds.get(hoarded);
    if (round === undefined || proposed || federation.state.openRound !== round.number) return false;
    const held = createHeldInputs(node, () => federation.state.rounds.get(round.number) ?? round);
    await held.search();
    if (held.missing().length > 0) return false;
    const chosen = { updates: held.verified(), omitted: [], reputations: held.reputations() };
    const quiet = { ...node, report: () => undefined };
    const { proposal } = await prepareProposal(quiet, createRoundModels(node), round, chosen);
    const args = [structArgument(proposal), [], [], { number: 0, hash: `0x${'00'.repeat(32)}` }];
    proposed = true;
    const refusal = 'TooFewAttestations';
    const send = () => callFederation(node, 'proposing what nobody else holds', 'proposeAggregate', args);
    const receipt = await unlessRefused([refusal], send);
    cheated(round.number, 'showed nobody its update, and proposed a model with it', Number(receipt?.gasUsed ?? 0));
    if (receipt === undefined) node.report({ event: 'refused', round: round.number, by: refusal });
    return false;
  }

  return { node, step };
}
