/** Balances after each statement of rewards that stands: they follow from the statements before, which stand on chain whole. */
import { getAddress } from 'ethers';
import type { RewardsState } from '../chain/rewardState.ts';
import type { RewardsClient } from '../chain/rewards.ts';
import type { StatedRewards } from '../chain/statedRewards.ts';
import { TributaryError } from '../core/errors.ts';
import type { Balances } from '../core/rewards/balances.ts';
import { type AppliedStatement, applyStatement, areStated } from '../core/rewards/history.ts';
import { decodeStatement } from '../core/rewards/statement.ts';
import { keepNewestInPlace } from './keepNewest.ts';

export interface Ledger {
  /** Those before the statement of `round`. Errors: COMMITMENT_MISMATCH (retryable) where other balances were stated. */
  before(round: number): Balances;
  /** Of a statement that stands, as it follows from its scores. */
  at(round: number): AppliedStatement;
  /** False where the statement that stands states other balances than follow from its scores. */
  follows(round: number): boolean;
}

/** Statements whose balances stay in memory, as many as can be in flight. Those before are computed again. */
const remembered = 64;

export function createLedger({ rewards }: { rewards: Pick<RewardsClient, 'state'> }): Ledger {
  /** By the id of the statement, which tells what it stands on too. */
  const known = new Map<string, { balances: Balances; follows?: boolean }>();

  function balancesAfter(stated: readonly StatedRewards[]): Balances {
    const newest = stated.findLastIndex(({ id }) => known.has(id));
    let balances = newest < 0 ? [] : known.get(stated[newest]!.id)!.balances;
    for (const one of stated.slice(newest + 1)) {
      balances = apply(one, balances).balances;
      known.set(one.id, { balances });
      keepNewestInPlace(known, remembered);
    }
    return balances;
  }

  function apply({ statement, facts }: StatedRewards, balances: Balances): AppliedStatement {
    const decoded = decodeStatement(statement);
    const places = {
      evaluators: decoded.evaluators.map(({ evaluator }) => placeOf(evaluator)),
      aggregatorPlace: facts.feeGwei === 0n ? undefined : placeOf(facts.aggregator),
    };
    return applyStatement(balances, decoded, facts, places);
  }

  function placeOf(account: string): number | undefined {
    return rewards.state.accounts.get(getAddress(account))?.place;
  }

  function at(round: number): AppliedStatement {
    const before = standing(rewards.state).filter((stated) => stated.round < round);
    return apply(rewards.state.statements.get(round)!, balancesAfter(before));
  }

  function follows(round: number): boolean {
    const stated = standing(rewards.state).filter((one) => one.round <= round);
    const balances = balancesAfter(stated);
    const { id, statement } = stated.at(-1)!;
    const entry = known.get(id)!;
    entry.follows ??= areStated(balances, statement.pageRoots);
    return entry.follows;
  }

  function before(round: number): Balances {
    const stated = standing(rewards.state).filter((one) => one.round < round);
    const last = stated.at(-1)?.round;
    if (last !== undefined && !follows(last)) throw wrongBalances(last);
    return balancesAfter(stated);
  }

  return { before, at, follows };
}

/** Oldest first: each stands on the one before. Without those that stand on one that cannot be decoded. */
export function standing({ statements, unreadable }: RewardsState): StatedRewards[] {
  const end = Math.min(...unreadable.keys());
  return [...statements.values()].filter(({ round }) => round < end).sort((a, b) => a.round - b.round);
}

function wrongBalances(round: number): TributaryError {
  return new TributaryError(
    'COMMITMENT_MISMATCH',
    `The balances that were stated for round ${round} do not follow from its scores: nothing can be computed from them.`,
    { args: { round }, retryable: true },
  );
}
