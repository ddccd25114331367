/**
 * How the past scores of trainers weigh their updates in the mean: from a floor, for who has no reputation, to all of the weight that
 * they declare. See contracts/types/Reputations.sol.
 */
import { equalBytes, type Hash, toHex } from '../hash.ts';
import { isEmpty } from '../merkle.ts';
import {
  type Balances,
  type BalancesTree,
  buildBalancesTree,
  maxReputation,
  newBalance,
  proveBalance,
} from './balances.ts';

/** What a proposal says of them, in one word. */
interface NamedReputations {
  /** The first 26 bytes of the root of final balances. */
  balancesRoot: Uint8Array;
  accounts: number;
  floorBasisPoints: number;
}

/** The reputations that weigh the inputs of a round. */
export interface Reputations {
  /** How much of its weight an update without reputation keeps, from 1,000 to 10,000. */
  floorBasisPoints: number;
  balances: Balances;
  tree: BalancesTree;
  /** Of a trainer's account, also of one that is younger than the balances; undefined for who has none. */
  placeOf(trainer: string): number | undefined;
}

const rootBytes = 26;
const basisPoints = 10_000;

export function createReputations(
  floorBasisPoints: number,
  balances: Balances,
  placeOf: Reputations['placeOf'],
): Reputations {
  return { floorBasisPoints, balances, tree: buildBalancesTree(balances), placeOf };
}

/** Undefined where every update has the weight that it declares. */
export function readReputations(word: Hash): NamedReputations | undefined {
  if (isEmpty(word)) return undefined;
  const rest = new DataView(word.buffer, word.byteOffset + rootBytes);
  return { balancesRoot: word.slice(0, rootBytes), accounts: rest.getUint32(0), floorBasisPoints: rest.getUint16(4) };
}

export function isNamed(named: NamedReputations, accounts: number, balancesRoot: Hash): boolean {
  return named.accounts === accounts && equalBytes(named.balancesRoot, balancesRoot.subarray(0, rootBytes));
}

/** What an update of the declared `weight` weighs, at least 1; all of it where there are no reputations. */
export function weigh(reputations: Reputations | undefined, trainer: string, weight: number): number {
  if (reputations === undefined) return weight;
  const { floorBasisPoints } = reputations;
  const { reputation } = balanceOf(reputations, trainer) ?? newBalance;
  const share = floorBasisPoints * maxReputation + (basisPoints - floorBasisPoints) * reputation;
  // the product is below 2^53: a weight is a uint16
  return Math.max(1, Math.floor((weight * share) / (basisPoints * maxReputation)));
}

/** `ReputationOpening`; nothing where the contract reads none. */
export function openReputation(reputations: Reputations | undefined, trainer: string) {
  const balance = reputations === undefined ? undefined : balanceOf(reputations, trainer);
  if (reputations === undefined || balance === undefined) return { ...newBalance, path: [] };
  return { ...balance, path: proveBalance(reputations.tree, reputations.placeOf(trainer)!).map(toHex) };
}

function balanceOf({ balances, placeOf }: Reputations, trainer: string) {
  const place = placeOf(trainer);
  return place === undefined ? undefined : balances[place];
}
