/**
 * What each account has earned, ever, and its reputation, under one root: 256 accounts a page, the pages' roots under one tree,
 * so that an account's path has 8 siblings and those of its page. See contracts/libraries/Balances.sol.
 */
import { uintWord } from '../commitment.ts';
import { validateArgument } from '../errors.ts';
import { concatBytes, type Hash } from '../hash.ts';
import { buildMerkleTree, domain, hashInDomain, type MerkleTree, merkleRoot, proveLeaf } from '../merkle.ts';

const pageDepth = 8;
export const pageAccounts = 2 ** pageDepth;
/** How slowly a reputation follows: the last eight or so rounds count. */
const reputationRounds = 8;
export const maxReputation = 65_535;

/** What an account has earned, and the reputation that follows. */
export interface Balance {
  /** All that it has earned so far, in units of 1e-9 token, uint64. */
  cumulativeGwei: bigint;
  /** uint16. */
  reputation: number;
}

/** By place: one for each account. */
export type Balances = readonly Balance[];

/** The tree over all balances, page by page: a page has 256 accounts. */
export interface BalancesTree {
  /** Of depth 8 each. */
  pages: readonly MerkleTree[];
  /** Over the pages' roots. */
  tree: MerkleTree;
}

export const newBalance: Balance = { cumulativeGwei: 0n, reputation: 0 };

export function pageCount(accounts: number): number {
  return Math.max(1, Math.ceil(accounts / pageAccounts));
}

/** Of no account at all: one empty page, whose root is zero. */
export function buildBalancesTree(balances: Balances): BalancesTree {
  const pages = Array.from({ length: pageCount(balances.length) }, (_, page) => {
    const start = page * pageAccounts;
    const leaves = balances.slice(start, start + pageAccounts).map((balance, i) => balanceLeaf(start + i, balance));
    return buildMerkleTree(concatBytes(...leaves), pageDepth);
  });
  return { pages, tree: buildMerkleTree(concatBytes(...pages.map(merkleRoot))) };
}

export function balancesRootOf(pageRoots: readonly Hash[]): Hash {
  return merkleRoot(buildMerkleTree(concatBytes(...pageRoots)));
}

/** keccak256(9 ‖ place (u32) ‖ cumulativeGwei (u64) ‖ reputation (u16)). */
export function balanceLeaf(place: number, balance: Balance): Hash {
  return hashInDomain(domain.balanceLeaf, uintBytes(BigInt(place), 4), balanceBytes(balance));
}

/** What a claim shows: the siblings from the account's leaf up. Errors: ARGUMENT_INVALID for a place without account. */
export function proveBalance({ pages, tree }: BalancesTree, place: number): Hash[] {
  const page = Math.floor(place / pageAccounts);
  const inside = Number.isInteger(place) && place >= 0 && page < pages.length;
  validateArgument(inside, `No account has place ${place}.`);
  return [...proveLeaf(pages[page]!, place % pageAccounts), ...proveLeaf(tree, page)];
}

/** The balances of a page, 10 bytes each: cumulativeGwei (u64) ‖ reputation (u16). */
export function pageBytes(balances: Balances, page: number): Uint8Array {
  return concatBytes(...balances.slice(page * pageAccounts, (page + 1) * pageAccounts).map(balanceBytes));
}

/** Where `score` stands against the median `middle` of the round, an eighth of the way there, divisions towards zero. */
export function reputationAfter(reputation: number, score: number, middle: number): number {
  if (middle <= 0) return reputation;
  const quality = Math.min(maxReputation, Math.floor((Math.max(0, score) * maxReputation) / middle));
  return reputation + Math.trunc((quality - reputation) / reputationRounds);
}

function balanceBytes({ cumulativeGwei, reputation }: Balance): Uint8Array {
  return concatBytes(uintBytes(cumulativeGwei, 8), uintBytes(BigInt(reputation), 2));
}

/** Big-endian. Errors: ARGUMENT_INVALID for what does not fit. */
export function uintBytes(value: bigint, bytes: number): Uint8Array {
  const fits = value >= 0n && value < 1n << BigInt(8 * bytes);
  validateArgument(fits, `${value} is no integer of ${bytes} bytes.`);
  return uintWord(value).slice(32 - bytes);
}
