import Table from 'cli-table3';
import { Command } from 'commander';
import { allocatedGwei, statedRound } from '../chain/rewardState.ts';
import type { RewardsClient } from '../chain/rewards.ts';
import { proposedRounds } from '../chain/rounds.ts';
import { paidBy } from '../chain/statedRewards.ts';
import { decodeStatement } from '../core/rewards/statement.ts';
import { createFateReader, type Fate, standing } from '../node/ledger.ts';
import { action, print, printJson } from './action.ts';
import { formatGwei } from './amounts.ts';
import { createExplainCommand } from './explainRewards.ts';
import { addReaderOptions, type ReaderOptions, withRewards } from './reader.ts';

export function createRewardsCommand(): Command {
  const command = new Command('rewards').description('what rounds have earned whom, and what the pool still has');
  addReaderOptions(command).action(action(listRewards));
  return command.enablePositionalOptions().addCommand(createExplainCommand());
}

interface RewardsStatus {
  rewards: string;
  poolGwei: string;
  /** The newest round whose statement is final, and the one whose balances are claimed: earlier where a vote has restored those. */
  finalRound: number;
  balancesOf: number;
  rounds: {
    round: number;
    state: Fate | 'scored';
    proposer: string | null;
    /** When what is stated can be claimed, in seconds since 1970. */
    closesAt: number | null;
    scored: number;
    evaluators: number;
    paidGwei: string;
    ranDry: boolean;
  }[];
  accounts: { account: string; place: number; payee: string; claimedGwei: string }[];
}

async function listRewards(options: ReaderOptions): Promise<void> {
  await withRewards(options, async ({ federation, rewards }) => {
    const status = readRewards(
      federation.addresses.rewards,
      rewards,
      proposedRounds(federation.state).map(({ number }) => number),
    );
    if (options.json) printJson(status);
    else print(renderRewards(status));
  });
}

function readRewards(
  address: string,
  { state }: Pick<RewardsClient, 'state'>,
  proposed: readonly number[],
): RewardsStatus {
  const poolGwei = state.fundedGwei - allocatedGwei(state);
  const fateOf = createFateReader(state);
  const stated = standing(state).map((one) => {
    const { round, proposer, closesAt } = one;
    const { entries, evaluators } = decodeStatement(one.statement);
    return {
      round,
      state: fateOf(one),
      proposer,
      closesAt,
      scored: entries.length,
      evaluators: evaluators.length,
      paidGwei: String(paidBy(one)),
      ranDry: state.poolRanDry.has(round),
    };
  });
  const last = statedRound(state);
  const scored = proposed
    .filter((round) => round > last)
    .map((round) => ({
      round,
      state: 'scored' as const,
      proposer: null,
      closesAt: null,
      scored: 0,
      evaluators: state.revealed.get(round)?.size ?? 0,
      paidGwei: '0',
      ranDry: false,
    }));
  return {
    rewards: address,
    poolGwei: String(poolGwei),
    finalRound: state.finalRound,
    balancesOf: state.balancesOf,
    rounds: [...stated, ...scored],
    accounts: [...state.accounts].map(([account, { place, payee }]) => ({
      account,
      place,
      payee,
      claimedGwei: String(state.claimedGwei.get(account) ?? 0n),
    })),
  };
}

const stateNames = { final: 'final', undone: 'undone by a vote', stated: 'in its window', scored: 'not stated yet' };

function renderRewards({ rewards, poolGwei, balancesOf, rounds, accounts }: RewardsStatus): string {
  const table = new Table({
    head: ['round', 'state', 'scored', 'evaluators', 'pays', 'stated by'],
    style: { head: [], border: [], compact: true },
  });
  for (const { round, state, scored, evaluators, paidGwei, ranDry, proposer } of rounds) {
    const pays = `${formatGwei(BigInt(paidGwei))}${ranDry ? ', the pool ran dry' : ''}`;
    table.push([round, stateNames[state], scored, evaluators, pays, proposer ?? '']);
  }
  return [
    `Rewards ${rewards}: ${formatGwei(BigInt(poolGwei))} in the pool, claimable up to round ${balancesOf}`,
    ...accounts.map(
      ({ account, place, payee, claimedGwei }) =>
        `  account ${place}  ${account}  paid ${formatGwei(BigInt(claimedGwei))}${payee === account ? '' : ` to ${payee}`}`,
    ),
    table.toString(),
  ].join('\n');
}
