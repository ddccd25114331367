/**
 * Data sources as a person writes them on the command line or in a configuration: `kind:where?option=value&…`
 *
 *   mnist:2/5?partition=dirichlet:0.5&seed=7   the second of five shards of the bundled digits
 *   mnist?set=heldOut&seed=7                   their held-out samples (a fifth of each class)
 *   mnist:1/2?set=heldOut&seed=7               the first half of them
 *   csv:people.csv?label=income&schema=people.json
 *   idx:train-images-idx3-ubyte.gz,train-labels-idx1-ubyte.gz
 *   images:photos?classes=cat,dog
 *
 * Options of every kind: `shard=2/5` (counted from 1), `partition` (iid), `seed` (0), `heldOut` (share set aside; 0.2 for
 * mnist, else 0), `set` (training or heldOut). Of csv: `label`, `schema`, `scaling`, `target=number`, `delimiter`.
 * Of idx: `transposed=true`. Of images: `classes`. Paths must not contain `?`, and for idx no comma.
 */
import type { ImagesDescription, VectorsDescription } from '../../core/data/description.ts';
import { TributaryError } from '../../core/errors.ts';
import type { Dataset, TaskShape } from '../engine.ts';
import { loadCsv } from './csv.ts';
import { readCsvSchema } from './csvSchema.ts';
import { checkDataset, checkSamples, fitToTask, selectSamples, splitHeldOut } from './dataset.ts';
import { readVectors } from './idx.ts';
import { loadMnistDigits } from './mnist.ts';
import { parsePartition } from './partitionNotation.ts';
import { createSkips } from './report.ts';

type Kind = 'mnist' | 'csv' | 'idx' | 'images';

const kindOptions: Record<Kind, readonly string[]> = {
  mnist: [],
  csv: ['label', 'schema', 'scaling', 'target', 'delimiter'],
  idx: ['transposed'],
  images: ['classes'],
};
const commonOptions = ['shard', 'partition', 'seed', 'heldOut', 'set'];

/**
 * The data set that a source names, in the task's shape and checked: a training set has at least two classes.
 * Errors: CONFIG_INVALID (naming the option), DATA_INVALID, DATA_EMPTY, DATA_ONE_CLASS, DATA_NOT_FINITE.
 */
export async function loadData(source: string, task: TaskShape): Promise<Dataset> {
  const { samples, parts, shard, set } = await split(source, task);
  const own = parts === undefined ? samples : selectSamples(samples, parts[shard]!);
  if (set === 'heldOut') checkSamples(own);
  else checkDataset(own);
  return own;
}

/** How many samples each of the parts has of which the source is one. Errors: as `loadData`. */
export async function sizesOfShards(source: string, task: TaskShape): Promise<number[]> {
  const { samples, parts } = await split(source, task);
  return parts === undefined ? [samples.count] : parts.map((indices) => indices.length);
}

/** The set that the source names, and its parts where it is to have any. */
async function split(source: string, task: TaskShape) {
  const { kind, where, options } = parseSource(source);
  const shard = parseShard(options.get('shard') ?? (kind === 'mnist' && where !== '' ? where : '1/1'));
  const partition = parsePartition(options.get('partition') ?? 'iid');
  const seed = options.get('seed') ?? '0';
  const share = toNumber(options, 'heldOut', kind === 'mnist' ? 0.2 : 0);
  if (!(share >= 0 && share < 1)) throw invalid('heldOut', options.get('heldOut'), 'a share of at least 0 and below 1');
  const set = oneOf(options, 'set', ['training', 'heldOut']);

  const whole = fitToTask(await load(kind, where, options, task), task);
  const samples = splitHeldOut(whole, share, seed)[set];
  const parts = shard.parts === 1 ? undefined : partition(samples, shard.parts, seed);
  return { samples, parts, shard: shard.index, set };
}

async function load(kind: Kind, where: string, options: Map<string, string>, task: TaskShape): Promise<Dataset> {
  if (kind === 'mnist') return loadMnistDigits();
  if (where === '') throw invalid('data', kind, `${kind}:<path>`);
  if (kind === 'csv') {
    const schemaPath = options.get('schema');
    const labelColumn = options.get('label');
    if (labelColumn === undefined) throw invalid('label', labelColumn, 'the name of the label column');
    return loadCsv(where, {
      labelColumn,
      scaling: oneOf(options, 'scaling', ['standardise', 'minMax', 'none']),
      label: oneOf(options, 'target', ['class', 'number']),
      classes: task.classes,
      delimiter: options.get('delimiter') ?? ',',
      ...(schemaPath === undefined ? {} : { schema: await readCsvSchema(schemaPath) }),
    });
  }
  if (kind === 'idx') {
    const [images, labels, ...rest] = where.split(',');
    if (!images || !labels || rest.length > 0) throw invalid('data', where, 'idx:<images file>,<labels file>');
    const description: VectorsDescription = {
      kind: 'vectors',
      shape: [...task.inputShape],
      range: [0, 255],
      scaling: 'range',
      transposed: oneOf(options, 'transposed', ['false', 'true']) === 'true',
      classes: Array.from({ length: task.classes }, (_, label) => String(label)),
      maxSkippedShare: 0,
    };
    return readVectors(where, description, createSkips());
  }
  const [channels, height, width] = task.inputShape;
  if (task.inputShape.length !== 3 || (channels !== 1 && channels !== 3) || !height || !width) {
    throw invalid('data', kind, `a task with the inputShape [1 or 3, height, width], not [${task.inputShape}]`);
  }
  const { readImages } = await import('./images.ts'); // loads sharp's native library only where it serves
  const classes =
    options.get('classes')?.split(',') ?? (await (await import('./imageSurvey.ts')).describeImages(where)).data.classes;
  const description: ImagesDescription = {
    kind: 'images',
    channels,
    height,
    width,
    valueRange: [0, 255],
    classes,
    maxSkippedShare: 0,
  };
  return readImages(where, description, createSkips());
}

function parseSource(source: string): { kind: Kind; where: string; options: Map<string, string> } {
  const [address = '', query = ''] = splitOnce(source, '?');
  const [kind = '', where = ''] = splitOnce(address, ':');
  if (!Object.hasOwn(kindOptions, kind)) {
    throw invalid('data', source, 'mnist:<shard>/<shards>, csv:<path>, idx:<images>,<labels> or images:<folder>');
  }
  const options = new Map(new URLSearchParams(query));
  const known = [...commonOptions, ...kindOptions[kind as Kind]];
  const unknown = [...options.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalid(unknown, options.get(unknown), `one of the options ${known.join(', ')}`);
  return { kind: kind as Kind, where, options };
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function parseShard(text: string): { index: number; parts: number } {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  const [number, parts] = [Number(match?.[1]), Number(match?.[2])];
  if (!(number >= 1 && number <= parts))
    throw invalid('shard', text, '<shard>/<shards>, counted from 1, for example 2/5');
  return { index: number - 1, parts };
}

function toNumber(options: Map<string, string>, name: string, fallback: number): number {
  const text = options.get(name);
  if (text === undefined) return fallback;
  if (text.trim() === '' || !Number.isFinite(Number(text))) throw invalid(name, text, 'a number');
  return Number(text);
}

function oneOf<T extends string>(options: Map<string, string>, name: string, values: readonly [T, ...T[]]): T {
  const text = options.get(name) ?? values[0];
  if (!(values as readonly string[]).includes(text)) throw invalid(name, text, `one of ${values.join(', ')}`);
  return text as T;
}

function invalid(field: string, value: string | undefined, wanted: string): TributaryError {
  return new TributaryError('CONFIG_INVALID', `data: ${field}: "${value ?? ''}" is not ${wanted}.`, {
    args: { field, value },
  });
}
