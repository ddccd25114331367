/** The shadow of the federation's rounds. */
import { AbiCoder, keccak256 } from 'ethers';
import type { ProposalStruct } from '../faults.ts';
import { openRound } from './boundary.ts';
import { slashAggregator } from './faults.ts';
import {
  aggregatorOf,
  attendanceOf,
  hasSubmitted,
  isAggregator,
  isTrainer,
  missTurn,
  removeWaitedFor,
  slotOf,
  slotsOf,
} from './membership.ts';
import { omittedHash, proposalDigest } from './proposing.ts';
import { must, type Proposed, type World, zeroHash } from './world.ts';

const digestBits = 224;

export function submissionDigest(terms: bigint, commitment: string, cid: string): bigint {
  const encoded = AbiCoder.defaultAbiCoder().encode(['uint256', 'bytes32', 'bytes32'], [terms, commitment, cid]);
  return BigInt.asUintN(digestBits, BigInt(keccak256(encoded)));
}

export interface Submission {
  round: number;
  squaredNorm: bigint;
  weight: number;
  commitment: string;
  cid: string;
}

export function submitUpdate(world: World, account: string, submission: Submission): void {
  const { clock } = world.federation;
  const { round, squaredNorm, weight, commitment, cid } = submission;
  must(round === clock.round, 'WrongRound');
  must(world.now < clock.submissionDeadline, 'SubmissionsClosed');
  must(squaredNorm <= clock.maxSquaredNorm, 'NormAboveBound');
  must(weight > 0 && weight <= clock.maxWeight, 'WeightOutOfBounds');
  const slot = slotOf(world, account, round);
  must(slot !== undefined && !slot.retired, 'NotATrainer');
  must(slot.round < round, 'AlreadySubmitted');
  const terms = (BigInt(round) << 80n) | (squaredNorm << 16n) | BigInt(weight);
  const digest = submissionDigest(terms, commitment, cid);
  slotsOf(world, account)[round % world.ringSize] = { round, digest, retired: false };
}

export function claimTurn(world: World, account: string, round: number, digest: string): void {
  must(isAggregator(world, account), 'NotAnAggregator');
  must(round === world.federation.clock.round && round !== 0, 'WrongRound');
  const claim = { claimedRound: round, claimedAt: world.now, claimedDigest: digest };
  world.federation.aggregators.set(account, { ...aggregatorOf(world, account), ...claim });
}

/** What stands of a round. */
export function recordOf({ federation, ringSize }: World, round: number): Proposed | undefined {
  const record = federation.proposals.get(round % ringSize);
  return record?.round === round ? record : undefined;
}

export function finalizeRound(world: World, round: number): void {
  const { federation } = world;
  const record = recordOf(world, round);
  must(round !== 0 && record !== undefined, 'NotProposed');
  must(record.baseRound === federation.finalRound && round > federation.finalRound, 'NotNextToFinalize');
  must(world.now >= record.closesAt, 'ChallengeWindowOpen');
  federation.finalRound = round;
  federation.settledRound = Math.max(federation.settledRound, round);
  if (federation.clock.round === 0) openRound(world, federation.clock.baseRound);
}

export function skipRound(world: World, round: number): void {
  const { federation } = world;
  const { clock, parameters } = federation;
  must(round === clock.round && round !== 0, 'WrongRound');
  const endsAt = clock.submissionDeadline + parameters.submissionSeconds + 2 * parameters.turnSeconds;
  must(world.now >= endsAt, 'StillInTime');
  federation.skippedRound = round;
  missTurn(world);
  federation.base.reputations = zeroHash;
  openRound(world, clock.baseRound);
}

export function callOpenRound(world: World): void {
  const { clock } = world.federation;
  must(clock.round === 0, 'RoundOpen');
  openRound(world, clock.baseRound);
}

// challenges

export function requireProposal(world: World, proposal: ProposalStruct): Proposed {
  const record = recordOf(world, Number(proposal.round));
  must(record !== undefined, 'NotProposed');
  must(record.round > world.federation.finalRound, 'AlreadyFinal');
  must(record.digest === proposalDigest(world, record.proposer, proposal), 'AnotherProposal');
  return record;
}

export function voidProposal(world: World, proposal: ProposalStruct, challenger: string): void {
  const { federation, ringSize } = world;
  const { clock } = federation;
  const { round, proposer, proposedAt } = requireProposal(world, proposal);
  const latest = clock.round === 0 ? federation.latestRound : clock.round - 1;
  for (let later = round; later <= latest; later++) {
    if (recordOf(world, later) !== undefined) federation.proposals.delete(later % ringSize);
  }
  federation.voidedAt = proposedAt;
  federation.base = { modelRoot: proposal.baseModelRoot, reputations: proposal.reputations };
  const terms = federation.terms.get(round % ringSize)!;
  const windowSeconds = proposedAt < terms.submissionDeadline ? terms.submissionDeadline - terms.openedAt : 0;
  Object.assign(terms, { openedAt: world.now, submissionDeadline: world.now + windowSeconds });
  Object.assign(clock, {
    round,
    baseRound: Number(proposal.baseRound),
    expectedTrainers: terms.expectedTrainers,
    submissionDeadline: terms.submissionDeadline,
    rule: Number(proposal.rule),
    trimBasisPoints: Number(proposal.trimBasisPoints),
    reopened: true,
    edition: (clock.edition + 1) % 256,
  });
  slashAggregator(world, proposer, challenger);
}

/** @returns until when a demand may be answered. */
export function holdProposal(world: World, proposal: ProposalStruct): number {
  const record = requireProposal(world, proposal);
  const { answerSeconds, challengeSeconds } = world.federation.parameters;
  const answerBy = world.now + answerSeconds;
  if (answerBy + answerSeconds <= record.closesAt) return answerBy;
  const held = record.closesAt !== record.proposedAt + challengeSeconds;
  must(!held && world.now < record.closesAt, 'TooLateToDemand');
  record.closesAt = answerBy + answerSeconds;
  return answerBy;
}

export function reportUnserved(world: World, proposal: ProposalStruct, omitted: string[], account: string): void {
  must(isTrainer(world, account), 'NotATrainer');
  const slashed = world.federation.slashedTrainers.has(`${account} ${proposal.round}`);
  must(hasSubmitted(world, account, Number(proposal.round)) && !slashed, 'NotUnserved');
  const record = recordOf(world, Number(proposal.round));
  const isFinal = record !== undefined && record.round <= world.federation.finalRound;
  must(isFinal, 'NotFinal');
  must(record.digest === proposalDigest(world, record.proposer, proposal), 'AnotherProposal');
  const attendance = attendanceOf(world, account);
  const named = omittedHash(omitted) === proposal.omittedHash && omitted.includes(account);
  must(record.round > attendance.unservedRound && named, 'NotUnserved');
  attendance.unserved = record.round > attendance.unservedRound + 16 ? 1 : attendance.unserved + 1;
  attendance.unservedRound = record.round;
  if (attendance.unserved >= 3) removeWaitedFor(world, account);
}
