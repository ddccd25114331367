/** Balances from one statement to the next: all that they follow from stands in its event, so nobody has to be asked for them. */

import { equalBytes } from '../hash.ts';
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

export interface StatedRound {
  /** By place. */
  earnings: ReadonlyMap<number, Earnings>;
  balances: Balances;
  /** False where the roots that were stated are those of other balances. */
  follows: boolean;
}

/** What a statement has earned whom, its scores and distances taken as they stand. */
export function applyStatement(
  previous: Balances,
  statement: DecodedStatement,
  totals: StatedTotals,
  places: StatedPlaces,
): StatedRound {
  const { entries, middle, pageRoots } = statement;
  const evaluators = statement.evaluators.map(({ stakeTokens, distance }, index) => ({
    place: places.evaluators[index],
    stakeTokens,
    agreement: agreementOf(totals.spread, distance),
  }));
  const { aggregatorPlace } = places;
  const earnings = earningsOf({ ...totals, entries, evaluators, aggregatorPlace });
  const balances = balancesAfter(previous, totals.accounts, earnings, entries, middle);
  const roots = buildBalancesTree(balances).pages.map(merkleRoot);
  const follows = roots.length === pageRoots.length && roots.every((root, page) => equalBytes(root, pageRoots[page]!));
  return { earnings, balances, follows };
}
