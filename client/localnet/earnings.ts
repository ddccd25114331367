/** What the rounds of a run have paid, and whom, from the statements of rewards on chain. */
import type { RewardsClient } from '../chain/rewards.ts';
import { paidBy } from '../chain/statedRewards.ts';
import { createLedger, standing } from '../participant/rewards/ledger.ts';
import type { Member } from './members.ts';

export interface Earning {
  process: string;
  account: string;
  /** In gwei, 1e-9 token. */
  gwei: string;
}

export interface Earnings {
  /** The newest round whose rewards can be claimed; 0 where there is none. */
  finalRound: number;
  paidGwei: string;
  /** Who has earned most comes first; who has no account is not named. */
  earned: Earning[];
}

/** By round. */
export function paymentsOf({ statements }: RewardsClient['state']): Map<number, bigint> {
  return new Map([...statements].map(([round, stated]) => [round, paidBy(stated)]));
}

export function earningsOf(
  rewards: RewardsClient,
  members: readonly Member[],
  accountOf: (name: string) => string,
): Earnings {
  const { finalRound, accounts } = rewards.state;
  const final = standing(rewards.state).filter(({ round }) => round <= finalRound);
  const balances = createLedger({ rewards }).final();
  const earned = members.flatMap(({ name }) => {
    const account = accountOf(name);
    const place = accounts.get(account)?.place;
    if (place === undefined) return [];
    return { process: name, account, gwei: balances[place]?.cumulativeGwei ?? 0n };
  });
  return {
    finalRound,
    paidGwei: String(final.map(paidBy).reduce((sum, gwei) => sum + gwei, 0n)),
    earned: earned
      .sort((a, b) => Number(b.gwei - a.gwei))
      .map(({ gwei, ...earner }) => ({ ...earner, gwei: String(gwei) })),
  };
}
