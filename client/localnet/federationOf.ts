/** The federation that the options of `start` describe, on top of a configuration file where one is given. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type AttackName, trains } from '../adversary/attack.ts';
import { TributaryError } from '../core/errors.ts';
import { maxWeight as maxWeightLimit } from '../core/numbers.ts';
import { weightOfSamples } from '../core/task.ts';
import {
  type FederationConfig,
  type FederationConfigInput,
  parseFederationConfig,
  readFederationConfig,
} from '../deployment/config.ts';
import { deployableChoices } from '../deployment/configHints.ts';
import { programOf } from '../node/engineOptions.ts';
import { parseRecordPrivacy } from '../trainer/recordPrivacy.ts';
import { sizesOfShards } from '../training/data/source.ts';
import { readInputShape } from '../training/onnx/read.ts';
import { type OwnData, sourceOfShard } from './dataShape.ts';
import type { StartOptions } from './options.ts';

/**
 * Windows of a run on one machine: a process that is started again is back in time. Where the chain is the run's own, they cost no time,
 * see clock.ts: they are so long that what is due in all rounds is due together.
 */
const ownClockWindows = {
  submissionSeconds: 3600,
  turnSeconds: 400,
  challengeSeconds: 1600,
  revealSeconds: 400,
  publishSeconds: 400,
};
/** For who goes on by the wall's clock. */
const wallClockWindows = { submissionSeconds: 3600, turnSeconds: 30, challengeSeconds: 160 };
const localRingSize = 64;
/** Few rounds in flight, so that scores weigh soon. */
const weighed = { ringSize: 3, reputationFloor: 0.5 };
/** Whoever leaves out a submission can do so only when the window is over, and whoever hides one makes the others wait for that. */
const shortWindows = { ...wallClockWindows, submissionSeconds: 120, turnSeconds: 240 };

/** How often the least window of a chain goes into the challenge window: demands are answered within a sixth of it. */
const windowsInChallenge = 6;

/** `data` is what the run trains on; `leastWindow` in seconds, see `measureLeastWindow`. Errors: CONFIG_INVALID, naming the field. */
export async function federationOf(
  options: StartOptions,
  data: Omit<OwnData, 'questions'>,
  leastWindow = 0,
): Promise<FederationConfig> {
  const file = options.config === undefined ? undefined : await readFederationConfig(resolve(options.config));
  const isStaged = (name: AttackName) => options.attack.some(({ attack }) => attack === name);
  const ownClock = options.rpc === undefined && !options.keep;
  const base: FederationConfigInput = file ?? {
    ...deployableChoices,
    windows: isStaged('omit') || isStaged('hoard') ? shortWindows : ownClock ? ownClockWindows : wallClockWindows,
    ...(isStaged('reputation') ? weighed : { ringSize: localRingSize }),
  };
  if (file === undefined) base.windows = lengthened(base.windows, leastWindow);
  const windows = { ...base.windows, ...given({ challengeSeconds: options.challengeSeconds }) };
  const model = modelOf(options, data) ?? base.model ?? modelOf({ ...options, model: '2nn' }, data);
  if (model?.kind === 'tensors' && programOf(options.engine) === undefined) throw withoutProgram();
  const { epochs, batchSize, learningRate, proximalMu } = options;
  const optimizer = optimizerOf(options.optimizer);
  const training = {
    learningRate: defaultLearningRate(options, model?.kind ?? '2nn'),
    ...base.training,
    ...given({ epochs, batchSize, learningRate, proximalMu, optimizer, recordPrivacy: recordPrivacyOf(options) }),
  };
  const maxWeight = file?.maxWeight ?? (await largestWeightOf(options, data, base.samplesPerWeight ?? 1));
  const startTrainers = options.trainers + options.attack.filter(({ attack }) => trains(attack)).length;
  const { rule, seed } = options;
  return parseFederationConfig(
    { ...base, windows, model, training, startTrainers, ...given({ maxWeight, rule, seed, data: data.data }) },
    'config',
  );
}

/** Spread over the rounds of the run where it says nothing else. */
function recordPrivacyOf({ recordDp, rounds }: StartOptions) {
  return recordDp === undefined ? undefined : parseRecordPrivacy(recordDp, rounds);
}

/** So that nobody loses stake on a chain whose blocks are far apart. */
function lengthened(windows: FederationConfigInput['windows'], leastWindow: number): FederationConfigInput['windows'] {
  const challengeSeconds = Math.max(windows?.challengeSeconds ?? 0, windowsInChallenge * leastWindow);
  return { ...windows, challengeSeconds, turnSeconds: Math.max(windows?.turnSeconds ?? 0, leastWindow) };
}

/** So that nobody who is honest weighs less than it has, and no cheat more than the largest of them. */
async function largestWeightOf(
  options: StartOptions,
  own: Omit<OwnData, 'questions'>,
  samplesPerWeight: number,
): Promise<number | undefined> {
  // nobody knows how many samples a program has before it says so
  if (programOf(options.engine) !== undefined) return undefined;
  const { data, trainers, partition, seed = '1' } = options;
  const sizes = await sizesOfShards(sourceOfShard(data, `1/${trainers}`, partition, seed), {
    model: own,
    data: own.data,
  });
  return weightOfSamples(Math.max(...sizes), samplesPerWeight, maxWeightLimit);
}

function modelOf(
  { model, inputShape }: StartOptions,
  shape: Omit<OwnData, 'questions'>,
): FederationConfigInput['model'] {
  const { classes } = shape;
  const flat = [shape.inputShape.reduce((size, extent) => size * extent, 1)];
  switch (model) {
    case undefined:
      return undefined;
    case 'logistic':
    case '2nn':
      return { kind: model, inputShape: inputShape ?? flat, classes };
    case 'cnn':
      return { kind: model, inputShape: inputShape ?? [...shape.inputShape], classes };
    default: {
      if (isTensorsFile(model)) return { kind: 'tensors', file: resolve(model) };
      const kind = model.endsWith('.onnx') ? 'onnx' : 'keras';
      const own = kind === 'onnx' ? declaredShape(model, flat[0]!) : undefined;
      return { kind, file: resolve(model), inputShape: inputShape ?? own ?? [...shape.inputShape], classes };
    }
  }
}

/** Whether the model is one of named tensors: nothing is known of its data then. Errors: those of the configuration. */
export async function trainsTensors({ model, config }: Pick<StartOptions, 'model' | 'config'>): Promise<boolean> {
  if (model !== undefined) return isTensorsFile(model);
  return config !== undefined && (await readFederationConfig(resolve(config))).model.kind === 'tensors';
}

function isTensorsFile(model: string): boolean {
  return model.endsWith('.safetensors');
}

function withoutProgram(): TributaryError {
  const message =
    '--engine: a model of named tensors is trained by a program of your own: name it, for example with --engine process:"python train.py".';
  return new TributaryError('CONFIG_INVALID', message, { args: { field: '--engine' } });
}

/** The sample shape that an ONNX file declares, where the data can be read so. */
function declaredShape(path: string, size: number): number[] | undefined {
  if (!existsSync(path)) return undefined;
  const shape = readInputShape(readFileSync(path));
  return shape?.reduce((product, extent) => product * extent, 1) === size ? shape : undefined;
}

function optimizerOf(name: StartOptions['optimizer']): NonNullable<FederationConfigInput['training']>['optimizer'] {
  if (name === undefined) return undefined;
  return name === 'momentum' ? { name, momentum: 0.9 } : { name };
}

function defaultLearningRate({ optimizer }: StartOptions, kind: string): number {
  if (optimizer === 'adam') return 0.001;
  if (optimizer === 'momentum') return 0.01;
  return kind === 'cnn' ? 0.05 : 0.1;
}

/** Without the fields that are undefined: those keep what they had. */
function given<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
