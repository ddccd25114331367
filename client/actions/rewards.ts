/** What rounds have earned whom, and what the pool still has. */
import { allocatedGwei, statedRound } from '../chain/rewardState.ts';
import { proposedRounds } from '../chain/rounds.ts';
import { paidBy } from '../chain/statedRewards.ts';
import { decodeStatement } from '../core/rewards/statement.ts';
import { createFateReader, type Fate, standing } from '../participant/rewards/ledger.ts';
import type { Followed } from './connect.ts';

/** Scores, statements and accounts, as JSON shows them; amounts in gwei, as text. */
export interface RewardsStatus {
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

/** As of the last synchronisation. */
export function readRewards({ federation, rewards: { state } }: Followed): RewardsStatus {
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
  const scored = proposedRounds(federation.state)
    .map(({ number }) => number)
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
    rewards: federation.addresses.rewards,
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
