/** What a data source holds, read as the task describes it; `sourceNotation.ts` says how a source is written. */
import { classNamesOf, type DataDescription, dataDescriptionSchema } from '../../core/data/description.ts';
import { TributaryError } from '../../core/errors.ts';
import { parseWith } from '../../core/task.ts';
import type { Dataset, TaskShape } from '../engine.ts';
import { checkSamples, fitToTask, hasClasses, selectSamples, splitHeldOut } from './dataset.ts';
import type { Partitioner } from './partition.ts';
import { parsePartition } from './partitionNotation.ts';
import { type LoadedData, loadDescribed } from './reading.ts';
import { checkSkippedShare, createSkips, type DataReport } from './report.ts';
import { invalid, parseSource, readingOptions } from './sourceNotation.ts';
import { refuseOtherUnits } from './table/units.ts';

/** What of a task's manifest says how its data is read. */
export interface TaskOfData {
  model: TaskShape;
  data?: DataDescription | undefined;
}

/** A data set, and what was read and left out of its source. */
export interface ReadData {
  dataset: Dataset;
  report: DataReport;
}

/**
 * The data set that a source names, as the task describes it, and what was left out.
 * Errors: CONFIG_INVALID (naming the option), DATA_INVALID, DATA_EMPTY, DATA_NOT_FINITE.
 */
export async function readData(source: string, task: TaskOfData): Promise<ReadData> {
  const { refusal, dataset, report } = await inspectData(source, task);
  if (refusal !== undefined) throw refusal;
  return { dataset, report };
}

/** The data set alone. Errors: as `readData`. */
export async function loadData(
  source: string,
  task: TaskOfData | (TaskShape & Pick<TaskOfData, 'data'>),
): Promise<Dataset> {
  const { dataset } = await readData(source, 'model' in task ? task : { model: task, data: task.data });
  return dataset;
}

/** As `readData`; where a trainer would be refused for what the source holds, the report is had all the same. */
export async function inspectData(
  source: string,
  task: TaskOfData,
): Promise<ReadData & { refusal: TributaryError | undefined }> {
  const { loaded, report, maxSkippedShare, selection } = await open(source, task);
  let dataset: Dataset = loaded;
  const refusal = refusalOf(() => {
    refuseOtherUnits(source, loaded.units ?? []);
    checkSkippedShare(report, maxSkippedShare);
    checkSamples(loaded);
    const { samples, parts } = divide(fitToTask(loaded, task.model), selection);
    dataset = parts === undefined ? samples : selectSamples(samples, parts[selection.shard]!);
    checkSamples(dataset);
  });
  return { dataset, report, refusal };
}

/** How many samples each of the parts has of which the source is one. Errors: as `readData`. */
export async function sizesOfShards(source: string, task: TaskOfData): Promise<number[]> {
  const { loaded, selection } = await open(source, task);
  const { samples, parts } = divide(fitToTask(loaded, task.model), selection);
  return parts === undefined ? [samples.count] : parts.map((indices) => indices.length);
}

async function open(source: string, { data }: TaskOfData) {
  const parsed = parseSource(source);
  const options = readingOptions(parsed);
  const selection = parseSelection(parsed.kind, parsed.where, options);
  // a program may leave out what has defaults
  const description = data && parseWith(dataDescriptionSchema, data, 'data');
  const skips = createSkips();
  const loaded = await loadDescribed(parsed, options, description, skips);
  const report = reportOf(source, loaded, description, skips);
  return { loaded, report, selection, maxSkippedShare: description?.maxSkippedShare ?? 0 };
}

function refusalOf(check: () => void): TributaryError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof TributaryError) return error;
    throw error;
  }
}

interface Selection {
  shard: number;
  parts: number;
  partitioner: Partitioner;
  seed: string;
  heldOut: number;
  set: 'training' | 'heldOut';
}

function parseSelection(kind: string, where: string, options: ReadonlyMap<string, string>): Selection {
  const { index, parts } = parseShard(options.get('shard') ?? (kind === 'mnist' && where !== '' ? where : '1/1'));
  const heldOut = toNumber(options, 'heldOut', kind === 'mnist' ? 0.2 : 0);
  if (!(heldOut >= 0 && heldOut < 1))
    throw invalid('heldOut', options.get('heldOut'), 'a share of at least 0 and below 1');
  const set = options.get('set') ?? 'training';
  if (set !== 'training' && set !== 'heldOut') throw invalid('set', set, 'one of training, heldOut');
  const partitioner = parsePartition(options.get('partition') ?? 'iid');
  return { shard: index, parts, partitioner, seed: options.get('seed') ?? '0', heldOut, set };
}

/** The set that the source names, and its parts where it is to have any. */
function divide(whole: Dataset, { parts, partitioner, seed, heldOut, set }: Selection) {
  const samples = splitHeldOut(whole, heldOut, seed)[set];
  return { samples, parts: parts === 1 ? undefined : partitioner(samples, parts, seed) };
}

function reportOf(
  source: string,
  loaded: LoadedData,
  description: DataDescription | undefined,
  skips: ReturnType<typeof createSkips>,
): DataReport {
  const classes: Record<string, number> = {};
  if (hasClasses(loaded)) {
    const names =
      (description && classNamesOf(description)) ?? Array.from({ length: loaded.classes }, (_, i) => `${i}`);
    const counts = new Array<number>(names.length).fill(0);
    for (let sample = 0; sample < loaded.count; sample++) counts[loaded.labels[sample]!]!++;
    for (const [index, name] of names.entries()) classes[name] = counts[index]!;
    const absent = names.filter((_, index) => counts[index] === 0);
    if (absent.length > 0 && loaded.count > 0) {
      skips.remark(`No sample here is of ${absent.length === 1 ? 'the class' : 'the classes'} ${absent.join(', ')}.`);
    }
  }
  for (const { sentence, isOtherUnit } of loaded.units ?? []) if (!isOtherUnit) skips.remark(sentence);
  return {
    source,
    read: loaded.count + skips.count,
    used: loaded.count,
    skipped: skips.skipped,
    classes,
    columns: loaded.columns ?? [],
    remarks: skips.remarks,
  };
}

function parseShard(text: string): { index: number; parts: number } {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  const [number, parts] = [Number(match?.[1]), Number(match?.[2])];
  if (!(number >= 1 && number <= parts))
    throw invalid('shard', text, '<shard>/<shards>, counted from 1, for example 2/5');
  return { index: number - 1, parts };
}

function toNumber(options: ReadonlyMap<string, string>, name: string, fallback: number): number {
  const text = options.get(name);
  if (text === undefined) return fallback;
  if (text.trim() === '' || !Number.isFinite(Number(text))) throw invalid(name, text, 'a number');
  return Number(text);
}
