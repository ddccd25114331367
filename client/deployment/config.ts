/** The configuration of a federation: one file, `tributary.json`, in which comments are welcome. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod/v4';
import { digestOfCid } from '../core/cid.ts';
import { dataDescriptionSchema } from '../core/data/description.ts';
import { TributaryError } from '../core/errors.ts';
import { toHex } from '../core/hash.ts';
import { parseJsonText, unreadable } from '../core/jsonText.ts';
import { parseRule } from '../core/rules/parseRule.ts';
import { encodeManifest, parseWith, type TaskManifest, taskManifestSchema, trainingPlanSchema } from '../core/task.ts';
import { readTextFile } from '../node/readJsonFile.ts';
import { buildDag } from '../storage/dag.ts';
import { metricOf } from '../training/metrics/taskMetric.ts';
import { bundleExternalData } from '../training/onnx/externalData.ts';
import type { FederationChoices } from './choices.ts';
import { checkDataFits, fittedToData } from './dataOfConfig.ts';
import type { GovernanceChoices } from './governanceChoices.ts';

const seconds = z.int().min(1).max(31_536_000);
const tokens = z.number().positive().max(1_000_000);
const bond = z.number().min(1e-18).max(1000);
/** Aggregators and evaluators get at most half of a reward each, see contracts/libraries/RewardBounds.sol. */
const share = z.number().min(0).max(0.5);

const model = z.strictObject({
  kind: taskManifestSchema.shape.model.shape.kind
    .default('2nn')
    .describe('logistic, 2nn or cnn; or onnx, keras or tensors with a file'),
  file: z
    .string()
    .optional()
    .describe(
      'the model file, relative to this one: ONNX, the JSON of a Keras model, or safetensors of a model that a program of your own trains',
    ),
  inputShape: taskManifestSchema.shape.model.shape.inputShape
    .default([784])
    .describe('shape of one sample: [features], or [channels, height, width]'),
  classes: z
    .int()
    .min(1)
    .max(100_000)
    .default(10)
    .describe('how many classes the labels have; or how many numbers or yes-or-no questions are predicted'),
  tensors: taskManifestSchema.shape.model.shape.tensors.describe(
    'by name: {"frozen": true} is not trained; "scale", a power of two, is the unit of its numbers, chosen where it is not said',
  ),
  batchStatistics: taskManifestSchema.shape.model.shape.batchStatistics.describe(
    "running statistics of batch normalisations: federated, averaged like weights; or frozen, the file's for ever",
  ),
});

const training = z.strictObject({
  optimizer: trainingPlanSchema.shape.optimizer.describe(
    '{"name": "sgd"}, {"name": "momentum", "momentum": 0.9} or {"name": "adam"}',
  ),
  learningRate: trainingPlanSchema.shape.learningRate.default(0.1).describe('step size of the optimizer'),
  epochs: trainingPlanSchema.shape.epochs.default(5).describe('passes over the own data in each round'),
  batchSize: trainingPlanSchema.shape.batchSize.default(10).describe('samples a step'),
  proximalMu: trainingPlanSchema.shape.proximalMu.describe('μ of FedProx; 0 is FedAvg'),
  loss: trainingPlanSchema.shape.loss.describe(
    'for classes softmaxCrossEntropy, or binaryCrossEntropy of a model with one output; for yes-or-no questions multiLabelCrossEntropy; for numbers squaredError, absoluteError or huberError',
  ),
  huberDelta: trainingPlanSchema.shape.huberDelta.describe(
    'where huberError turns from squares to lines; by default 1',
  ),
  classWeights: trainingPlanSchema.shape.classWeights.describe('what a sample of each class counts; by default 1'),
  recordPrivacy: trainingPlanSchema.shape.recordPrivacy.describe(
    'differential privacy of every record: all trainers clip and noise so that the ε of so many rounds is kept',
  ),
  labelSmoothing: trainingPlanSchema.shape.labelSmoothing.describe(
    'share of a label that all classes get; by default 0',
  ),
});

const days = 86_400;
const waiting = z
  .int()
  .min(1)
  .max(30 * days);
const governance = z.strictObject({
  votingDelaySeconds: waiting.optional().describe('from a proposal to the vote, in seconds: time to delegate'),
  votingPeriodSeconds: waiting.optional().describe('how long is voted, in seconds'),
  lateQuorumSeconds: waiting.optional().describe('what is left to vote after the quorum was reached, in seconds'),
  timelockSeconds: waiting.optional().describe('from a decision to its execution, in seconds'),
  minimumSeconds: waiting.optional().describe('the least that a vote can make of these four, in seconds'),
  proposalThreshold: z.number().positive().max(10_000_000).optional().describe('votes needed to propose'),
  quorumPercent: z
    .int()
    .min(1)
    .max(50)
    .optional()
    .describe('percent of all votes, a thousand million, that make a decision'),
  fundingVotesShare: z.number().min(0).max(1).optional().describe('votes for a token given to the pool of rewards'),
  fundingVotesSeconds: z
    .int()
    .min(1)
    .max(4 * 365 * days)
    .optional()
    .describe('for how long, in seconds'),
  guardian: z
    .string()
    .regex(/^0x[0-9a-fA-F]{40}$/, 'must be an address: 0x and 40 hex digits')
    .optional()
    .describe('who may pause new rounds, once, for seven days at most; nobody, unless an account is named'),
  founderTokens: z
    .number()
    .min(0)
    .max(1_000_000_000)
    .optional()
    .describe('tokens that the deployer keeps, to hand out: each is a vote; what nobody gets belongs to the treasury'),
});

export const federationConfigSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[\w-]{1,64}$/, 'must be 1 to 64 letters, digits, - or _')
    .default('digits')
    .describe('names the federation: deployments/<name>.json'),
  seed: taskManifestSchema.shape.seed.default('1').describe('every random choice of the task follows from it'),
  model: model.prefault({}).describe('what is trained'),
  data: dataDescriptionSchema
    .optional()
    .describe('what the data is: what `tributary data describe` writes, or the path of the file with it'),
  training: training.prefault({}).describe('how a trainer trains in each round'),
  rule: z
    .string()
    .superRefine(checkRule)
    .default('mean')
    .describe('how updates become the next model: mean, median or trimmedMean:<share cut off at each end>'),
  clipNorm: z
    .number()
    .positive()
    .max(100_000)
    .default(32)
    .describe('largest L2 norm of an update; it is clipped to it'),
  samplesPerWeight: z.int().min(1).default(1).describe('samples that count as one unit of weight in the mean'),
  metric: taskManifestSchema.shape.metric.describe(
    'by what rounds are compared (accuracy of classes, rmse of numbers), and after how many rounds without a better one trainers end',
  ),
  reputationFloor: z
    .number()
    .min(0.1)
    .max(1)
    .default(1)
    .describe('share of its weight in the mean that an update without reputation keeps; 1: past scores do not weigh'),
  startTrainers: z.int().min(1).max(65_535).default(3).describe('the first round opens when so many have joined'),
  maxWeight: z
    .int()
    .min(1)
    .max(65_535)
    .default(1000)
    .describe('largest weight of an update in the mean: the samples of the largest site ÷ samplesPerWeight'),
  minimumUpdates: z
    .int()
    .min(0)
    .max(65_535)
    .default(0)
    .describe('fewer updates than this make no round; 0: a majority of those it waits for'),
  windows: z
    .strictObject({
      submissionSeconds: seconds.default(3600).describe('a round that misses someone takes updates for so long'),
      turnSeconds: seconds.default(60).describe('an aggregator that keeps silent for so long is passed over'),
      challengeSeconds: seconds
        .min(5)
        .default(3600)
        .describe('a proposal can be refuted for so long, then it is final'),
      answerSeconds: seconds
        .optional()
        .describe(
          'what a watcher demands to see must be shown within so long; by default a sixth of the window, at most 600',
        ),
      scoringSeconds: seconds
        .optional()
        .describe('how long evaluators score a proposal; by default what is left of the challenge window'),
      revealSeconds: seconds.optional().describe('how long they reveal their scores then; by default a fifth of it'),
      publishSeconds: seconds
        .optional()
        .describe('how long scores may be demanded, and as long again answered; by default a fifth of it'),
    })
    .prefault({})
    .describe(
      'times, in seconds; no window is waited for once everyone has acted; but on the development chain each is at least 30 seconds and 10 blocks',
    ),
  ringSize: z
    .int()
    .min(3)
    .max(64)
    .default(8)
    .describe('one more than the rounds that may be underway before the oldest is final; joining pays for each'),
  trainerStake: tokens.default(100).describe('what a trainer has at stake, in whole tokens'),
  aggregatorBond: tokens.default(1000).describe('what an aggregator has at stake, in whole tokens'),
  evaluatorStake: tokens.default(100).describe('what an evaluator has at stake, in whole tokens'),
  rewardPerRound: z
    .number()
    .min(0)
    .max(1_000_000_000)
    .default(100)
    .describe('what a round pays, in whole tokens, while the pool of rewards lasts (`tributary fund`)'),
  evaluatorShare: share.default(0.2).describe('share of it that evaluators get'),
  aggregatorShare: share.default(0.1).describe('share of it that the aggregator gets; trainers get the rest'),
  committeeSize: z
    .int()
    .min(1)
    .max(128)
    .default(32)
    .describe('evaluators of a round, on average, where there are more: they are drawn by lot'),
  missedRevealShare: z
    .number()
    .min(0.0001)
    .max(1)
    .default(0.1)
    .describe('share of its stake that an evaluator loses that commits to scores and does not show them'),
  scoresDemandBond: bond.default(0.001).describe("what a demand to see scores costs, in the chain's own currency"),
  challengerShare: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.5)
    .describe('share of what a cheat loses that goes to who proved it; the rest burns or goes to the treasury'),
  attestationShare: z
    .number()
    .min(0.5)
    .lt(1)
    .default(0.5)
    .describe('more than this share of the aggregators and evaluators must hold the updates that a proposal takes in'),
  demandBond: bond
    .default(0.0001)
    .describe("what a demand to see a hidden tree costs a node, in the chain's own currency; whoever answers gets it"),
  grants: z
    .array(
      z.strictObject({
        account: z.string().regex(/^0x[0-9a-fA-F]{40}$/, 'must be an address: 0x and 40 hex digits'),
        tokens: z.number().positive(),
      }),
    )
    .default([])
    .describe('who gets tokens when the federation is deployed: [{"account": "0x…", "tokens": 100}]'),
  governance: governance
    .prefault({})
    .describe(
      'how votes are held; a line that is a comment says what holds without it, but on the development chain votes take seconds',
    ),
});

export type FederationConfig = z.infer<typeof federationConfigSchema>;
export type FederationConfigInput = z.input<typeof federationConfigSchema>;

/** Errors: CONFIG_INVALID, naming the field. */
export function parseFederationConfig(value: unknown, where = 'config'): FederationConfig {
  const config = parseWith(federationConfigSchema, fittedToData(withoutShape(value)), where);
  const { kind, file } = config.model;
  const needsFile = kind === 'onnx' || kind === 'keras' || kind === 'tensors';
  if (needsFile !== (file !== undefined)) {
    const wish = needsFile ? `a model of kind ${kind} needs its file` : `a model of kind ${kind} takes no file`;
    throw invalid(`${where}.model.file`, wish);
  }
  checkDataFits(config, where);
  metricOf(config);
  return config;
}

/** Of a model of named tensors nobody but its program knows a sample's shape and the classes: no default of others is to stand there. */
function withoutShape(value: unknown): unknown {
  const { model } = (value ?? {}) as { model?: { kind?: unknown } };
  if (model?.kind !== 'tensors') return value;
  return { ...(value as object), model: { inputShape: [1], classes: 1, ...model } };
}

/** Reads the file; the model's path becomes absolute. Errors: CONFIG_INVALID. */
export async function readFederationConfig(path: string): Promise<FederationConfig> {
  const file = { name: 'config', path, remedy: 'write one with `tributary init`, or name another with --config' };
  const json = parseJsonText(withoutComments(readTextFile(file)), file);
  const config = parseFederationConfig(withDataFile(json, path), path);
  if (config.model.file !== undefined) config.model.file = resolve(dirname(path), config.model.file);
  return config;
}

/** What `data` names by a path, relative to the configuration, stands in its place. Errors: CONFIG_INVALID. */
function withDataFile(json: unknown, configPath: string): unknown {
  const { data } = (json ?? {}) as { data?: unknown };
  if (typeof data !== 'string') return json;
  const remedy =
    'write it with `tributary data describe --output`, or correct the path, which is relative to the configuration';
  const file = { name: 'data', path: resolve(dirname(configPath), data), remedy };
  return { ...(json as object), data: parseJsonText(withoutComments(readTextFile(file)), file) };
}

/** Line comments and block comments outside of texts become blanks, so that positions stay. */
export function withoutComments(text: string): string {
  return text.replace(/"(?:\\.|[^"\\])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (part) =>
    part.startsWith('"') ? part : part.replace(/[^\n]/g, ' '),
  );
}

/** The task as it is pinned, with the bytes of the model's file where it has one. Errors: CONFIG_INVALID. */
export async function manifestOf(
  config: FederationConfig,
): Promise<{ manifest: TaskManifest; modelFile: Uint8Array | undefined }> {
  const { name, seed, samplesPerWeight, training, data } = config;
  const { file, ...shape } = config.model;
  const modelFile = file === undefined ? undefined : await readModelFile(file, shape.kind);
  const reference =
    modelFile === undefined
      ? {}
      : { file: { cid: toHex(digestOfCid((await buildDag(modelFile)).root)), bytes: modelFile.length } };
  const model = { ...shape, ...reference };
  const { metric } = config;
  const optional = { ...(data === undefined ? {} : { data }), ...(metric === undefined ? {} : { metric }) };
  const format = 'tributary-task/1' as const;
  const manifest: TaskManifest = { format, name, model, ...optional, training, samplesPerWeight, seed };
  encodeManifest(manifest); // is refused where it is too large
  return { manifest, modelFile };
}

export function choicesOf(config: FederationConfig): FederationChoices {
  const { name, seed, model, data, training, metric, samplesPerWeight, grants, governance, windows, ...choices } =
    config;
  return { ...choices, ...windows };
}

/** What the configuration says of governance, without what it leaves to the chain's defaults. */
export function governanceOf({ governance }: FederationConfig): Partial<GovernanceChoices> {
  return Object.fromEntries(Object.entries(governance).filter(([, value]) => value !== undefined));
}

/** What lies beside an ONNX model belongs to it. */
async function readModelFile(path: string, kind: string): Promise<Uint8Array> {
  const bytes = await readFileOf(path, 'correct the path, which is relative to the configuration');
  if (kind !== 'onnx') return bytes;
  return bundleExternalData(bytes, (location) =>
    readFileOf(
      resolve(dirname(path), location),
      `the model ${path} keeps its weights in it: put it there, or save the model with its weights inside`,
    ),
  );
}

async function readFileOf(path: string, remedy: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    throw unreadable({ name: 'model.file', path, remedy }, cause);
  }
}

function checkRule(text: string, context: z.RefinementCtx): void {
  try {
    parseRule(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message.replace(/^rule: /, '').replace(/\.$/, '') });
  }
}

function invalid(field: string, wish: string, cause?: unknown): TributaryError {
  return new TributaryError('CONFIG_INVALID', `${field}: ${wish}.`, { cause, args: { field } });
}
