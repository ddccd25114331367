/**
 * What is wrong with a posted reward statement, and its proof: contracts/interfaces/IRewardChallenges.sol. What a proof takes for
 * granted is looked at before it: who is listed, then their scores, distances and balances.
 */
import type { ChallengeMethods, RewardChallenge } from '../challenges/challenge.ts';
import { unread } from '../challenges/entries.ts';
import { hexHashes, openInputOf } from '../challenges/evidence.ts';
import { validateArgument } from '../errors.ts';
import { equalBytes, type Hash, toHex } from '../hash.ts';
import { compareAddresses, type InputsTree } from '../inputs.ts';
import { merkleRoot, proveLeaf } from '../merkle.ts';
import { buildBalancesTree, pageBytes } from './balances.ts';
import { buildScoreTree, proveScore, scoresRoot, scoresToBytes } from './scores.ts';
import type { SettledEvaluator, Settlement } from './settle.ts';
import type { DecodedStatement, StatedEntry, StatedEvaluator } from './statement.ts';

/** Scores with what opens their root. */
export interface OpenedScores {
  evaluator: string;
  salt: Hash;
  scores: Int16Array;
}

/** What proofs need beside the right settlement. */
export interface StatementFacts {
  /** The round's, all of them. */
  inputs: InputsTree;
  /** Scores that were revealed and are not as many as the scored trainers: they do not count. */
  miscounted: readonly OpenedScores[];
}

/** The fault of a posted statement; undefined where it has none. Errors: ARGUMENT_INVALID for that of another round. */
export function challengeStatement(
  right: Settlement,
  posted: DecodedStatement,
  facts: StatementFacts,
): RewardChallenge | undefined {
  validateArgument(
    right.round === posted.round,
    `The statement is of round ${posted.round}: settle that round, not ${right.round}.`,
  );
  return (
    challengeEntries(right, posted, facts) ??
    challengeEvaluators(right, posted, facts) ??
    challengeNumbers(right, posted) ??
    challengeBalances(right, posted)
  );
}

function challengeEntries(
  right: Settlement,
  posted: DecodedStatement,
  { inputs }: StatementFacts,
): RewardChallenge | undefined {
  const rightEntries = new Map(right.entries.map((entry) => [entry.place, entry]));
  const wrong = posted.entries.findIndex((entry) => !isSameEntry(entry, rightEntries.get(entry.place)));
  if (wrong >= 0) return refuteEntry(posted, wrong, inputs);
  const listed = new Set(posted.entries.map(({ place }) => place));
  const missing = right.entries.find(({ place }) => !listed.has(place));
  return missing === undefined ? undefined : refuteMissingEntry(missing.inputIndex, inputs);
}

function challengeEvaluators(
  right: Settlement,
  posted: DecodedStatement,
  { miscounted }: StatementFacts,
): RewardChallenge | undefined {
  const rightEvaluators = new Map(right.evaluators.map((evaluator) => [evaluator.evaluator, evaluator]));
  const wrong = posted.evaluators.findIndex(
    (stated) => !isSameEvaluator(stated, rightEvaluators.get(stated.evaluator)),
  );
  if (wrong >= 0) return refuteEvaluator(posted, wrong, miscounted);
  const listed = new Set(posted.evaluators.map(({ evaluator }) => evaluator));
  const missing = right.evaluators.find(({ evaluator }) => !listed.has(evaluator));
  return missing === undefined ? undefined : refuteMissingEvaluator(missing);
}

/** Of the same trainers and evaluators, in the same order. */
function challengeNumbers(right: Settlement, posted: DecodedStatement): RewardChallenge | undefined {
  const entry = posted.entries.findIndex(({ score }, index) => score !== right.entries[index]!.score);
  if (entry >= 0) return refuteScore(right, posted, entry);
  const wrong = posted.evaluators.findIndex(({ distance }, index) => distance !== right.evaluators[index]!.distance);
  return wrong < 0 ? undefined : refuteDistance(right, wrong);
}

function challengeBalances(right: Settlement, posted: DecodedStatement): RewardChallenge | undefined {
  const page = right.pageRoots.findIndex((root, index) => !isSameRoot(root, posted.pageRoots[index]));
  return page < 0 ? undefined : refuteBalances(right, page);
}

export function refuteEntry(posted: DecodedStatement, entry: number, inputs: InputsTree): RewardChallenge {
  const { place, inputIndex } = posted.entries[entry]!;
  const input = inputIndex < inputs.inputs.length ? openInputOf(inputs, inputIndex) : unread;
  return refute(
    'refuteEntry',
    [entry, input],
    `its entry of account ${place} is not of input ${inputIndex} and its stake`,
  );
}

export function refuteMissingEntry(inputIndex: number, inputs: InputsTree): RewardChallenge {
  const { trainer } = inputs.inputs[inputIndex]!;
  return refute('refuteMissingEntry', [openInputOf(inputs, inputIndex)], `it leaves out ${trainer}, which took part`);
}

/** `miscounted` are needed where the evaluator is among them. */
export function refuteEvaluator(
  posted: DecodedStatement,
  index: number,
  miscounted: readonly OpenedScores[] = [],
): RewardChallenge {
  const stated = posted.evaluators[index]!;
  const opened = miscounted.find(({ evaluator, salt, scores }) => {
    return (
      compareAddresses(evaluator, stated.evaluator) === 0 && isSameRoot(scoresRoot(salt, scores), stated.scoresRoot)
    );
  });
  const opening =
    opened === undefined
      ? [zeroHash, 0, zeroHash]
      : [toHex(opened.salt), opened.scores.length, treeRoot(opened.scores)];
  const fault = `the scores or the stake that it lists of evaluator ${stated.evaluator} do not count`;
  return refute('refuteEvaluator', [index, ...opening], fault);
}

export function refuteMissingEvaluator({ evaluator, salt, scores }: OpenedScores): RewardChallenge {
  const args = [evaluator, toHex(salt), treeRoot(scores)];
  return refute('refuteMissingEvaluator', args, `it leaves out the scores of evaluator ${evaluator}`);
}

/** The evaluators must be the right ones. */
export function refuteScore(right: Settlement, posted: DecodedStatement, entry: number): RewardChallenge {
  const { place, score } = posted.entries[entry]!;
  const proofs = right.evaluators.map(({ scores }) => proveScore(scores, entry));
  const words = proofs.map(({ word }) => toHex(word));
  const paths = proofs.map(({ path }) => hexHashes(path));
  const salts = right.evaluators.map(({ salt }) => toHex(salt));
  const fault = `${score} is not the median of the scores of account ${place}`;
  return refute('refuteScore', [entry, words, paths, salts], fault);
}

/** The evaluators and the scores must be the right ones. */
export function refuteDistance(right: Settlement, index: number): RewardChallenge {
  const { evaluator, salt, scores } = right.evaluators[index]!;
  const args = [index, toHex(salt), toHex(scoresToBytes(scores))];
  return refute('refuteDistance', args, `the distance of evaluator ${evaluator} does not follow from its scores`);
}

/** All but the balances must be right. */
export function refuteBalances({ previous }: Settlement, page: number): RewardChallenge {
  const { pages, tree } = buildBalancesTree(previous);
  const path = page < pages.length ? hexHashes(proveLeaf(tree, page)) : [];
  const args = [page, toHex(pageBytes(previous, page)), path];
  return refute('refuteBalances', args, `page ${page} of its balances does not follow from what it states`);
}

const zeroHash = `0x${'00'.repeat(32)}`;

function refute(
  method: ChallengeMethods['RewardChallenges'],
  args: readonly unknown[],
  fault: string,
): RewardChallenge {
  return { contract: 'RewardChallenges', method, against: 'statement', args, fault };
}

function treeRoot(scores: Int16Array): string {
  return toHex(merkleRoot(buildScoreTree(scores)));
}

function isSameEntry(entry: StatedEntry, right: StatedEntry | undefined): boolean {
  return entry.inputIndex === right?.inputIndex && entry.stakeTokens === right.stakeTokens;
}

function isSameEvaluator(stated: StatedEvaluator, right: SettledEvaluator | undefined): boolean {
  return stated.stakeTokens === right?.stakeTokens && isSameRoot(stated.scoresRoot, right.scoresRoot);
}

function isSameRoot(a: Hash, b: Hash | undefined): boolean {
  return b !== undefined && equalBytes(a, b);
}
