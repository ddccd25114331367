/** The data of a run: what it is, and which part of it each process reads. */
import { type DataDescription, type ImagesDescription, labelCountOf, shapeOfData } from '../core/data/description.ts';
import { type DescribeOptions, describeData } from '../training/data/describe.ts';
import { formatSource, parseSource, readingOptions, withoutDescribing } from '../training/data/sourceNotation.ts';
import type { TaskShape } from '../training/engine.ts';

/** What a sample of the data is, and how it is described where somebody has to. */
export interface OwnData extends TaskShape {
  data?: DataDescription | undefined;
  /** What a person should look at before others join. */
  questions: readonly string[];
}

/**
 * The data of a newcomer, described from the whole source where no configuration describes it; the bundled digits need none. Pictures become
 * `inputShape` where it is given: [channels, height, width]. Errors: CONFIG_INVALID, and those of the readers.
 */
export async function describeOwnData(
  source: string,
  described: DataDescription | undefined,
  inputShape?: readonly number[],
  options: DescribeOptions = {},
): Promise<OwnData> {
  if (described !== undefined) {
    // what would describe it again is refused
    readingOptions(parseSource(source));
    return { ...shapeAndClasses(described), data: described, questions: [] };
  }
  if (parseSource(source).kind === 'mnist') return { inputShape: [1, 28, 28], classes: 10, questions: [] };
  const { data, questions } = await describeData(source, options);
  const resized = data.kind === 'images' && inputShape !== undefined ? resize(data, inputShape) : data;
  return { ...shapeAndClasses(resized), data: resized, questions };
}

/** What is proposed has no normalisation, which would be by channel. */
function resize(data: ImagesDescription, inputShape: readonly number[]): ImagesDescription {
  const [channels, height, width] = inputShape;
  const known = channels === 1 ? 1 : channels === 3 ? 3 : undefined;
  if (known === undefined || height === undefined || width === undefined) return data;
  return { ...data, channels: known, height, width };
}

function shapeAndClasses(data: DataDescription): TaskShape {
  return { inputShape: shapeOfData(data), classes: labelCountOf(data) };
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

function withOptions(text: string, added: Record<string, string>): string {
  const source = withoutDescribing(parseSource(text));
  const share = source.kind === 'mnist' ? {} : { heldOut: heldOutShare };
  const given = source.options.map(([name]) => name);
  const missing = Object.entries({ ...added, ...share }).filter(([name]) => !given.includes(name));
  return formatSource({ ...source, options: [...missing, ...source.options] });
}
