/** What a trainer may send in place of an honest update. Each gives the update before it is clipped and encoded. */

import { decodeUpdate } from '../core/codec.ts';
import type { Random } from '../core/random.ts';
import { lowerMedian } from '../core/rewards/median.ts';
import { noveltyOf } from '../evaluator/novelty.ts';
import type { TrainerUpdate } from '../evaluator/score.ts';
import { l2Norm } from '../privacy/clip.ts';
import type { Dataset } from '../training/engine.ts';

/** What a deviating trainer knows when it makes its update. */
export interface TrainerView {
  round: number;
  /** Which trainer of the simulation. */
  seat: number;
  /** The model of the round and the one before it. */
  base: Float32Array;
  previousBase: Float32Array | undefined;
  shard: Dataset;
  /** The norm to which every update is clipped. */
  clipNorm: number;
  /** Public since their round closed, oldest first; each round by ascending trainer. */
  history: readonly (readonly TrainerUpdate[])[];
  /** What the honest trainers send in this round: the strongest attackers are taken to know it. */
  honest: readonly Float32Array[];
  /** Trainers in all, and those that deviate. */
  trainers: number;
  deviators: number;
  random: Random;
  /** Local training on other data. */
  train(data: Dataset): Promise<Float32Array>;
}

export type UpdateStrategy = (view: TrainerView) => Promise<Float32Array>;

const scale = (values: Float32Array, factor: number) => values.map((value) => factor * value);

/** Free riders: they hold no data. Fraboni et al., https://arxiv.org/abs/2006.11901, section 3. */
export const zero: UpdateStrategy = async ({ base }) => new Float32Array(base.length);

export const noise: UpdateStrategy = async ({ base, clipNorm, random }) => randomVector(base.length, clipNorm, random);

/** The last step of the model again, as long as an update may be. */
export const staleGlobal: UpdateStrategy = async ({ base, previousBase, clipNorm }) => {
  if (previousBase === undefined) return new Float32Array(base.length);
  const step = base.map((value, i) => value - previousBase[i]!);
  const norm = l2Norm(step);
  return norm > 0 ? scale(step, clipNorm / norm) : step;
};

/** The last step under as much noise as makes it as new as an honest update is. */
export const staleUnderNoise: UpdateStrategy = async (view) => {
  const { base, clipNorm, history, honest, random } = view;
  const step = await staleGlobal(view);
  const known = [{ trainer: 'everybody', values: step }, ...(history.at(-1) ?? [])];
  const novelty = lowerMedian(honest.map((values) => noveltyOf({ trainer: 'honest', values }, known)));
  const hidden = randomVector(base.length, Math.sqrt(novelty) * clipNorm, random);
  return step.map((value, i) => Math.sqrt(1 - novelty) * value + hidden[i]!);
};

/** Another trainer's update of the last round, with a twentieth of noise, so that no root gives it away. */
export const copied: UpdateStrategy = async (view) => {
  const update = earlierUpdateOfAnother(view);
  const blur = randomVector(update.length, l2Norm(update) / 20, view.random);
  return update.map((value, i) => value + blur[i]!);
};

/** Another trainer's update of the last round, to the bit: a fault that the chain can prove. */
export const copiedExactly: UpdateStrategy = async (view) => earlierUpdateOfAnother(view);

/** Trains on 9 − label. Biggio et al., https://arxiv.org/abs/1206.6389; in this form Fang et al., https://arxiv.org/abs/1911.11815. */
export const labelFlipper: UpdateStrategy = ({ shard, train }) => {
  const labels = Int32Array.from(shard.labels, (label) => shard.classes - 1 - label);
  return train({ ...shard, labels });
};

/** The honest update turned round. */
export const signFlipper: UpdateStrategy = async ({ shard, train }) => scale(await train(shard), -1);

/** The honest update ten times as long: model replacement, Bagdasaryan et al., https://arxiv.org/abs/1807.00459, eq. 3. */
export const scaled: UpdateStrategy = async ({ shard, train }) => scale(await train(shard), 10);

/**
 * "A little is enough", Baruch et al., https://arxiv.org/abs/1902.06156, algorithm 3: every coordinate as far below the honest
 * mean as hides among the honest.
 */
export const littleIsEnough: UpdateStrategy = async ({ honest, trainers, deviators }) => {
  const supporters = Math.floor(trainers / 2) + 1 - deviators;
  const z = inverseNormal((trainers - deviators - supporters) / (trainers - deviators));
  const mean = meanOf(honest);
  return mean.map((value, i) => {
    const variance = honest.reduce((sum, update) => sum + (update[i]! - value) ** 2, 0) / honest.length;
    return value - z * Math.sqrt(variance);
  });
};

/** Inner product manipulation, Xie et al., https://arxiv.org/abs/1903.03936, section 4: −ε times the honest mean. */
export const innerProduct: UpdateStrategy = async ({ honest, trainers, deviators }) =>
  // ε just large enough that the mean turns round
  scale(meanOf(honest), -1.1 * ((trainers - deviators) / deviators));

/** Eight rounds of attack, then eight of honest work that restore a reputation, and so on. */
export function inTurns(attack: UpdateStrategy): UpdateStrategy {
  return (view) => (Math.floor((view.round - 1) / roundsOfTurn) % 2 === 0 ? attack(view) : view.train(view.shard));
}

const roundsOfTurn = 8;

function earlierUpdateOfAnother({ history, seat, base }: TrainerView): Float32Array {
  const last = history.at(-1);
  // the first round has nothing to copy
  return last === undefined ? new Float32Array(base.length) : decodeUpdate(last[(seat + 5) % last.length]!.values);
}

function meanOf(updates: readonly Float32Array[]): Float32Array {
  const mean = new Float32Array(updates[0]!.length);
  for (const update of updates) for (let i = 0; i < mean.length; i++) mean[i]! += update[i]! / updates.length;
  return mean;
}

function randomVector(length: number, norm: number, random: Random): Float32Array {
  const vector = Float32Array.from({ length }, () => random.normal());
  return scale(vector, norm / l2Norm(vector));
}

/** z with Φ(z) = p, by bisection. */
function inverseNormal(p: number): number {
  let [low, high] = [-8, 8];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (normalDistribution(middle) < p) low = middle;
    else high = middle;
  }
  return low;
}

/** Φ by its density, summed by Simpson's rule. */
function normalDistribution(z: number): number {
  const intervals = 200;
  const width = z / intervals;
  const density = (x: number) => Math.exp(-(x ** 2) / 2) / Math.sqrt(2 * Math.PI);
  let sum = density(0) + density(z);
  for (let i = 1; i < intervals; i++) sum += density(i * width) * (i % 2 === 0 ? 2 : 4);
  return 0.5 + (sum * width) / 3;
}
