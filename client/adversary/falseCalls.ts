/** Attacks as calls of the federation: what is proposed, what is submitted, and the bytes behind it. */
import type { Result } from 'ethers';
import { structArgument } from '../chain/federation.ts';
import { type Round, readProposal, standingSubmissions } from '../chain/rounds.ts';
import { packTerms, unpackTerms } from '../chain/updateTerms.ts';
import { digestOfCid } from '../core/cid.ts';
import { updateFromBytes, updateToBytes } from '../core/codec.ts';
import { buildUpdateTree, commitUpdate } from '../core/commitment.ts';
import { equalBytes, toHex } from '../core/hash.ts';
import { weigh } from '../core/rewards/reputations.ts';
import { sumTreeRoot } from '../core/sumTree.ts';
import { fetchTimeoutMs } from '../participant/fetchTimeout.ts';
import type { Participant } from '../participant/participant.ts';
import { createModels } from '../participant/rounds/models.ts';
import { bindingOf, createUpdates } from '../participant/rounds/updates.ts';
import { buildDag } from '../storage/dag.ts';
import { openOutbox } from '../trainer/outbox.ts';
import type { ProposalAttack, SubmissionAttack } from './attack.ts';
import type { Change } from './stage.ts';

/** It proposes falsely in the first round from `attackRound` in which it is its turn. */
export function proposingBy(attack: ProposalAttack): Change {
  return async ({ node, attackRound }, [argument, omitted, attestations, anchor]) => {
    const honest = readProposal(argument as Result);
    const round = node.federation.state.rounds.get(honest.round);
    if (round === undefined || honest.round < attackRound) return undefined;
    const holder = await node.federation.contracts.federation.turnHolder();
    if (holder !== node.account) return undefined;
    const base = await createModels(node).get(round.baseRound);
    const reputations = await node.reputations(honest.reputations);
    const updates = (await updatesOf(node, round)).map((update) => {
      return { ...update, weight: weigh(reputations, update.trainer, update.weight) };
    });
    const made = await attack({ node, round, honest, base, updates });
    if (made === undefined || made === 'later') return made;
    // nobody has signed other inputs
    const isAttested = equalBytes(made.proposal.inputsRoot, honest.inputsRoot);
    const args = [structArgument(made.proposal), omitted, isAttested ? attestations : [], anchor];
    return { args, round: honest.round, did: made.did };
  };
}

async function updatesOf(node: Participant, round: Round) {
  const updates = createUpdates({ ...node, report: () => undefined }, round);
  await updates.fetch(standingSubmissions(round), Date.now() + fetchTimeoutMs);
  return [...updates.verified.values()];
}

/** It submits falsely in `attackRound`, or the first after it that it takes part in. */
export function submittingBy(attack: SubmissionAttack): Change {
  return async ({ node, attackRound }, [terms]) => {
    const { round: number, weight } = unpackTerms(terms as bigint);
    const round = node.federation.state.rounds.get(number);
    if (round === undefined || number < attackRound) return undefined;
    // the trainer serves what is there when the window has closed
    const outbox = openOutbox(await node.files('outbox'));
    const own = updateFromBytes((await outbox.read(number))!, node.task.dimension);
    const { values, squaredNorm, did } = await attack({ node, round, values: own });
    const bytes = updateToBytes(values);
    await outbox.write(number, bytes);
    const root = sumTreeRoot(buildUpdateTree(values)).hash;
    const commitment = commitUpdate({ ...bindingOf(node), round: number, trainer: node.account }, root);
    const cid = digestOfCid((await buildDag(bytes)).root);
    return {
      args: [packTerms({ round: number, squaredNorm, weight }), toHex(commitment), toHex(cid)],
      round: number,
      did,
    };
  };
}
