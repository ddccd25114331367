/** What is to be predicted, and the answers to it: rows, pictures, vectors, or the samples that a task without a description is fed. */
import type { DataDescription } from '../../core/data/description.ts';
import { TributaryError } from '../../core/errors.ts';
import { sampleSize } from '../../training/data/dataset.ts';
import { asInFiles, readSamples } from '../../training/data/idx.ts';
import { loadData } from '../../training/data/source.ts';
import { parseSource, readingOptions } from '../../training/data/sourceNotation.ts';
import type { Answer } from '../../training/predict/answers.ts';
import type { Predictor } from '../../training/predict/predictor.ts';
import { listPictures, readPictures } from './pictures.ts';
import { parseRow } from './rowOption.ts';
import { readTableRows } from './tableRows.ts';

export interface Wanted {
  source?: string | undefined;
  rows: readonly string[];
  images: readonly string[];
}

export interface NamedAnswer {
  /** Which row, file or sample. */
  sample: string;
  answer: Answer;
}

/** Errors: CONFIG_INVALID, DATA_INVALID, DATA_EMPTY. */
export async function answerAll(predictor: Predictor, { source, rows, images }: Wanted): Promise<NamedAnswer[]> {
  const { data } = predictor.facts;
  const answers: NamedAnswer[] = [];
  if (rows.length > 0) {
    if (data?.kind !== 'table') throw misfit('--row', data);
    const cells = rows.map((row) => parseRow(row, data));
    const names = rows.map((_, place) => `row ${place + 1}`);
    answers.push(...named(names, await predictor.answerRows(cells, data.numbers)));
  }
  if (images.length > 0) {
    if (data?.kind !== 'images') throw misfit('--image', data);
    const { names, values, problems } = await readPictures(images, data);
    answers.push(...named(names, await predictor.answerSamples(values, problems)));
  }
  if (source !== undefined) answers.push(...(await answerSource(predictor, source)));
  return answers;
}

async function answerSource(predictor: Predictor, source: string): Promise<NamedAnswer[]> {
  const { data, inputShape, classes } = predictor.facts;
  const parsed = parseSource(withKind(source, data));
  const { kind, where } = parsed;
  const options = readingOptions(parsed);
  if (kind === 'csv' && data?.kind === 'table') {
    const columns = data.columns.map(({ name }) => name);
    const { names, rows, problems, format } = await readTableRows(where, options, columns, data.numbers);
    return named(names, await predictor.answerRows(rows, format, problems));
  }
  if (kind === 'images' && data?.kind === 'images') {
    const { names, values, problems } = await readPictures(await listPictures(where), data);
    return named(names, await predictor.answerSamples(values, problems));
  }
  if ((kind === 'idx' || kind === 'npy') && data?.kind === 'vectors') {
    const values = await readSamples(where.split(',')[0]!, data);
    return await answerPlain(predictor, values, values.length / sampleSize(data.shape));
  }
  if (kind !== 'mnist' && data !== undefined) throw misfit(source, data);
  const { features, count } = await loadData(source, { inputShape, classes });
  // the digits' pixels are bytes, which are given to who describes them
  return await answerPlain(predictor, data === undefined ? features : features.map((value) => value * 255), count);
}

/** `values` are upright; the model takes those of files that are transposed as the files have them. */
async function answerPlain(predictor: Predictor, values: Float32Array, count: number): Promise<NamedAnswer[]> {
  const { data } = predictor.facts;
  const fed = data?.kind === 'vectors' ? asInFiles(values, data) : values;
  const names = Array.from({ length: count }, (_, sample) => `sample ${sample + 1}`);
  return named(names, await predictor.answerSamples(fed, new Array<undefined>(count).fill(undefined)));
}

function named(names: readonly string[], answers: readonly Answer[]): NamedAnswer[] {
  return answers.map((answer, place) => ({ sample: names[place]!, answer }));
}

const kindsOf = { table: 'csv', images: 'images', vectors: 'idx' } as const;

/** A path alone is of the kind that the task describes. */
function withKind(source: string, data: DataDescription | undefined): string {
  const hasKind = /^(mnist|csv|images|idx|npy)([:?]|$)/.test(source);
  return hasKind || data === undefined ? source : `${kindsOf[data.kind]}:${source}`;
}

function misfit(given: string, data: DataDescription | undefined): TributaryError {
  const wanted = {
    table: 'rows of a table: give csv:<file> or --row',
    images: 'pictures: give images:<folder> or --image',
    vectors: 'vectors: give idx:<file>',
  };
  const takes = data === undefined ? 'what the task was trained on: give a source of it' : wanted[data.kind];
  return new TributaryError('CONFIG_INVALID', `${given} does not fit the model, which takes ${takes}.`);
}
