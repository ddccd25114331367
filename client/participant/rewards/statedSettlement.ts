/** A statement of rewards, read back: every number behind it, and whether the chain and the evaluators' scores bear it out. */
import { getAddress } from 'ethers';
import { explainChainFailure } from '../../chain/failure.ts';
import type { RewardParametersOnChain } from '../../chain/parameters.ts';
import type { StatedRewards } from '../../chain/statedRewards.ts';
import { type Hash, toHex } from '../../core/hash.ts';
import { verifyProof } from '../../core/merkle.ts';
import {
  balanceLeaf,
  balancesRootOf,
  buildBalancesTree,
  newBalance,
  proveBalance,
} from '../../core/rewards/balances.ts';
import { agreementOf, type Settlement } from '../../core/rewards/settle.ts';
import {
  type DecodedStatement,
  decodeStatement,
  isSameStatement,
  type StatedEntry,
} from '../../core/rewards/statement.ts';
import { createLedger } from './ledger.ts';
import { type ChainView, type CountedScores, type ScoresReader, settle, statedRound } from './settlement.ts';

/** One thing that was checked of a statement. */
export interface StatementCheck {
  /** A part of a sentence. */
  claim: string;
  /** Undefined where it cannot be checked any more. */
  holds: boolean | undefined;
}

/** A statement, with what was found when it was checked. */
export interface CheckedStatement {
  /** As it was stated, with the scores that are still served. */
  settlement: Settlement;
  /** That was stated. */
  balancesRoot: Hash;
  /** Evaluators whose scores are not served. */
  silent: readonly string[];
  checks: readonly StatementCheck[];
}

export interface RewardsView extends ChainView {
  rewardParameters: RewardParametersOnChain;
}

/** Errors: CHAIN_UNREACHABLE; COMMITMENT_MISMATCH where a statement before it states wrong balances. */
export async function checkStatement(
  view: RewardsView,
  stated: StatedRewards,
  place: number,
  readScores: ScoresReader,
): Promise<CheckedStatement> {
  const posted = decodeStatement(stated.statement);
  const scores = await Promise.all(
    posted.evaluators.map(async ({ evaluator, scoresRoot }) => {
      const opened = await readScores(stated.round, getAddress(evaluator), scoresRoot);
      return opened === undefined ? undefined : { ...opened, scoresRoot };
    }),
  );
  const { settlement, follows } = readStatement(view, stated, posted, scores);
  const silent = posted.evaluators.filter((_, index) => scores[index] === undefined).map(({ evaluator }) => evaluator);
  const recomputed = scores.every((opened) => opened !== undefined)
    ? await isRecomputed(view, stated, posted, scores)
    : undefined;
  const balance = settlement.balances[place] ?? newBalance;
  const { balancesRoot } = settlement;
  const checks = [
    {
      claim: "scores, medians and shares are those of the evaluators' scores and of the stakes on chain",
      holds: recomputed,
    },
    { claim: 'all balances follow from those before and what is stated', holds: follows },
    {
      claim: `the balance, ${balance.cumulativeGwei} gwei, lies under the root of balances that was stated`,
      holds: isUnder(balancesRoot, settlement, place),
    },
    {
      claim: `that root, ${toHex(balancesRoot)}, is the one that the contract holds`,
      holds: await isHeld(view, stated, balancesRoot),
    },
  ];
  return { settlement, balancesRoot, silent, checks };
}

function readStatement(
  view: RewardsView,
  stated: StatedRewards,
  posted: DecodedStatement,
  scores: readonly (CountedScores | undefined)[],
): { settlement: Settlement; follows: boolean } {
  const { facts, round } = stated;
  const { rewardParameters: terms } = view;
  const { state } = view.rewards;
  const ledger = createLedger(view);
  const { earnings, balances } = ledger.at(round);
  const { availableGwei } = statedRound(stated, []);
  const ranDry = availableGwei < terms.rewardGwei;
  const trainers = trainersByPlace(view);
  const placeOf = (account: string) => state.accounts.get(getAddress(account))?.place;
  const settlement: Settlement = {
    ...facts,
    ...terms,
    ...posted,
    statement: stated.statement,
    terms: { ...terms, availableGwei },
    paidGwei: ranDry ? availableGwei : terms.rewardGwei,
    entries: posted.entries.map((entry) => ({ ...entry, trainer: trainers.get(entry.place)! })),
    evaluators: posted.evaluators.map((evaluator, index) => ({
      ...evaluator,
      place: placeOf(evaluator.evaluator),
      agreement: agreementOf(facts.spread, evaluator.distance),
      salt: scores[index]?.salt ?? new Uint8Array(32),
      scores: scores[index]?.scores ?? new Int16Array(0),
    })),
    aggregatorPlace: facts.feeGwei === 0n ? undefined : placeOf(facts.aggregator),
    earnings,
    previous: ledger.before(round),
    balances,
    balancesRoot: balancesRootOf(posted.pageRoots),
  };
  return { settlement, follows: ledger.follows(round) };
}

async function isRecomputed(
  view: RewardsView,
  stated: StatedRewards,
  { entries }: DecodedStatement,
  scores: readonly CountedScores[],
): Promise<boolean> {
  const given = statedRound(stated, inputsOf(view, entries));
  const { settlement } = await settle(
    view,
    given,
    createLedger(view).before(stated.round),
    view.rewardParameters,
    scores,
  );
  return isSameStatement(settlement.statement, stated.statement);
}

function inputsOf(view: RewardsView, entries: readonly StatedEntry[]): { trainer: string; inputIndex: number }[] {
  const trainers = trainersByPlace(view);
  return entries.map(({ place, inputIndex }) => ({ trainer: trainers.get(place)!, inputIndex }));
}

function trainersByPlace({ rewards: { state } }: RewardsView): Map<number, string> {
  return new Map([...state.accounts].map(([account, { place }]) => [place, account]));
}

/** Undefined for who enrolled later. */
function isUnder(root: Hash, { balances }: Settlement, place: number): boolean | undefined {
  const balance = balances[place];
  if (balance === undefined) return undefined;
  return verifyProof(root, balanceLeaf(place, balance), place, proveBalance(buildBalancesTree(balances), place));
}

/** Undefined where the contract has forgotten it for later ones. */
async function isHeld({ rewards: { contract } }: RewardsView, { round }: StatedRewards, root: Hash) {
  const record = await contract.rewardOf(round).catch((cause: unknown) => {
    throw explainChainFailure(cause, 'reading the balances');
  });
  return Number(record.round) === round ? record.balancesRoot === toHex(root) : undefined;
}
