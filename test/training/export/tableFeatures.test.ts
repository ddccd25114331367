/** A cell becomes the same features whether training reads it from a file or an exported model is fed it. */
import { expect } from 'chai';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { type Column, columnWidth } from '../../../client/core/data/columns.ts';
import { dataDescriptionSchema, type TableDescription } from '../../../client/core/data/description.ts';
import { createColumnReaders } from '../../../client/training/data/table/columns.ts';
import { emptyRow } from '../../../client/training/data/table/rows.ts';
import { Tally } from '../../../client/training/data/table/tally.ts';
import { cast, tableDomain } from '../../../client/training/export/rawGraph.ts';
import { addTableFeatures } from '../../../client/training/export/tableFeatures.ts';
import { createGraph, valueInfo } from '../../../client/training/onnx/graph.ts';
import { encodeModel } from '../../../client/training/onnx/proto.ts';
import { createFeeder } from '../../../client/training/predict/cells.ts';

const described = dataDescriptionSchema.parse({
  kind: 'table',
  numbers: { affixes: ['%'] },
  columns: [
    { kind: 'number', name: 'standardised', mean: 50.3, standardDeviation: 12.7, range: [-10, 120] },
    {
      kind: 'number',
      name: 'in a range',
      scaling: 'range',
      range: [-20, 400],
      median: 110,
      missing: { as: ['', '-9', 'NA'], become: 'median', indicator: true },
    },
    { kind: 'number', name: 'as it is', scaling: 'none', missing: { as: ['', '?'], become: 7.5 } },
    { kind: 'number', name: 'mean', mean: 3, standardDeviation: 2, missing: { become: 'mean', indicator: true } },
    {
      kind: 'number',
      name: 'federated',
      scaling: 'federated',
      range: [10, 130],
      mean: 0.25,
      standardDeviation: 0.5,
      missing: { become: 'mean' },
    },
    {
      kind: 'number',
      name: 'federated, by its median',
      scaling: 'federated',
      range: [10, 130],
      mean: 0.25,
      standardDeviation: 0.5,
      median: 40,
      missing: { as: ['NA'], become: 'median' },
    },
    { kind: 'category', name: 'place', values: ['New York', 'b', '1'] },
    {
      kind: 'category',
      name: 'index',
      values: ['a', 'b', 'ü'],
      encoding: 'index',
      missing: { as: ['?', ''], become: { value: 'b' }, indicator: true },
    },
    {
      kind: 'category',
      name: 'none',
      values: ['1', '20'],
      missing: { as: ['NA', '-9'], become: 'none', indicator: true },
    },
  ],
  label: { kind: 'class', column: 'y', classes: ['no', 'yes'] },
}) as TableDescription;

const texts = [
  '',
  '-9',
  '-9.0',
  '-9 %',
  'NA',
  '?',
  '1',
  '1.00',
  '20',
  '65 %',
  '120',
  '120.5',
  '1e39',
  '1,5',
  '01',
  'old',
].concat(['New York', 'New\u00a0York', 'new york', 'b', 'ü', 'u\u0308']);

/** Features, undefined where the row is refused. */
function readByTraining(column: Column, text: string): number[] | undefined {
  const [reader] = createColumnReaders([column], described.numbers, [new Tally()]);
  const bytes = new TextEncoder().encode(text);
  const row = { ...emptyRow(), bytes, count: 1, starts: Int32Array.of(0), ends: Int32Array.of(bytes.length) };
  const features = new Float32Array(columnWidth(column));
  if (reader!.read(row, 0, features, 0) !== undefined) return undefined;
  if (column.kind === 'category' || column.scaling !== 'federated') return [...features];
  // then by what the federation has computed
  return [...features].map((value) => (Number.isNaN(value) ? 0 : (value - column.mean!) / column.standardDeviation!));
}

async function readByModel(column: Column): Promise<(number[] | undefined)[]> {
  const graph = createGraph('g/');
  const { inputs, features, refused } = addTableFeatures(graph, { ...described, columns: [column] });
  const width = columnWidth(column);
  graph.addNamed('Identity', [features], ['features']);
  graph.addNamed('Identity', [cast(graph, refused, 'float32')], ['refused']);
  const outputs = [valueInfo('features', 'float32', ['batch', width]), valueInfo('refused', 'float32', ['batch', 1])];
  const opsetImport = [{ domain: '', version: 13 }, tableDomain];
  const bytes = encodeModel({ irVersion: 8, opsetImport, graph: graph.build('table', inputs, outputs) });
  const session = await InferenceSession.create(bytes);
  const fed = texts.map(createFeeder(column, described.numbers));
  const values = fed.map((each) => each.fed);
  const type = column.kind === 'number' ? 'float32' : 'string';
  const tensor = new Tensor(type as 'string', values as string[], [texts.length, 1]);
  const found = await session.run({ [column.name]: tensor });
  return fed.map(({ problem }, place) => {
    const isRefused = found.refused!.data[place] === 1;
    expect(problem !== undefined, `${column.name}: "${texts[place]}" ${problem}`).to.equal(isRefused);
    return isRefused
      ? undefined
      : [...(found.features!.data as Float32Array).subarray(place * width, (place + 1) * width)];
  });
}

describe('the features of a table in a graph', () => {
  for (const column of described.columns) {
    it(`are those that training reads: ${column.name}`, async () => {
      const byModel = await readByModel(column);
      let read = 0;
      for (const [place, text] of texts.entries()) {
        const expected = readByTraining(column, text);
        const actual = byModel[place];
        expect(actual === undefined, `"${text}" is refused`).to.equal(expected === undefined);
        for (const [i, value] of expected?.entries() ?? [])
          expect(actual![i], `"${text}" ${i}`).to.be.closeTo(value, 1e-5);
        if (expected !== undefined) read++;
      }
      expect(read).to.be.within(3, texts.length - 3);
    });
  }
});
