/** Balances from one statement to the next: all that they follow from stands in its event, so nobody has to be asked for them. */

import { equalBytes, type Hash } from '../hash.ts';
import { merkleRoot } from '../merkle.ts';
import { type Balances, buildBalancesTree } from './balances.ts';
import { agreementOf, balancesAfter, type Earnings, earningsOf, type Settlement } from './settle.ts';
import type { DecodedStatement } from './statement.ts';

/** What the contract computed of a statement. */
export type StatedTotals = Pick<
  Settlement,
  'contribution' | 'agreement' | 'spread' | 'trainerPotGwei' | 'evaluatorPotGwei' | 'feeGwei'
> & { accounts: number };

/** The accounts of who is paid by address. */
export interface StatedPlaces {
  /** In the order in which the evaluators are listed. */
  evaluators: readonly (number | undefined)[];
  aggregatorPlace: number | undefined;
}

/** What a statement has earned whom, and the balances after it. */
export interface AppliedStatement {
  /** By place. */
  earnings: ReadonlyMap<number, Earnings>;
  balances: Balances;
}

/** What a statement has earned whom, its scores and distances taken as they stand. */
export function applyStatement(
  previous: Balances,
  statement: DecodedStatement,
  totals: StatedTotals,
  places: StatedPlaces,
): AppliedStatement {
  const { entries, middle } = statement;
  const evaluators = statement.evaluators.map(({ stakeTokens, distance }, index) => ({
    place: places.evaluators[index],
    stakeTokens,
    agreement: agreementOf(totals.spread, distance),
  }));
  const { aggregatorPlace } = places;
  const earnings = earningsOf({ ...totals, entries, evaluators, aggregatorPlace });
  return { earnings, balances: balancesAfter(previous, totals.accounts, earnings, entries, middle) };
}

/** False where the roots that were stated are those of other balances. */
export function areStated(balances: Balances, pageRoots: readonly Hash[]): boolean {
  const roots = buildBalancesTree(balances).pages.map(merkleRoot);
  return roots.length === pageRoots.length && roots.every((root, page) => equalBytes(root, pageRoots[page]!));
}
