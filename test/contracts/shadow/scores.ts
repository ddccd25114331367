/** The shadow of scores: committed to, shown, demanded, forfeited. */
import { AbiCoder, keccak256 } from 'ethers';
import { parametersOf, remove } from './evaluators.ts';
import { termsOf } from './membership.ts';
import { recordOf } from './rounds.ts';
import { checkpoint, positionOf, slash } from './stake.ts';
import { add, must, rewardRing, type ScoreSlot, type Scoring, type World } from './world.ts';

const coder = AbiCoder.defaultAbiCoder();
const lots = 2n ** 256n - 1n;
/** What a place of the ring holds that was never used: no evaluator is one of round 0. */
const noScoring: Scoring = { round: 0, proposedAt: 0, evaluators: 0, accounts: 0, seed: 0n };

export function reportAbsence(world: World, account: string, rounds: number[]): void {
  const evaluator = world.rewards.evaluators.get(account);
  must(evaluator?.member === true, 'NotAnEvaluator');
  must(rounds.length === Math.min(4, world.ringSize - 1), 'WrongPathLength');
  let last = evaluator.joinedAfter;
  for (const round of rounds) {
    const isFinal = round <= world.federation.finalRound && recordOf(world, round) !== undefined;
    const scoring = world.rewards.scorings.get(round % rewardRing);
    const drawn = scoring?.round !== round || isDrawnIn(world, scoring, account);
    const missed = drawn && (scoreSlotOf(world, account, round)?.round ?? 0) < round;
    must(round > last && isFinal && missed, 'NotAbsent');
    last = round;
  }
  remove(world, account);
}

export function scoreSlotOf({ rewards }: World, account: string, round: number): ScoreSlot | undefined {
  return rewards.scores.get(`${account} ${round % rewardRing}`);
}

function isDrawnIn(world: World, scoring: Scoring, account: string): boolean {
  const seats = BigInt(parametersOf(world, scoring.round).committeeSize);
  if (scoring.evaluators <= seats) return true;
  const lot = BigInt(keccak256(coder.encode(['uint128', 'address'], [scoring.seed, account])));
  return lot < (lots / BigInt(scoring.evaluators)) * seats;
}

export function isDrawn(world: World, round: number, account: string): boolean {
  const scoring = world.rewards.scorings.get(round % rewardRing);
  must(scoring?.round === round, 'RoundNotProposed');
  return isDrawnIn(world, scoring, account);
}

export function seedOf(modelRoot: string): bigint {
  return BigInt.asUintN(128, BigInt(modelRoot));
}

export function openScoring(world: World, round: number): Scoring {
  const record = recordOf(world, round);
  must(round !== 0 && record !== undefined, 'RoundNotProposed');
  const stored = world.rewards.scorings.get(round % rewardRing);
  const seed = seedOf(record.modelRoot);
  if (stored?.round === round && stored.proposedAt === record.proposedAt && stored.seed === seed) return stored;
  must(world.now < record.proposedAt + parametersOf(world, round).scoringSeconds, 'ScoringClosed');
  const evaluators = termsOf(world, round)?.evaluators ?? 0;
  const { proposedAt } = record;
  const scoring = { round, proposedAt, evaluators, accounts: world.rewards.accounts.size, seed };
  world.rewards.scorings.set(round % rewardRing, scoring);
  return scoring;
}

export function commitScores(world: World, account: string, round: number, commitment: bigint): void {
  const { rewards } = world;
  const evaluator = rewards.evaluators.get(account);
  const proposedAt = Number(BigInt.asUintN(32, commitment >> 188n));
  let scoring = rewards.scorings.get(round % rewardRing) ?? noScoring;
  if (scoring.round !== round || scoring.proposedAt !== proposedAt) scoring = openScoring(world, round);
  must(scoring.proposedAt === proposedAt, 'AnotherProposal');
  must(evaluator?.member === true && evaluator.joinedAfter < round, 'NotAnEvaluator');
  must(world.now < scoring.proposedAt + parametersOf(world, round).scoringSeconds, 'ScoringClosed');
  must(isDrawnIn(world, scoring, account), 'NotDrawn');
  const slot = scoreSlotOf(world, account, round);
  must(!(slot?.round === round && slot.proposedAt === proposedAt), 'AlreadyCommitted');
  must(slot === undefined || slot.round === round || slot.round <= rewards.finalRound, 'ScoresStillNeeded');
  if (slot?.demanded && !slot.forfeited) returnBond(world, account, slot.round);
  rewards.scores.set(`${account} ${round % rewardRing}`, {
    round,
    proposedAt,
    commitment: BigInt.asUintN(188, commitment),
    revealed: false,
    demanded: false,
    published: false,
    forfeited: false,
  });
}

function committedSlot(world: World, account: string, round: number): ScoreSlot {
  const slot = scoreSlotOf(world, account, round);
  must(round !== 0 && slot?.round === round, 'NotCommitted');
  return slot;
}

export function revealScores(world: World, account: string, round: number, commitment: bigint): void {
  const slot = committedSlot(world, account, round);
  const { scoringSeconds, revealSeconds } = parametersOf(world, round);
  must(!slot.revealed, 'AlreadyRevealed');
  must(world.now >= slot.proposedAt + scoringSeconds, 'NotYet');
  must(world.now < slot.proposedAt + scoringSeconds + revealSeconds, 'TooLate');
  must(slot.commitment === BigInt.asUintN(188, commitment), 'OtherScores');
  slot.revealed = true;
}

export function demandScores(world: World, sender: string, round: number, account: string, bondWei: bigint): void {
  const slot = committedSlot(world, account, round);
  const { scoringSeconds, revealSeconds, publishSeconds, demandBondWei } = parametersOf(world, round);
  must(slot.revealed, 'NotRevealed');
  must(!slot.demanded && !slot.published, 'AlreadyDemanded');
  must(world.now < slot.proposedAt + scoringSeconds + revealSeconds + publishSeconds, 'TooLate');
  must(bondWei === demandBondWei, 'WrongBond');
  slot.demanded = true;
  world.rewards.demands.set(`${account} ${round}`, { demander: sender, bondWei });
}

/** @param costWei What publishing has cost, which only the chain knows. */
export function publishScores(
  world: World,
  sender: string,
  { round, account, commitment }: { round: number; account: string; commitment: bigint },
  costWei: bigint,
): void {
  const slot = committedSlot(world, account, round);
  must(slot.demanded, 'NotDemanded');
  must(world.now < settledAt(world, round, slot.proposedAt), 'TooLate');
  must(slot.commitment === BigInt.asUintN(188, commitment), 'OtherScores');
  Object.assign(slot, { demanded: false, published: true });
  const { demander, bondWei } = takeBond(world, account, round);
  add(world.rewards.owedWei, sender, costWei);
  add(world.rewards.owedWei, demander, bondWei - costWei);
}

export function forfeitScores(world: World, sender: string, round: number, account: string): void {
  const { rewards, federation } = world;
  const slot = committedSlot(world, account, round);
  const { scoringSeconds, revealSeconds, evaluatorStakeWei, missedRevealBasisPoints } = parametersOf(world, round);
  const shown = (slot.revealed && !slot.demanded) || slot.forfeited;
  const stood = recordOf(world, round)?.proposedAt === slot.proposedAt;
  must(!shown && (stood || slot.demanded), 'NothingForfeited');
  const revealEndsAt = slot.proposedAt + scoringSeconds + revealSeconds;
  must(world.now >= (slot.demanded ? settledAt(world, round, slot.proposedAt) : revealEndsAt), 'NotYet');
  slot.forfeited = true;
  if (slot.demanded) returnBond(world, account, round);
  if (!stood) return;
  const wei = (evaluatorStakeWei * BigInt(missedRevealBasisPoints)) / 10_000n;
  slash(world, 'rewards', account, wei, sender, federation.parameters.challengerBasisPoints);
  checkpoint(world, 'rewards', account);
  const short = positionOf(world, 'rewards', account).bondedWei < evaluatorStakeWei;
  if (rewards.evaluators.get(account)?.member && short) remove(world, account);
}

/** When nothing about the scores of a proposal can change any more. */
export function settledAt(world: World, round: number, proposedAt: number): number {
  const { scoringSeconds, revealSeconds, publishSeconds } = parametersOf(world, round);
  return proposedAt + scoringSeconds + revealSeconds + 2 * publishSeconds;
}

function returnBond(world: World, account: string, round: number): void {
  const { demander, bondWei } = takeBond(world, account, round);
  add(world.rewards.owedWei, demander, bondWei);
}

function takeBond({ rewards }: World, account: string, round: number) {
  const demand = rewards.demands.get(`${account} ${round}`)!;
  rewards.demands.delete(`${account} ${round}`);
  return demand;
}
