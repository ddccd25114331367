/** An exported model, ready to answer: its file alone says what it takes. */
import type { NumberFormat, TableDescription } from '../../core/data/description.ts';
import { type ModelFacts, readMetadata } from '../export/metadata.ts';
import { elementCount } from '../layout.ts';
import { decodeModel } from '../onnx/proto.ts';
import { createRuntime, type Feeds, floats } from '../onnx/session.ts';
import { type Answer, answersOf } from './answers.ts';
import { type Cell, createFeeder } from './cells.ts';

/** Samples at a time: bounds the memory. */
const batchSize = 1024;

/** A model that answers for raw data; it is to be disposed of. */
export interface Predictor {
  readonly facts: ModelFacts;
  /** Rows of a table, their cells in the order of the task's columns, numbers as `format` writes them; a problem is why one is refused. */
  answerRows(
    rows: readonly (readonly Cell[])[],
    format: NumberFormat,
    problems?: readonly (string | undefined)[],
  ): Promise<Answer[]>;
  /** Samples one after the other, in the files' own numbers, as many as they say; a problem is why one is refused. */
  answerSamples(values: Float32Array, problems: readonly (string | undefined)[]): Promise<Answer[]>;
  dispose(): Promise<void>;
}

/** `path` is how errors name the file. Errors: MODEL_INVALID. */
export async function openPredictor(bytes: Uint8Array, path: string): Promise<Predictor> {
  const facts = readMetadata(bytes, path);
  const [input] = decodeModel(bytes).graph?.input ?? [];
  const shape = (input?.type?.tensorType?.shape?.dim ?? []).slice(1).map(({ dimValue }) => dimValue ?? 1);
  const runtime = createRuntime();
  const session = await runtime.createSession(bytes).catch(async (error) => {
    await runtime.dispose();
    throw error;
  });

  async function inBatches(count: number, answer: (from: number, to: number) => Promise<Answer[]>): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (let from = 0; from < count; from += batchSize) {
      answers.push(...(await answer(from, Math.min(count, from + batchSize))));
    }
    return answers;
  }

  return {
    facts,
    answerRows: (rows, format, known = []) =>
      inBatches(rows.length, async (from, to) => {
        const { feeds, problems } = feedsOf(rows.slice(from, to), facts.data as TableDescription, format);
        const first = problems.map((problem, row) => known[from + row] ?? problem);
        return answersOf(await session.run(feeds), facts, first);
      }),
    answerSamples(values, problems) {
      const size = elementCount(shape);
      return inBatches(problems.length, async (from, to) => {
        const batch = values.slice(from * size, to * size);
        const feeds = { [input!.name]: floats(batch, [to - from, ...shape]) };
        return answersOf(await session.run(feeds), facts, problems.slice(from, to));
      });
    },
    dispose: () => runtime.dispose(),
  };
}

function feedsOf(rows: readonly (readonly Cell[])[], { columns }: TableDescription, format: NumberFormat) {
  const dims = [rows.length, 1];
  const problems: (string | undefined)[] = rows.map(() => undefined);
  const feeds: Feeds = {};
  for (const [place, column] of columns.entries()) {
    const feed = createFeeder(column, format);
    const cells = rows.map((row) => feed(row[place] ?? null));
    for (const [row, { problem }] of cells.entries()) problems[row] ??= problem;
    const fed = cells.map((cell) => cell.fed);
    feeds[column.name] =
      column.kind === 'number'
        ? floats(Float32Array.from(fed as number[]), dims)
        : { type: 'string', data: fed as string[], dims };
  }
  return { feeds, problems };
}
