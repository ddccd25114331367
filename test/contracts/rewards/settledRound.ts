/** A round that is really trained, proposed, scored and final on chain, and the statement of its rewards. */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { getBytes, id, type Result } from 'ethers';
import { fromHex, toHex } from '../../../client/core/hash.ts';
import { type Balances, buildBalancesTree, proveBalance } from '../../../client/core/rewards/balances.ts';
import type { EvaluatorReveal } from '../../../client/core/rewards/roundScores.ts';
import { commitScores, scoresRoot, timeCommitment } from '../../../client/core/rewards/scores.ts';
import { type Settlement, settleRound } from '../../../client/core/rewards/settle.ts';
import { encodeStatement, type RewardStatement } from '../../../client/core/rewards/statement.ts';
import type { HostileToken, TributaryToken } from '../../../types/ethers-contracts/index.js';
import type { RewardFactsStruct } from '../../../types/ethers-contracts/rewards/Rewards.js';
import { bond, type Founded, rewardParameters } from '../deployment.ts';
import type { ProposalStruct } from '../faults.ts';
import { proposeStaged, type Staged, stage } from '../stagedRound.ts';

const weiPerToken = 10n ** 18n;

export interface Scored extends Staged {
  proposal: ProposalStruct;
  proposer: HardhatEthersSigner;
  proposedAt: number;
}

/** By evaluator: its scores of the scored trainers, by place. */
export type ScoreTable = readonly (readonly number[])[];

export const salt = getBytes(id('salt'));

/** Enrols everybody, or the first trainers only, and lets the evaluators join; trainers first, so that their places are 0, 1, 2 … */
export async function stageScored(
  evaluatorCount = 3,
  options: Parameters<typeof stage>[0] & { enrolled?: number } = {},
  rewardChoices: Partial<typeof rewardParameters> = {},
): Promise<Scored> {
  const convene = async (founded: Founded) => {
    const { rewards, trainers, aggregators, accounts } = founded;
    const enrolled = trainers.slice(0, options.enrolled);
    for (const account of [...enrolled, ...aggregators]) await rewards.connect(account).enrol(account.address);
    // different stakes, worth whole gwei
    for (const [index, trainer] of trainers.entries()) await bond(founded, trainer, BigInt(index + 1) * 10n ** 20n);
    const evaluators = accounts.slice(10, 10 + evaluatorCount);
    for (const evaluator of evaluators) await joinAsEvaluator(founded, evaluator);
    return evaluators;
  };
  const staged = await stage({ ...options, rewards: rewardChoices, convene });
  const { rewards, token } = staged;
  await token.approve(rewards, 10n ** 24n);
  await rewards.fund(10n ** 24n);
  return await proposeForScoring(staged);
}

export async function joinAsEvaluator(
  { rewards, token, stake }: Pick<Staged, 'rewards' | 'stake'> & { token: TributaryToken | HostileToken },
  evaluator: HardhatEthersSigner,
  tokens = 100n,
): Promise<void> {
  await token.transfer(evaluator.address, tokens * 10n ** 18n);
  await token.connect(evaluator).approve(stake, tokens * 10n ** 18n);
  await stake.connect(evaluator).deposit(rewards, tokens * 10n ** 18n);
  await rewards.connect(evaluator).enrol(evaluator.address);
  await rewards.connect(evaluator).joinAsEvaluator();
}

async function proposeForScoring(staged: Staged): Promise<Scored> {
  const proposal = await proposeStaged(staged);
  const record = await staged.federation.proposalOf(proposal.round);
  const proposer = staged.aggregators.find(({ address }) => address === record.proposer)!;
  return { ...staged, proposal, proposer, proposedAt: Number(record.proposedAt) };
}

export function rootOf(scores: readonly number[]): string {
  return toHex(scoresRoot(salt, Int16Array.from(scores)));
}

export async function commitmentOf(
  scored: Pick<Scored, 'ethers' | 'rewards' | 'proposedAt'>,
  evaluator: string,
  scores: readonly number[],
  round = 1,
) {
  const { chainId } = await scored.ethers.provider.getNetwork();
  const rewards = await scored.rewards.getAddress();
  const commitment = commitScores({ chainId, rewards, round, evaluator }, fromHex(rootOf(scores)));
  return toHex(timeCommitment(commitment, scored.proposedAt));
}

export async function commitAll(scored: Scored, table: ScoreTable): Promise<void> {
  for (const [index, scores] of table.entries()) {
    const evaluator = scored.evaluators[index]!;
    const commitment = await commitmentOf(scored, evaluator.address, scores);
    await scored.rewards.connect(evaluator).commitScores(1, commitment);
  }
}

export async function revealAll(scored: Scored, table: ScoreTable): Promise<void> {
  await toReveal(scored);
  for (const [index, scores] of table.entries()) {
    await scored.rewards.connect(scored.evaluators[index]!).revealScores(1, rootOf(scores));
  }
}

export async function toReveal({ time, proposedAt }: Scored): Promise<void> {
  await time.increaseTo(proposedAt + rewardParameters.scoringSeconds);
}

/** When nothing about the scores changes any more, and the round is final. */
export async function finalize({ time, federation, proposedAt }: Scored): Promise<void> {
  await time.increaseTo(proposedAt + 500);
  await federation.finalizeRound(1);
}

/** Committed, shown and final. */
export async function score(scored: Scored, table: ScoreTable): Promise<Settlement> {
  await commitAll(scored, table);
  await revealAll(scored, table);
  await finalize(scored);
  return await settle(scored, table);
}

/** The right settlement of round 1. */
export async function settle(
  scored: Scored,
  table: ScoreTable,
  previous: Balances = [],
  rewardGwei = rewardParameters.rewardGwei,
): Promise<Settlement> {
  const { rewards, stake, federation, trainers, evaluators, proposedAt } = scored;
  const placeOf = async (account: string) => Number((await rewards.accountOf(account)).number) - 1;
  const tokensAt = async (of: string, account: string) =>
    (await stake.bondedWeiAt(of, account, proposedAt)) / weiPerToken;
  const reveals: EvaluatorReveal[] = [];
  for (const [index, scores] of table.entries()) {
    const evaluator = evaluators[index]!.address;
    reveals.push({
      evaluator,
      place: await placeOf(evaluator),
      scoresRoot: fromHex(rootOf(scores)),
      salt,
      stakeTokens: await tokensAt(await rewards.getAddress(), evaluator),
      scores: Int16Array.from(scores),
    });
  }
  const entries = [];
  for (const [inputIndex, { address }] of trainers.entries()) {
    const stakeTokens = await tokensAt(await federation.getAddress(), address);
    const place = await placeOf(address);
    if (place >= 0) entries.push({ place, inputIndex, trainer: address, stakeTokens });
  }
  const { fundedGwei, allocatedGwei } = await rewards.pool();
  return settleRound({
    round: 1,
    trainers: entries.sort((a, b) => a.place - b.place),
    evaluators: reveals,
    terms: {
      rewardGwei,
      availableGwei: fundedGwei - allocatedGwei,
      aggregatorBasisPoints: rewardParameters.aggregatorBasisPoints,
      evaluatorBasisPoints: rewardParameters.evaluatorBasisPoints,
    },
    aggregatorPlace: await placeOf(scored.proposer.address),
    accounts: Number(await rewards.accountCount()),
    previous,
  });
}

/** As ethers takes it. */
export function statementArgument({ previousBalancesRoot, evaluators, entries, pageRoots, ...rest }: RewardStatement) {
  return {
    ...rest,
    previousBalancesRoot: toHex(previousBalancesRoot),
    evaluators: toHex(evaluators),
    entries: toHex(entries),
    pageRoots: pageRoots.map(toHex),
  };
}

export type StatementArgument = ReturnType<typeof statementArgument>;

/** The settlement's statement, changed. */
export function falsified(settlement: Settlement, change: (statement: Settlement) => Partial<Settlement>) {
  const { evaluators, entries, pageRoots, middle } = { ...settlement, ...change(settlement) };
  return statementArgument(encodeStatement({ ...settlement.statement, middle, evaluators, entries, pageRoots }));
}

/** What a claim shows. */
export function claimOf({ balances }: Pick<Settlement, 'balances'>, place: number) {
  const { cumulativeGwei, reputation } = balances[place]!;
  return { cumulativeGwei, reputation, path: proveBalance(buildBalancesTree(balances), place).map(toHex) };
}

/** States it, and answers what the contract made of it. */
export async function state(
  { rewards, proposer, proposal }: Pick<Scored, 'rewards' | 'proposer' | 'proposal'>,
  statement: StatementArgument,
) {
  await rewards.connect(proposer).proposeRewards(proposal, statement);
  const proposed = await rewards.queryFilter(rewards.filters.RewardsProposed(), -1);
  const facts = (proposed.at(-1)!.args.facts as unknown as Result).toObject() as RewardFactsStruct;
  return { facts, statement };
}
