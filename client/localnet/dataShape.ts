/** What one sample of a data source looks like and how many classes there are: what the task's model must fit. */
import { TributaryError } from '../core/errors.ts';
import { inferCsvSchema } from '../training/data/csv.ts';
import { featureCount, readCsvSchema } from '../training/data/csvSchema.ts';
import { describeVectors } from '../training/data/idxSurvey.ts';
import type { TaskShape } from '../training/engine.ts';

/** Images of a folder are scaled to this where no other shape is asked for: [channels, height, width]. */
const imageShape = [3, 32, 32];

/** Errors: CONFIG_INVALID, and those of the loaders. */
export async function shapeOfData(source: string, inputShape?: readonly number[]): Promise<TaskShape> {
  const [address = '', query = ''] = source.split('?');
  const kind = address.split(':')[0]!;
  const where = address.slice(kind.length + 1);
  const options = new URLSearchParams(query);
  switch (kind) {
    case 'mnist':
      return { inputShape: [1, 28, 28], classes: 10 };
    case 'csv':
      return await shapeOfTable(where, options);
    case 'idx': {
      const { data } = await describeVectors(where);
      return { inputShape: data.shape, classes: data.classes.length };
    }
    case 'images': {
      const { describeImages } = await import('../training/data/imageSurvey.ts');
      const { data } = await describeImages(where);
      const classes = options.get('classes')?.split(',').length ?? data.classes.length;
      if (classes < 2) throw invalid(`${where} wants one folder of images for each class, at least two.`);
      return { inputShape: inputShape ?? imageShape, classes };
    }
    default:
      throw invalid(`"${source}" is none of mnist, csv:<path>?label=<column>, idx:<images>,<labels>, images:<folder>.`);
  }
}

async function shapeOfTable(path: string, options: URLSearchParams): Promise<TaskShape> {
  const labelColumn = options.get('label');
  if (labelColumn === null) throw invalid(`${path}: name the label column, csv:${path}?label=<column>.`);
  const schemaPath = options.get('schema');
  const label = options.get('target') === 'number' ? 'number' : 'class';
  const schema =
    schemaPath === null
      ? await inferCsvSchema(path, { labelColumn, label, delimiter: options.get('delimiter') ?? ',' })
      : await readCsvSchema(schemaPath);
  return { inputShape: [featureCount(schema)], classes: schema.classes?.length ?? 1 };
}

/** The source of one trainer: its part of the data, without what is held out. */
export function sourceOfShard(source: string, shard: string, partition: string, seed: string): string {
  return withOptions(source, { shard, partition, seed });
}

/** The samples that no trainer sees. */
export function sourceOfHeldOut(source: string, seed: string): string {
  return withOptions(source, { set: 'heldOut', seed });
}

/** One evaluator's part of them. */
export function sourceOfValidation(source: string, shard: string, seed: string): string {
  return withOptions(source, { set: 'heldOut', shard, seed });
}

/** Of data of one's own; the digits have the same by themselves. */
const heldOutShare = '0.2';

function withOptions(source: string, added: Record<string, string>): string {
  const [address = '', query = ''] = source.split('?');
  const share = address.startsWith('mnist') ? {} : { heldOut: heldOutShare };
  const options = new URLSearchParams({ ...added, ...share, ...Object.fromEntries(new URLSearchParams(query)) });
  return `${address}?${options}`;
}

function invalid(reason: string): TributaryError {
  return new TributaryError('CONFIG_INVALID', `--data: ${reason}`, { args: { field: '--data' } });
}
