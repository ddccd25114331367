/** Balances after each statement of rewards that stands: they follow from the statements that it stands on, which stand on chain whole. */
import { getAddress } from 'ethers';
import { type RewardsState, tipOf } from '../../chain/rewardState.ts';
import type { RewardsClient } from '../../chain/rewards.ts';
import type { StatedRewards } from '../../chain/statedRewards.ts';
import { TributaryError } from '../../core/errors.ts';
import type { Balances } from '../../core/rewards/balances.ts';
import { type AppliedStatement, applyStatement, areStated } from '../../core/rewards/history.ts';
import { decodeStatement } from '../../core/rewards/statement.ts';
import { keepNewestInPlace } from '../keepNewest.ts';

/** The balances after each statement, as everybody can compute them. */
export interface Ledger {
  /** Those that the statement of `round` stands on, or would. Errors: COMMITMENT_MISMATCH (retryable) where other balances were stated. */
  before(round: number): Balances;
  /** Of a statement that stands, as it follows from its scores. */
  at(round: number): AppliedStatement;
  /** That claims are paid from, as they follow from their statements. */
  final(): Balances;
  /** False where the statement that stands states other balances than follow from its scores. */
  follows(round: number): boolean;
}

/** Statements whose balances stay in memory, as many as can be in flight. Those before are computed again. */
const remembered = 64;

/** A ledger over the statements that `rewards` has read. Nothing is asked of the chain. */
export function createLedger({ rewards }: { rewards: Pick<RewardsClient, 'state'> }): Ledger {
  /** By the id of the statement, which tells what it stands on too. */
  const known = new Map<string, { balances: Balances; follows?: boolean }>();

  function balancesAfter(round: number): Balances {
    const stated = chainTo(rewards.state, round);
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
    const stated = rewards.state.statements.get(round)!;
    return apply(stated, balancesAfter(stated.standsOn));
  }

  function follows(round: number): boolean {
    const balances = balancesAfter(round);
    const { id, statement } = rewards.state.statements.get(round)!;
    const entry = known.get(id)!;
    entry.follows ??= areStated(balances, statement.pageRoots);
    return entry.follows;
  }

  function before(round: number): Balances {
    const base = rewards.state.statements.get(round)?.standsOn ?? tipOf(rewards.state);
    if (base !== 0 && !(isKnown(rewards.state, base) && follows(base))) throw wrongBalances(base);
    return balancesAfter(base);
  }

  return { before, at, final: () => balancesAfter(rewards.state.balancesOf), follows };
}

/** Oldest first, without those whose balances nobody can compute: that stand on one that cannot be decoded. */
export function standing({ statements }: RewardsState): StatedRewards[] {
  const known = new Set([0]);
  const ascending = [...statements.values()].sort((a, b) => a.round - b.round);
  return ascending.filter(({ round, standsOn }) => known.has(standsOn) && known.add(round));
}

/** False where the balances after `round` cannot be computed. */
export function isKnown(state: RewardsState, round: number): boolean {
  return round === 0 || standing(state).some((stated) => stated.round === round);
}

/** `undone`: final, until a vote restored the balances of an earlier round. */
export type Fate = 'stated' | 'final' | 'undone';

/** What has become of a statement: those that the final balances follow from are final. */
export function createFateReader(state: RewardsState): (stated: StatedRewards) => Fate {
  const inBalances = new Set(chainTo(state, state.balancesOf));
  return (stated) => {
    if (!stated.final) return 'stated';
    return inBalances.has(stated) ? 'final' : 'undone';
  };
}

/** Oldest first: each stands on the one before, the last is that of `round`. As far back as they can be decoded. */
function chainTo({ statements }: RewardsState, round: number): StatedRewards[] {
  const chain: StatedRewards[] = [];
  for (let next = statements.get(round); next !== undefined; next = statements.get(next.standsOn)) chain.push(next);
  return chain.reverse();
}

function wrongBalances(round: number): TributaryError {
  return new TributaryError(
    'COMMITMENT_MISMATCH',
    `The balances that were stated for round ${round} do not follow from its scores: nothing can be computed from them.`,
    { args: { round }, retryable: true },
  );
}
