/** What an evaluator may report in place of its own scores. */
import { saturateInt16 } from '../core/numbers.ts';
import type { Random } from '../core/random.ts';
import { typicalScore } from '../evaluator/score.ts';

export interface EvaluatorView {
  /** What it would report if it were honest. */
  honest(): Promise<Int16Array>;
  /** What the evaluators of its ring would report if they were, itself among them. */
  ring(): Promise<readonly Int16Array[]>;
  /** Addresses of the scored trainers, in their order. */
  trainers: readonly string[];
  /** The medians of the last round by trainer: public. */
  lastScores: ReadonlyMap<string, number>;
  /** Trainers that belong to the same ring. */
  friends: ReadonlySet<string>;
  random: Random;
}

export type ScoreStrategy = (view: EvaluatorView) => Promise<Int16Array>;

/** Lazy: they do not evaluate anything. */
export const constant: ScoreStrategy = async ({ trainers }) => new Int16Array(trainers.length).fill(100);

export const copiesLastScores: ScoreStrategy = async ({ trainers, lastScores }) =>
  Int16Array.from(trainers, (trainer) => lastScores.get(trainer) ?? 0);

export const random: ScoreStrategy = async ({ trainers, lastScores, random }) => {
  const most = Math.max(1, ...lastScores.values());
  return Int16Array.from(trainers, () => random.below(most + 1));
};

/** Colluding: the most for friends, the least for all others. */
export const favoursFriends: ScoreStrategy = async ({ trainers, friends }) =>
  Int16Array.from(trainers, (trainer) => (friends.has(trainer) ? 32_767 : -32_768));

/** The same within what honest evaluators may say: for friends the best that one of the ring found and a little more, for others the worst. */
export const favoursQuietly: ScoreStrategy = async ({ ring, trainers, friends }) => {
  const found = await ring();
  return Int16Array.from(trainers, (trainer, index) => {
    const scores = found.map((of) => of[index]!);
    return saturateInt16(friends.has(trainer) ? Math.max(...scores) + little : Math.min(...scores) - little);
  });
};

/** A twentieth of a typical score. */
const little = Math.round(typicalScore / 20);
