/**
 * A task's manifest: what is trained, how, and from which seed. It is pinned as canonical JSON, its CID's digest is fixed
 * in the federation's contract, and every node reads it from there: no two trainers can train different things.
 */
import { z } from 'zod/v4';
import { dataDescriptionSchema } from './data/description.ts';
import { TributaryError } from './errors.ts';
import { maxSquaredNormLimit, updateFractionBits } from './numbers.ts';

const positiveInteger = z.int().min(1);
const hex32 = z.string().regex(/^0x[0-9a-f]{64}$/, '32 bytes as 0x and 64 hex digits');

const optimizer = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('sgd') }),
  z.strictObject({ name: z.literal('momentum'), momentum: z.number().min(0).lt(1) }),
  z.strictObject({
    name: z.literal('adam'),
    beta1: z.number().min(0).lt(1).default(0.9),
    beta2: z.number().min(0).lt(1).default(0.999),
    epsilon: z.number().positive().default(1e-8),
  }),
]);

/** Differential privacy of every record of a trainer's data; see `docs/privacy.md`. */
export const recordPrivacySchema = z.strictObject({
  epsilon: z.number().positive().max(1000),
  delta: z.number().positive().max(0.1),
  /** Over so many rounds the budget is spread. */
  rounds: positiveInteger.max(1_000_000),
  /** L2 norm to which the gradient of a record is clipped. */
  clipNorm: z.number().positive().max(1e6).default(1),
});

export type RecordBudget = z.infer<typeof recordPrivacySchema>;

export const trainingPlanSchema = z.strictObject({
  optimizer: optimizer.default({ name: 'sgd' }),
  learningRate: z.number().positive().max(100),
  epochs: positiveInteger.max(10_000),
  batchSize: positiveInteger.max(1_000_000),
  proximalMu: z.number().min(0).default(0),
  loss: z
    .enum([
      'softmaxCrossEntropy',
      'binaryCrossEntropy',
      'multiLabelCrossEntropy',
      'squaredError',
      'absoluteError',
      'huberError',
    ])
    .default('softmaxCrossEntropy'),
  /** Where the Huber error turns from squares to lines, in units of the trained target; 1 where it is not said. */
  huberDelta: z.number().positive().optional(),
  /** What a sample of each class counts in the loss of training; 1 for all where it is not said. */
  classWeights: z.array(z.number().positive()).min(1).optional(),
  /** Share of each label that is spread evenly over all classes (Szegedy et al., https://arxiv.org/abs/1512.00567, section 7). */
  labelSmoothing: z.number().min(0).lt(1).optional(),
  /** Every trainer trains so; one that wants to may promise more to its records. */
  recordPrivacy: recordPrivacySchema.optional(),
});

/** What is said of one tensor of the model beyond its file. */
const tensorTermsSchema = z.strictObject({
  /** Whether training leaves it as it is; where it is not said, the place of the tensor in the model decides. */
  frozen: z.boolean().optional(),
  /** The unit of its fixed-point numbers: a value w is kept as w ÷ scale. A power of two, so that nothing is rounded by it. */
  scale: z
    .number()
    .positive()
    .refine((scale) => Number.isInteger(Math.log2(scale)), 'must be a power of two')
    .optional(),
});

/** What people compare rounds by. */
export const metricNames = [
  'accuracy',
  'balancedAccuracy',
  'f1',
  'auc',
  'logLoss',
  'calibrationError',
  'rmse',
  'mae',
  'r2',
] as const;
export type MetricName = (typeof metricNames)[number];

const metricSchema = z.strictObject({
  name: z.enum(metricNames),
  /** Trainers end when the evaluators' median has not become better for so many rounds; never where it is not said. */
  patience: positiveInteger.max(10_000).optional(),
  /** What counts as better. */
  leastGain: z.number().min(0).default(0),
});

export const taskManifestSchema = z.strictObject({
  format: z.literal('tributary-task/1'),
  name: z.string().min(1).max(100),
  model: z.strictObject({
    kind: z.enum(['logistic', '2nn', 'cnn', 'onnx', 'keras', 'tensors']),
    /** Of a model of kind tensors only its program knows what a sample is: there it is [1], and one class. */
    inputShape: z.array(positiveInteger).min(1).max(4),
    /** Classes, or numbers to predict, or yes-or-no questions. */
    classes: positiveInteger,
    /** For onnx, keras and tensors: digest of the CID of the model file, and its size in bytes. */
    file: z.strictObject({ cid: hex32, bytes: positiveInteger.max(2 ** 30) }).optional(),
    /** By the tensor's name. */
    tensors: z.record(z.string(), tensorTermsSchema).optional(),
    /** Running means and variances of batch normalisations: averaged like weights, or those of the file for ever. */
    batchStatistics: z.enum(['federated', 'frozen']).optional(),
  }),
  /** What the data is; without it only a program's own training function can take part. */
  data: dataDescriptionSchema.optional(),
  /** By which rounds are compared; accuracy for classes and rmse for numbers where it is not said. */
  metric: metricSchema.optional(),
  training: trainingPlanSchema,
  /** Samples that count as one unit of weight in the mean. */
  samplesPerWeight: positiveInteger.default(1),
  /** Names every stream of random numbers of the task. */
  seed: z.string().min(1).max(100),
});

/** What a federation trains: model, data, training plan, seed. The digest of its CID is chosen by vote. */
export type TaskManifest = z.infer<typeof taskManifestSchema>;

/** Largest manifest in bytes: what is a blob of one leaf whatever its length. */
export const maxManifestBytes = 2 ** 20;

/** UTF-8 JSON with sorted keys and a newline at the end: equal manifests have equal bytes. Errors: CONFIG_INVALID where it is too large. */
export function encodeManifest(manifest: TaskManifest): Uint8Array {
  const bytes = new TextEncoder().encode(`${JSON.stringify(sortKeys(manifest))}\n`);
  if (bytes.length <= maxManifestBytes) return bytes;
  throw new TributaryError(
    'CONFIG_INVALID',
    `The task's manifest has ${bytes.length} bytes, and ${maxManifestBytes} are allowed: describe fewer columns, categories or classes.`,
  );
}

/** Errors: CONFIG_INVALID, naming the field. */
export function decodeManifest(bytes: Uint8Array): TaskManifest {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new TributaryError('CONFIG_INVALID', 'The task manifest is not JSON: the task was deployed wrongly.', {
      cause,
    });
  }
  return parseWith(taskManifestSchema, json, 'task');
}

/** Errors: CONFIG_INVALID with the path of the first wrong field and what it wants. */
export function parseWith<S extends z.ZodType>(schema: S, value: unknown, where: string): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const field = [where, ...issue.path.map(String)].join('.');
  const wish = issue.message.replace(/, received undefined$/, ', but it is missing');
  throw new TributaryError('CONFIG_INVALID', `${field}: ${wish}.`, { args: { field } });
}

/** The squared norm, in squared update units, of an update of L2 norm `norm`. */
export function squaredNormBound(norm: number): number {
  return Math.min(maxSquaredNormLimit, Math.floor((norm * 2 ** updateFractionBits) ** 2));
}

/** The weight a trainer claims for its number of samples, in [1, maxWeight]. */
export function weightOfSamples(samples: number, samplesPerWeight: number, maxWeight: number): number {
  return Math.max(1, Math.min(maxWeight, Math.round(samples / samplesPerWeight)));
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sortKeys(item)]));
}
