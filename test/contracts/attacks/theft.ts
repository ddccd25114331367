/** A statement that gives one account all of the pool, and what it does then. */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import type { Result } from 'ethers';
import { toHex } from '../../../client/core/hash.ts';
import { merkleRoot } from '../../../client/core/merkle.ts';
import { type Balance, buildBalancesTree, newBalance, proveBalance } from '../../../client/core/rewards/balances.ts';
import type { RewardFactsStruct } from '../../../types/ethers-contracts/rewards/Rewards.js';
import { parameters } from '../deployment.ts';
import { falsified, type Scored, type StatementArgument, settle } from '../rewards/settledRound.ts';
import type { Attempts } from './attempts.ts';

interface Stolen {
  facts: RewardFactsStruct;
  statement: StatementArgument;
  balances: Balance[];
  place: number;
}

/** The thief states round 1, which nobody has scored: all else than the balances is right. */
export async function stateStolen(scored: Scored, thief: HardhatEthersSigner): Promise<Stolen> {
  const { rewards, proposal } = scored;
  const place = Number((await rewards.accountOf(thief.address)).number) - 1;
  const { fundedGwei } = await rewards.pool();
  const right = await settle(scored, []);
  const balances = right.balances.map(() => newBalance).with(place, { cumulativeGwei: fundedGwei, reputation: 0 });
  const statement = falsified(right, () => ({ pageRoots: buildBalancesTree(balances).pages.map(merkleRoot) }));
  await rewards.connect(thief).proposeRewards(proposal, statement);
  const stated = await rewards.queryFilter(rewards.filters.RewardsProposed(), -1);
  const facts = (stated.at(-1)!.args.facts as unknown as Result).toObject() as RewardFactsStruct;
  return { facts, statement, balances, place };
}

export async function claimStolen({ rewards }: Scored, thief: HardhatEthersSigner, { balances, place }: Stolen) {
  const { cumulativeGwei, reputation } = balances[place]!;
  const path = proveBalance(buildBalancesTree(balances), place).map(toHex);
  await rewards.connect(thief).claim(thief.address, cumulativeGwei, reputation, path);
}

/** The aggregator ends its role and takes what is left of its stake. */
export async function leaveWithBond(
  { federation, stake, time }: Scored,
  aggregator: HardhatEthersSigner,
  attempts: Attempts,
): Promise<void> {
  await attempts.take('leaving', () => federation.connect(aggregator).leaveAsAggregator());
  const bondedWei = await stake.bondedWei(federation, aggregator.address);
  await attempts.take('unbonding', () => stake.connect(aggregator).requestUnbond(federation, bondedWei));
  await time.increase(parameters.unbondingSeconds);
  await attempts.take('withdrawal', () => stake.connect(aggregator).withdraw(federation));
}
