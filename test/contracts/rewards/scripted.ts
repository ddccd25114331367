/** Rewards of a federation that is scripted: as many rounds as a test needs, which nobody trains. */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { id, ZeroHash } from 'ethers';
import { fromHex } from '../../../client/core/hash.ts';
import type { Balances } from '../../../client/core/rewards/balances.ts';
import type { RoundScores } from '../../../client/core/rewards/roundScores.ts';
import { type Settlement, settleRound } from '../../../client/core/rewards/settle.ts';
import type {
  HostileToken,
  Policy,
  RewardChallenges,
  Rewards,
  ScriptedFederation,
  Stake,
} from '../../../types/ethers-contracts/index.js';
import { type Connection, connect } from '../connection.ts';
import { deployPolicy, deployRewards, parameters, rewardParameters } from '../deployment.ts';
import type { ProposalStruct } from '../faults.ts';
import { deployRewardLibraries } from '../libraries.ts';
import { commitmentOf, falsified, joinAsEvaluator, rootOf, salt, state } from './settledRound.ts';

export const weiPerGwei = 10n ** 9n;
/** From a proposal until its scores are settled. */
export const settleSeconds =
  rewardParameters.scoringSeconds + rewardParameters.revealSeconds + 2 * rewardParameters.publishSeconds;

export interface Scripted extends Connection {
  /** Honest until it is told otherwise; `accounts[0]` has all of it. */
  token: HostileToken;
  stake: Stake;
  federation: ScriptedFederation;
  policy: Policy;
  rewards: Rewards;
  rewardChallenges: RewardChallenges;
  accounts: HardhatEthersSigner[];
  /** Who proposes every round; its account is the first. */
  proposer: HardhatEthersSigner;
  other: HardhatEthersSigner;
  stranger: HardhatEthersSigner;
}

/** With a pool of `fundedGwei`. */
export async function script(
  choices: Partial<typeof rewardParameters> = {},
  fundedGwei = 10n ** 15n,
): Promise<Scripted> {
  const connection = await connect();
  const { ethers } = connection;
  const accounts = await ethers.getSigners();
  const [treasury, proposer, other, stranger] = accounts;
  const token = await ethers.deployContract('HostileToken');
  const stake = await ethers.deployContract('Stake', [await token.getAddress(), treasury!.address, 5000]);
  const federation = await ethers.deployContract('ScriptedFederation', [parameters.challengeSeconds]);
  const rewardChallenges = await ethers.deployContract('RewardChallenges');
  const libraries = await deployRewardLibraries(connection);
  const from = treasury!.address;
  const nonce = (await ethers.provider.getTransactionCount(from)) + 1;
  const at = { federation: await federation.getAddress(), rewards: ethers.getCreateAddress({ from, nonce }) };
  const policy = await deployPolicy(connection, at, parameters, { ...rewardParameters, ...choices });
  const rewards = await deployRewards(connection, { policy, stake, token, rewardChallenges }, libraries);
  for (const aggregator of [proposer!, other!]) {
    await federation.appoint(aggregator.address);
    await rewards.connect(aggregator).enrol(aggregator.address);
  }
  await token.approve(rewards, 2n ** 255n);
  if (fundedGwei !== 0n) await rewards.fund(fundedGwei * weiPerGwei);
  const contracts = { token, stake, policy, federation, rewards, rewardChallenges };
  return { ...connection, ...contracts, accounts, proposer: proposer!, other: other!, stranger: stranger! };
}

/** `accounts[4]` and so on, each with its stake: evaluators of every round. */
export async function enlist(scripted: Scripted, count: number, tokens = 100n): Promise<HardhatEthersSigner[]> {
  const evaluators = scripted.accounts.slice(4, 4 + count);
  for (const evaluator of evaluators) await joinAsEvaluator(scripted, evaluator, tokens);
  await scripted.federation.convene(count);
  return evaluators;
}

export type Proposed = Scripted & { proposal: ProposalStruct; proposedAt: number; round: number };

export async function propose(
  scripted: Scripted,
  round: number,
  changes: Partial<ProposalStruct> = {},
): Promise<Proposed> {
  const proposal: ProposalStruct = {
    round: BigInt(round),
    baseRound: BigInt(round - 1),
    inputCount: 1,
    totalWeight: 1n,
    rule: 0n,
    trimBasisPoints: 0n,
    baseModelRoot: id(`model ${round - 1}`),
    modelRoot: id(`model ${round}`),
    modelCid: ZeroHash,
    inputsCid: ZeroHash,
    inputsRoot: id(`inputs ${round}`),
    columnsRoot: ZeroHash,
    omittedHash: ZeroHash,
    reputations: ZeroHash,
    ...changes,
  };
  await scripted.federation.propose(proposal, scripted.proposer.address);
  const { proposedAt } = await scripted.federation.proposalOf(round);
  return { ...scripted, proposal, proposedAt: Number(proposedAt), round };
}

/** Rounds `from` to `to`, all final and with nothing open about their scores. */
export async function playFinal(scripted: Scripted, from: number, to: number): Promise<Proposed[]> {
  const rounds: Proposed[] = [];
  for (let round = from; round <= to; round++) rounds.push(await propose(scripted, round));
  await scripted.time.increase(settleSeconds);
  await scripted.federation.finalize(to);
  return rounds;
}

/** The right settlement of the round; without scores the proposer earns its fee, and nobody anything else. */
export async function settle(
  { rewards, proposer, round }: Proposed,
  previous: Balances = [],
  scored: Partial<RoundScores> = {},
): Promise<Settlement> {
  const { fundedGwei, allocatedGwei } = await rewards.pool();
  const { rewardGwei } = await rewards.rewardParameters();
  const { aggregatorBasisPoints, evaluatorBasisPoints } = rewardParameters;
  return settleRound({
    round,
    trainers: [],
    evaluators: [],
    terms: { rewardGwei, availableGwei: fundedGwei - allocatedGwei, aggregatorBasisPoints, evaluatorBasisPoints },
    aggregatorPlace: Number((await rewards.accountOf(proposer.address)).number) - 1,
    accounts: Number(await rewards.accountCount()),
    previous,
    ...scored,
  });
}

export interface Stated extends Awaited<ReturnType<typeof state>> {
  settlement: Settlement;
}

/** Settles and states the rounds, one after the other. */
export async function stateAll(rounds: readonly Proposed[], previous: Balances = []): Promise<Stated[]> {
  const stated: Stated[] = [];
  for (const round of rounds) {
    const settlement = await settle(round, stated.at(-1)?.settlement.balances ?? previous);
    stated.push({ settlement, ...(await state(round, unchanged(settlement))) });
  }
  return stated;
}

export function unchanged(settlement: Settlement) {
  return falsified(settlement, () => ({}));
}

export async function finalizeAll({ rewards, time }: Scripted, from: number, to: number): Promise<void> {
  await time.increase(parameters.challengeSeconds);
  for (let round = from; round <= to; round++) await rewards.finalizeRewards(round);
}

/** As the reward challenges do with a statement that is refuted. */
export async function voidStated(scripted: Scripted, { facts, statement }: Pick<Stated, 'facts' | 'statement'>) {
  const { rewards, rewardChallenges, stranger, networkHelpers, ethers } = scripted;
  const judge = await rewardChallenges.getAddress();
  await networkHelpers.setBalance(judge, 10n ** 18n);
  const signer = await ethers.getImpersonatedSigner(judge);
  return await rewards.connect(signer).voidRewards(facts, statement, stranger.address);
}

/** Commits and, when it is time, reveals. */
export async function show(
  proposed: Proposed,
  evaluators: readonly HardhatEthersSigner[],
  scores: readonly number[],
): Promise<void> {
  const { rewards, time, round, proposedAt } = proposed;
  for (const evaluator of evaluators) {
    await rewards
      .connect(evaluator)
      .commitScores(round, await commitmentOf(proposed, evaluator.address, scores, round));
  }
  await time.increaseTo(proposedAt + rewardParameters.scoringSeconds);
  for (const evaluator of evaluators) await rewards.connect(evaluator).revealScores(round, rootOf(scores));
}

/** As `settleRound` takes an evaluator's scores. */
export async function revealOf({ rewards }: Scripted, { address }: HardhatEthersSigner, scores: readonly number[]) {
  return {
    evaluator: address,
    place: Number((await rewards.accountOf(address)).number) - 1,
    scoresRoot: fromHex(rootOf(scores)),
    salt,
    stakeTokens: rewardParameters.evaluatorStakeWei / 10n ** 18n,
    scores: Int16Array.from(scores),
  };
}
