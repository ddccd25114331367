/** Demanding that a proposer shows what lies below a node of its trees, and what follows when nobody does. */

import { readSlash } from '../../chain/challenges.ts';
import type { Addresses } from '../../chain/connect.ts';
import { isRefusedBy } from '../../chain/failure.ts';
import { structArgument, transact } from '../../chain/federation.ts';
import { type Demand, trees } from '../../chain/openings.ts';
import type { Proposal } from '../../chain/rounds.ts';
import { urgently } from '../../chain/sender.ts';
import { contractInterface } from '../../contracts/contracts.ts';
import { type InputOpening, sumNodeArgument } from '../../core/challenges/evidence.ts';
import { type Hash, toHex } from '../../core/hash.ts';
import type { SumNode } from '../../core/sumTree.ts';
import type { Participant } from '../participant.ts';
import { announceAndSend, type Disputed, type Outcome } from './challenges.ts';

/** What to open: a node and its way to the root of its tree; or the chunk `index` of an update that the proposal takes in. */
export type Wanted = { height: number; span: number; index: number } & (
  | { tree: 'model' | 'columns'; node: Hash; path: readonly Hash[] }
  | { tree: 'inputs'; node: SumNode; path: readonly SumNode[] }
  | { tree: 'update'; input: InputOpening }
);

/** Errors: those of `Sender.send`. */
export async function demandOpening(
  node: Participant,
  disputed: Disputed,
  proposal: Proposal,
  wanted: Wanted,
): Promise<Outcome> {
  const { height, span, tree } = wanted;
  const { round } = proposal;
  const bondWei = await bondOf(node, span);
  const step = `demanding to see the ${tree} tree of round ${round}`;
  const data = encodeDemand(node.addresses, proposal, wanted);
  const outcome = await announceAndSend(node, { contract: 'Openings', data, value: bondWei, step }, disputed);
  if (typeof outcome === 'string') return outcome;
  const gas = Number(outcome.receipt.gasUsed) + outcome.announceGas;
  node.report({ event: 'demanded', round, tree, height, span, bondWei: String(bondWei), gas });
  return outcome;
}

function encodeDemand({ federation }: Addresses, proposal: Proposal, wanted: Wanted): string {
  const openings = contractInterface('Openings');
  const argument = structArgument(proposal);
  const { height, span, index } = wanted;
  if (wanted.tree === 'update') {
    return openings.encodeFunctionData('demandUpdate', [federation, argument, wanted.input, index]);
  }
  if (wanted.tree === 'inputs') {
    const [node, path] = [sumNodeArgument(wanted.node), wanted.path.map(sumNodeArgument)];
    return openings.encodeFunctionData('demandInputs', [federation, argument, height, span, index, node, path]);
  }
  const [tree, node, path] = [trees.indexOf(wanted.tree), toHex(wanted.node), wanted.path.map(toHex)];
  return openings.encodeFunctionData('demandHashes', [federation, argument, tree, height, span, index, node, path]);
}

async function bondOf({ federation, addresses }: Participant, span: number): Promise<bigint> {
  const openings = contractInterface('Openings');
  const data = openings.encodeFunctionData('bondOf', [addresses.federation, span]);
  const answer = await federation.provider.call({ to: addresses.challenges.Openings, data });
  return openings.decodeFunctionResult('bondOf', answer)[0] as bigint;
}

/** Voids the proposal whose demand nobody has answered. Answers false where another was faster. Errors: those of `Sender.send`. */
export async function forfeit(node: Participant, proposal: Proposal, demand: Demand): Promise<boolean> {
  const { addresses, sender, signal, report } = node;
  const { Openings } = addresses.challenges;
  const args = [demand.struct, structArgument(proposal)];
  const step = `ending round ${proposal.round}, of which nobody showed what was demanded`;
  try {
    const receipt = await transact(urgently(sender), step, Openings, 'Openings', 'forfeit', args, signal);
    const { offender, takenWei, earnedWei } = readSlash(receipt);
    const amounts = { takenWei: String(takenWei), earnedWei: String(earnedWei) };
    report({ event: 'forfeited', round: proposal.round, offender, gas: Number(receipt.gasUsed), ...amounts });
    return true;
  } catch (error) {
    if (isRefusedBy(error, ['StillTime', 'NotDemanded', 'NotProposed', 'AnotherProposal'])) return false;
    throw error;
  }
}
