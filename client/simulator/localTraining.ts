/** What the trainers of a simulation send in a round: honest updates first, then those of who deviates. */
import { decodeModel, decodeUpdate } from '../core/codec.ts';
import { createRandom } from '../core/random.ts';
import { lowerMedian } from '../core/rewards/median.ts';
import { squaredNormBound } from '../core/task.ts';
import type { TrainerUpdate } from '../evaluator/score.ts';
import { encodeLocalUpdate, trainUpdate } from '../participant/rounds/localUpdate.ts';
import { clipNormForBound, l2Norm } from '../privacy/clip.ts';
import type { CompiledModel, Dataset } from '../training/engine.ts';
import { type Population, sampleOfRound } from './population.ts';
import type { UpdateStrategy } from './trainers.ts';

export interface Training {
  compiled: CompiledModel;
  population: Population;
  seed: string;
  clipNorm: number;
  /** What those that deviate send; without it all are honest. */
  update: UpdateStrategy | undefined;
}

export interface RoundStart {
  round: number;
  /** The newest model and the one before it. */
  model: Int32Array;
  previousModel: Int32Array | undefined;
  /** Updates of past rounds, oldest first. */
  history: readonly (readonly TrainerUpdate[])[];
}

/** Who sends an update. */
interface Sender {
  address: string;
  /** Its shard. */
  seat: number;
}

/** The clip bound that the documentation recommends: the median norm of honest updates of the first model. */
export async function honestNorm(
  compiled: CompiledModel,
  genesis: Int32Array,
  population: Population,
  seed: string,
): Promise<number> {
  const base = decodeModel(genesis);
  const norms: number[] = [];
  for (const shard of population.shards) {
    const data = sampleOfRound(population, shard, createRandom(seed, 'norm'));
    const author = { seed, account: 'norm', round: 0 };
    norms.push(l2Norm((await trainUpdate(compiled, base, data, author)).update));
  }
  return lowerMedian(norms);
}

/** The honest ones first: the strongest attackers are taken to know them. */
export async function makeUpdates<S extends Sender>(
  training: Training,
  start: RoundStart,
  senders: readonly S[],
  deviates: (sender: S) => boolean,
): Promise<[S, Int16Array][]> {
  const { compiled, population, seed, update } = training;
  const { round, model, previousModel, history } = start;
  const base = decodeModel(model);
  const bound = clipNormForBound(squaredNormBound(training.clipNorm), base.length);
  const encode = ({ address }: Sender, update: Float32Array) =>
    encodeLocalUpdate(update, bound, { seed, account: address, round }).values;
  const trainOn = async ({ address }: Sender, data: Dataset) => {
    const met = sampleOfRound(population, data, createRandom(seed, 'data', address, round));
    return (await trainUpdate(compiled, base, met, { seed, account: address, round })).update;
  };

  const deviators = update === undefined ? [] : senders.filter(deviates);
  const made: [S, Int16Array][] = [];
  for (const sender of senders.filter((one) => !deviators.includes(one))) {
    made.push([sender, encode(sender, await trainOn(sender, population.shards[sender.seat]!))]);
  }
  const view = {
    round,
    base,
    previousBase: previousModel === undefined ? undefined : decodeModel(previousModel),
    clipNorm: bound,
    history,
    honest: made.map(([, values]) => decodeUpdate(values)),
    trainers: senders.length,
    deviators: deviators.length,
  };
  for (const sender of deviators) {
    const { seat } = sender;
    const random = createRandom(seed, 'deviation', seat, round);
    const own = {
      seat,
      shard: population.shards[seat]!,
      random,
      train: (data: Dataset) => trainOn(sender, data),
    };
    made.push([sender, encode(sender, await update!({ ...view, ...own }))]);
  }
  return made;
}
