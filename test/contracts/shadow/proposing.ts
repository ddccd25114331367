/** The shadow of a proposal: what it must say, when, and who must have signed it. */
import { AbiCoder, keccak256, solidityPackedKeccak256 } from 'ethers';
import type { ProposalStruct } from '../faults.ts';
import { openRound } from './boundary.ts';
import { electorWeight, memberCount } from './evaluators.ts';
import { aggregatorOf, aggregatorsOf, isAggregator, missTurn, termsOf } from './membership.ts';
import { must, type World, zeroHash } from './world.ts';

const proposalTypes = [
  ...['uint32', 'uint32', 'uint32', 'uint64', 'uint8', 'uint16'],
  ...Array.from({ length: 8 }, () => 'bytes32'),
];
export function proposalHash(world: World, proposer: string, proposal: ProposalStruct): string {
  const types = ['uint256', 'address', 'address', ...proposalTypes];
  const values = [world.chainId, world.addresses.federation, proposer, ...Object.values(proposal)];
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, values));
}

/** As a record keeps it: cut to 28 bytes. */
export function proposalDigest(world: World, proposer: string, proposal: ProposalStruct): string {
  return proposalHash(world, proposer, proposal).slice(0, 58);
}

export function omittedHash(omitted: readonly string[]): string {
  if (omitted.length === 0) return zeroHash;
  return solidityPackedKeccak256(['address[]'], [omitted]);
}

export interface Proposing {
  proposal: ProposalStruct;
  /** The whole of its digest, as `claimTurn` names it. */
  claim: string;
  omitted: string[];
  /** Who signs what the proposal says, by ascending address. */
  signers: string[];
  /** Whether one of the signatures is of something else. */
  forged: boolean;
  /** Whether the block at which it was read is another one now. */
  reorganised: boolean;
}

export function proposeAggregate(world: World, account: string, proposing: Proposing): void {
  const { federation } = world;
  const { clock, parameters } = federation;
  const { proposal } = proposing;
  const round = Number(proposal.round);
  must(isAggregator(world, account), 'NotAnAggregator');
  must(round === clock.round && round !== 0, 'WrongRound');
  must(!proposing.reorganised, 'AnotherChain');
  requireInputs(world, proposal);
  takeTurn(world, account, round, proposing.claim);
  must(omittedHash(proposing.omitted) === proposal.omittedHash, 'WrongOmissions');
  requireQuorum(world, account, round, proposing);
  const terms = termsOf(world, round)!;
  terms.expectedTrainers = clock.expectedTrainers;
  terms.submissionDeadline = clock.submissionDeadline;
  const { modelRoot, reputations } = federation.base;
  const rightBase = proposal.baseModelRoot === modelRoot && proposal.reputations === reputations;
  must(Number(proposal.baseRound) === clock.baseRound && rightBase, 'WrongBase');

  // no two proposals of a round are of one second
  const proposedAt = clock.reopened ? Math.max(world.now, federation.voidedAt + 1) : world.now;
  federation.proposals.set(round % world.ringSize, {
    proposer: account,
    round,
    baseRound: clock.baseRound,
    proposedAt,
    modelRoot: proposal.modelRoot,
    digest: proposalDigest(world, account, proposal),
    closesAt: proposedAt + parameters.challengeSeconds,
  });
  federation.base = { modelRoot: proposal.modelRoot, reputations: nextReputations(world) };
  openRound(world, round);
}

function requireInputs(world: World, proposal: ProposalStruct): void {
  const { clock, parameters } = world.federation;
  const { inputCount, totalWeight } = proposal;
  must(Number(proposal.rule) === clock.rule && Number(proposal.trimBasisPoints) === clock.trimBasisPoints, 'WrongRule');
  const minimum = parameters.minimumUpdates || Math.floor(clock.expectedTrainers / 2) + 1;
  must(inputCount >= minimum, 'TooFewInputs');
  must(totalWeight >= inputCount && totalWeight <= BigInt(inputCount * clock.maxWeight), 'WeightOutOfBounds');
  must(inputCount <= clock.expectedTrainers, 'TooManyInputs');
  must(world.now >= clock.submissionDeadline || inputCount === clock.expectedTrainers, 'SubmissionsOpen');
}

/** Out of turn, a turn after the deadline, or after it claimed this very proposal. */
function takeTurn(world: World, account: string, round: number, claim: string): void {
  const { federation } = world;
  const { submissionDeadline } = federation.clock;
  const aggregator = { ...aggregatorOf(world, account), lastProposed: round, missedTurns: 0 };
  federation.aggregators.set(account, aggregator);
  if (account === federation.turns[0]?.account) return;
  const claimed = aggregator.claimedRound === round && aggregator.claimedDigest === claim;
  const startsAt = claimed ? Math.min(aggregator.claimedAt, submissionDeadline) : submissionDeadline;
  must(world.now >= startsAt + federation.parameters.turnSeconds, 'NotYourTurn');
  missTurn(world);
}

function requireQuorum(world: World, account: string, round: number, { signers, forged }: Proposing): void {
  let given = electorWeight(world, account, round);
  for (const [index, signer] of signers.entries()) {
    must(signer !== account, 'SignersNotAscending');
    const weight = electorWeight(world, signer, round);
    must(weight > 0, 'NotAnElector');
    must(!(forged && index === 0), 'WrongSignature');
    given += weight;
  }
  must(given >= quorumOf(world, round), 'TooFewAttestations');
}

export function quorumOf(world: World, round: number): number {
  const { aggregators = 0, evaluators = 0 } = termsOf(world, round) ?? {};
  // nobody waits for who is gone
  const electors = Math.min(aggregators, aggregatorsOf(world).length) + Math.min(evaluators, memberCount(world));
  return Math.floor((electors * world.federation.parameters.attestationBasisPoints) / 10_000) + 1;
}

function nextReputations({ federation, rewards }: World): string {
  const { reputationFloorBasisPoints: floor, rule } = federation.parameters;
  if (floor === 10_000 || rule !== 0 || rewards.finalAccounts === 0) return zeroHash;
  const rest = (BigInt(rewards.finalAccounts) << 16n) | BigInt(floor);
  const word = ((BigInt(rewards.balancesRoot) >> 48n) << 48n) | rest;
  return `0x${word.toString(16).padStart(64, '0')}`;
}
