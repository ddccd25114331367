/** The shadow of the statements, which pay aggregators their fees and list nobody, and of the pool. */
import { toHex } from '../../../client/core/hash.ts';
import { merkleRoot } from '../../../client/core/merkle.ts';
import { type Balance, buildBalancesTree } from '../../../client/core/rewards/balances.ts';
import type { ProposalStruct } from '../faults.ts';
import { parametersOf, requireAccountOrPayee } from './evaluators.ts';
import { slashAggregator } from './faults.ts';
import { isAggregator } from './membership.ts';
import { proposalDigest } from './proposing.ts';
import { recordOf } from './rounds.ts';
import { seedOf, settledAt } from './scores.ts';
import { type Facts, least, must, rewardRing, type Stated, type Statement, type World, zeroHash } from './world.ts';

export function balancesTree(earnedGwei: readonly bigint[]) {
  const balances: Balance[] = earnedGwei.map((cumulativeGwei) => ({ cumulativeGwei, reputation: 0 }));
  return buildBalancesTree(balances);
}

export function fund({ rewards, now }: World, wei: bigint): void {
  must(wei !== 0n, 'ZeroAmount');
  must(wei % 10n ** 9n === 0n, 'NotWholeGwei');
  rewards.fundedGwei += wei / 10n ** 9n;
  rewards.heldGwei += wei / 10n ** 9n;
  rewards.fundings.push({ at: now, totalGwei: rewards.fundedGwei });
}

/** What it had got before this second. */
export function fundedGweiBefore({ rewards }: World, timestamp: number): bigint {
  return rewards.fundings.findLast(({ at }) => at < timestamp)?.totalGwei ?? 0n;
}

export function standingStatement({ rewards }: World, round: number): Stated | undefined {
  const record = rewards.records.get(round % rewardRing);
  return record?.round === round && record.stands ? record : undefined;
}

/** What the round's payment is, stated now. */
export function paymentOf(world: World, facts: Facts): bigint {
  const { allocatedGwei } = world.rewards;
  const { fundedGwei } = world.rewards;
  // what voters have released is not there any more
  const funded = least(fundedGwei, fundedGweiBefore(world, settledAt(world, facts.round, facts.proposedAt)));
  const available = funded > allocatedGwei ? funded - allocatedGwei : 0n;
  const { rewardGwei } = parametersOf(world, facts.round);
  return available < rewardGwei ? available : rewardGwei;
}

export function proposeRewards(world: World, sender: string, proposal: ProposalStruct, statement: Statement): void {
  must(isAggregator(world, sender), 'NotAnAggregator');
  const facts = factsOf(world, proposal, statement.round);
  state(world, sender, facts, statement);
}

export function restateRewards(world: World, sender: string, voided: Facts, statement: Statement): void {
  const { rewards } = world;
  const { round } = statement;
  must(isAggregator(world, sender), 'NotAnAggregator');
  must(voided.round === round, 'NotVoided');
  const record = rewards.records.get(round % rewardRing);
  must(round !== 0 && record?.round === round && !record.stands, 'NotVoided');
  must(roundOf(record.facts) === roundOf(voided), 'NotVoided');
  must(round > rewards.statedRound && record.previousRound === rewards.statedRound, 'NotNextToReward');
  state(world, sender, { ...voided }, statement);
}

/** What the facts say of the round, whatever is stated of it. */
function roundOf({ round, aggregator, proposedAt, challengeSeconds, inputCount, inputsRoot, scoredAccounts }: Facts) {
  return [round, aggregator, proposedAt, challengeSeconds, inputCount, inputsRoot, scoredAccounts].join();
}

function factsOf(world: World, proposal: ProposalStruct, round: number): Facts {
  const { rewards, federation } = world;
  const record = recordOf(world, round);
  must(round !== 0 && record !== undefined && federation.finalRound >= round, 'RoundNotFinal');
  must(record.digest === proposalDigest(world, record.proposer, proposal), 'AnotherProposal');
  if (round <= rewards.statedRound || record.baseRound !== rewards.statedRound) {
    requirePassedOver(world, round, record.baseRound);
  }
  must(world.now >= settledAt(world, round, record.proposedAt), 'NotYet');
  const scoring = rewards.scorings.get(round % rewardRing);
  const scored =
    scoring?.round === round && scoring.proposedAt === record.proposedAt && scoring.seed === seedOf(record.modelRoot);
  return {
    ...noFacts,
    round,
    aggregator: record.proposer,
    proposedAt: record.proposedAt,
    challengeSeconds: record.closesAt - record.proposedAt,
    inputCount: proposal.inputCount,
    inputsRoot: proposal.inputsRoot,
    scoredAccounts: scored ? scoring.accounts : 0,
  };
}

const noFacts = {
  number: 0,
  previousRound: 0,
  previousAccounts: 0,
  accounts: 0,
  feeGwei: 0n,
};

function requirePassedOver(world: World, round: number, previousRound: number): void {
  const { rewards } = world;
  const record = rewards.records.get(previousRound % rewardRing);
  const waits = record?.round === previousRound && !record.stands && world.now < record.closesAt;
  const lost = previousRound > rewards.statedRound && !waits && recordOf(world, previousRound) === undefined;
  must(round > rewards.statedRound && lost, 'NotNextToReward');
}

function state(world: World, sender: string, facts: Facts, statement: Statement): void {
  const { rewards } = world;
  const previous = rewards.records.get(rewards.statedRound % rewardRing);
  const standsOnFinal = rewards.statedRound === rewards.finalRound;
  facts.number = ++rewards.statements;
  facts.previousRound = rewards.statedRound;
  facts.previousAccounts = standsOnFinal ? rewards.finalAccounts : previous!.accounts;
  const balancesRoot = standsOnFinal ? rewards.balancesRoot : previous!.balancesRoot;
  must(statement.previousBalancesRoot === balancesRoot, 'OtherBalances');
  const least = Math.max(facts.previousAccounts, facts.scoredAccounts);
  must(statement.accounts >= least && statement.accounts <= rewards.accounts.size, 'WrongAccounts');
  facts.accounts = statement.accounts;
  must(statement.paidGwei === paymentOf(world, facts), 'WrongPayment');
  const { aggregatorBasisPoints } = parametersOf(world, facts.round);
  const number = rewards.accounts.get(facts.aggregator)?.number ?? 0;
  const paid = number !== 0 && number <= facts.accounts;
  facts.feeGwei = paid ? (statement.paidGwei * BigInt(aggregatorBasisPoints)) / 10_000n : 0n;
  rewards.allocatedGwei += facts.feeGwei;
  const record = rewards.records.get(facts.round % rewardRing);
  const free = record === undefined || record.round <= rewards.finalRound || record.round === facts.round;
  must(free, 'RewardsInFlight');
  rewards.records.set(facts.round % rewardRing, {
    stands: true,
    closesAt: world.now + facts.challengeSeconds,
    proposer: sender,
    round: facts.round,
    previousRound: facts.previousRound,
    number: facts.number,
    balancesRoot: statement.pageRoot,
    accounts: facts.accounts,
    allocatedGwei: rewards.allocatedGwei,
    facts: { ...facts },
    statement,
  });
  rewards.statedRound = facts.round;
}

function statementInFlight(world: World, round: number): Stated {
  const record = standingStatement(world, round);
  must(round !== 0 && record !== undefined, 'NotStated');
  must(round > world.rewards.finalRound, 'AlreadyFinal');
  return record;
}

export function finalizeRewards(world: World, round: number): void {
  const { rewards } = world;
  const record = statementInFlight(world, round);
  must(record.previousRound === rewards.finalRound, 'NotNextToFinalize');
  must(world.now >= record.closesAt, 'ChallengeWindowOpen');
  Object.assign(rewards, {
    finalRound: round,
    balancesRoot: record.balancesRoot,
    finalAccounts: record.accounts,
    finalGwei: record.allocatedGwei,
  });
}

export function voidRewards(world: World, round: number, challenger: string): void {
  const { rewards } = world;
  const record = statementInFlight(world, round);
  voidSince(world, record.previousRound, world.now + record.facts.challengeSeconds);
  const isFirst = record.previousRound === rewards.finalRound;
  const previous = rewards.records.get(record.previousRound % rewardRing);
  rewards.allocatedGwei = isFirst ? rewards.finalGwei : previous!.allocatedGwei;
  slashAggregator(world, record.proposer, challenger);
}

function voidSince({ rewards }: World, previousRound: number, waitsUntil: number): void {
  while (rewards.statedRound !== previousRound) {
    const record = rewards.records.get(rewards.statedRound % rewardRing)!;
    Object.assign(record, { stands: false, closesAt: waitsUntil });
    rewards.statedRound = record.previousRound;
  }
}

export function claim(
  world: World,
  sender: string,
  account: string,
  { balancesRoot, gwei }: { balancesRoot: string; gwei: bigint },
): void {
  const { rewards } = world;
  const owner = requireAccountOrPayee(world, sender, account);
  must(balancesRoot === rewards.balancesRoot, 'WrongBalance');
  must(gwei > owner.claimedGwei, 'NothingToClaim');
  const amount = gwei - owner.claimedGwei;
  must(rewards.heldGwei >= rewards.fundedGwei - rewards.finalGwei + amount, 'MoreThanAllocated');
  owner.claimedGwei = gwei;
  rewards.heldGwei -= amount;
}

// what votes decide

export function restoreBalances(world: World, round: number, coverGwei: bigint): void {
  const { rewards } = world;
  const record = standingStatement(world, round);
  const isFinal = record !== undefined && round <= rewards.finalRound;
  must(isFinal || round === 0, 'NotStated');
  voidSince(world, rewards.finalRound, world.now);
  const allocated = rewards.finalGwei + coverGwei;
  must(allocated <= rewards.fundedGwei, 'MoreThanFunded');
  Object.assign(rewards, {
    finalGwei: allocated,
    allocatedGwei: allocated,
    finalAccounts: isFinal ? record.accounts : 0,
    balancesRoot: isFinal ? record.balancesRoot : zeroHash,
  });
}

export function releasePool(world: World): void {
  const { rewards, federation } = world;
  must(world.policy.retired, 'NotRetired');
  const settled = federation.settledRound >= federation.latestRound && rewards.statedRound === rewards.finalRound;
  must(settled, 'RewardsInFlight');
  const { finalRound } = federation;
  if (finalRound > rewards.finalRound) {
    const closesAt = recordOf(world, finalRound)?.closesAt ?? 0;
    must(world.now >= closesAt + federation.parameters.unbondingSeconds, 'NotYet');
  }
  const amount = rewards.fundedGwei - rewards.allocatedGwei;
  must(amount !== 0n, 'ZeroAmount');
  rewards.fundedGwei = rewards.allocatedGwei;
  rewards.heldGwei -= amount;
  rewards.fundings.push({ at: world.now, totalGwei: rewards.fundedGwei });
}

export function rootOf(earnedGwei: readonly bigint[]): string {
  return toHex(merkleRoot(balancesTree(earnedGwei).tree));
}
