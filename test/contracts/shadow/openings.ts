/** The shadow of Openings: demands to open the root of a proposed model. */
import type { ProposalStruct } from '../faults.ts';
import { holdProposal, recordOf, requireProposal, voidProposal } from './rounds.ts';
import { add, type Demand, must, type Proposed, type World, zeroAddress } from './world.ts';

/** Levels that a demand opens: all of a model of 16 chunks. */
export const demandSpan = 4;

function keyOf({ digest, proposer, proposedAt }: Proposed): string {
  return `${digest} ${proposer} ${proposedAt}`;
}

export function bondWeiOf({ federation }: World): bigint {
  return federation.parameters.demandBondWei * 2n ** BigInt(demandSpan);
}

export function demandHashes(world: World, demander: string, proposal: ProposalStruct, bondWei: bigint): void {
  must(bondWei === bondWeiOf(world), 'WrongBond');
  const key = keyOf(requireProposal(world, proposal));
  const answerBy = holdProposal(world, proposal);
  const same = (other: Demand) =>
    other.open && other.key === key && other.demander === demander && other.answerBy === answerBy;
  must(!world.openings.demands.some((other) => same(other) && other.bondWei === bondWei), 'AlreadyDemanded');
  const round = Number(proposal.round);
  world.openings.demands.push({ key, round, demander, bondWei, answerBy, open: true, proposal });
}

function close({ openings }: World, index: number): Demand {
  const demand = openings.demands[index]!;
  must(demand.open, 'NotDemanded');
  demand.open = false;
  return demand;
}

function requireProposalOf(world: World, demand: Demand): string {
  const record = requireProposal(world, demand.proposal);
  must(keyOf(record) === demand.key, 'AnotherProposal');
  return record.proposer;
}

export function openHashes(world: World, sender: string, index: number, right: boolean): void {
  const demand = close(world, index);
  must(world.now <= demand.answerBy, 'AnswerLate');
  const proposer = requireProposalOf(world, demand);
  must(right, 'WrongOpening');
  add(world.openings.owedWei, proposer, demand.bondWei / 2n);
  add(world.openings.owedWei, sender, demand.bondWei - demand.bondWei / 2n);
}

export function forfeit(world: World, index: number): void {
  const demand = close(world, index);
  must(world.now > demand.answerBy, 'StillTime');
  requireProposalOf(world, demand);
  world.openings.forfeitedAt.set(demand.key, world.now);
  add(world.openings.owedWei, demand.demander, demand.bondWei);
  voidProposal(world, demand.proposal, zeroAddress);
}

export function reclaim(world: World, index: number): void {
  const demand = close(world, index);
  const record = recordOf(world, demand.round);
  const known = record !== undefined && keyOf(record) === demand.key;
  must(!known || world.federation.finalRound >= demand.round, 'StillStanding');
  const forfeitedAt = world.openings.forfeitedAt.get(demand.key) ?? 0;
  const lost = forfeitedAt === 0 ? known : forfeitedAt > demand.answerBy;
  add(world.openings.owedWei, lost ? world.addresses.treasury : demand.demander, demand.bondWei);
}
