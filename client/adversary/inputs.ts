/** Wrong inputs, from which everything else follows as it should. */
import { aggregate } from '../core/aggregate.ts';
import { digestOfCid } from '../core/cid.ts';
import { modelToBytes } from '../core/codec.ts';
import type { VerifiedUpdate } from '../core/columns.ts';
import { keccak256, toHex } from '../core/hash.ts';
import { encodeInputsList } from '../core/inputs.ts';
import { isEmpty } from '../core/merkle.ts';
import { prepareUpdate } from '../core/verify.ts';
import type { FalseProposal, ProposalCase } from './attack.ts';

/** Leaves out a trainer whose update it has, and says nothing of it: possible where the window is over. */
export async function proposeWithoutOne(given: ProposalCase): Promise<FalseProposal | 'later'> {
  const { node, round, updates } = given;
  // before that, the contract counts
  if (node.federation.chainTime() < round.submissionDeadline) return 'later';
  const [omitted, ...others] = updates;
  return {
    proposal: await proposalOf(given, others),
    did: `left out the update of ${omitted!.trainer}, which it has, without saying so`,
  };
}

/** In place of a trainer's update it takes one that nobody submitted. */
export async function proposeForgery(given: ProposalCase): Promise<FalseProposal> {
  const { node, updates } = given;
  const [replaced, ...others] = updates;
  const invented = toHex(keccak256(new TextEncoder().encode(`${node.account} invents a trainer`)).subarray(0, 20));
  const values = replaced!.values.map((value) => -value);
  const forged = prepareUpdate(invented, replaced!.weight, values);
  return {
    proposal: await proposalOf(given, [...others, forged]),
    did: `took in an update of ${invented}, who never submitted, in place of that of ${replaced!.trainer}`,
  };
}

/** Gives every update the weight that its trainer declared, whatever its reputation. */
export async function proposeUnweighed(given: ProposalCase): Promise<FalseProposal | undefined> {
  const { round, updates, honest } = given;
  if (isEmpty(honest.reputations)) return undefined;
  const unweighed = updates.map((update) => ({ ...update, weight: round.submissions.get(update.trainer)!.weight }));
  return {
    proposal: await proposalOf(given, unweighed),
    did: 'gave every update the weight that was declared for it, and passed over the reputation of its trainer',
  };
}

async function proposalOf({ node, honest, base }: ProposalCase, updates: readonly VerifiedUpdate[]) {
  const result = aggregate(node.parameters().rule, base, updates);
  return {
    ...honest,
    ...result.commitment,
    modelCid: digestOfCid(await node.store.put(modelToBytes(result.model))),
    inputsCid: digestOfCid(await node.store.put(encodeInputsList(result.updates))),
  };
}
