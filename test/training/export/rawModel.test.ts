import { expect } from 'chai';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { type DataDescription, dataDescriptionSchema, shapeOfData } from '../../../client/core/data/description.ts';
import { createRandom } from '../../../client/core/random.ts';
import type { CompiledModel, Loss } from '../../../client/training/engine.ts';
import { withRawData } from '../../../client/training/export/rawModel.ts';
import { createOnnxEngine } from '../../../client/training/onnx/engine.ts';
import { createNode } from '../../../client/training/onnx/node.ts';
import { decodeModel, encodeModel } from '../../../client/training/onnx/proto.ts';
import { describedPictures } from '../data/describedPictures.ts';
import { createPlan } from '../plan.ts';

const plan = createPlan({ optimizer: { name: 'sgd' as const }, batchSize: 10 });

type Row = (number | string)[];

/** Every way in which a column becomes features. */
const table = dataDescriptionSchema.parse({
  kind: 'table',
  columns: [
    { kind: 'number', name: 'age', mean: 50.3, standardDeviation: 12.7, range: [0, 120] },
    { kind: 'category', name: 'sex', values: ['f', 'm'] },
    {
      kind: 'number',
      name: 'glucose',
      scaling: 'range',
      range: [40, 400],
      median: 110,
      missing: { as: ['', '-9'], become: 'median', indicator: true },
    },
    { kind: 'number', name: 'label', scaling: 'none', missing: { become: 7.5 } },
    {
      kind: 'category',
      name: 'site',
      values: ['a', 'b', 'ü'],
      encoding: 'index',
      missing: { as: ['?', ''], become: { value: 'b' }, indicator: true },
    },
    { kind: 'category', name: 'probabilities', values: ['x', 'y'], missing: { as: ['NA'], become: 'none' } },
    {
      kind: 'number',
      name: 'year',
      mean: 2019.73,
      standardDeviation: 1.9,
      missing: { become: 'mean', indicator: true },
    },
    {
      kind: 'number',
      name: 'input',
      scaling: 'federated',
      range: [10, 30],
      mean: 0.25,
      standardDeviation: 0.5,
      missing: { become: 'mean' },
    },
  ],
  label: { kind: 'class', column: 'outcome', classes: ['healthy', 'ill', 'unknown'] },
});
const rows: { row: Row; features: number[] }[] = [
  {
    row: [63, 'm', 220, 3.25, 'ü', 'y', 2021, 20],
    features: [(63 - 50.3) / 12.7, 0, 1, 0.5, 0, 3.25, 2, 0, 0, 1, (2021 - 2019.73) / 1.9, 0, (0 - 0.25) / 0.5],
  },
  {
    row: [0, 'f', Number.NaN, Number.NaN, '', 'NA', Number.NaN, Number.NaN],
    features: [-50.3 / 12.7, 1, 0, 70 / 360, 1, 7.5, 1, 1, 0, 0, 0, 1, 0],
  },
  {
    row: [120, 'f', -9, -2, '?', 'x', 2016, 30],
    features: [(120 - 50.3) / 12.7, 1, 0, 70 / 360, 1, -2, 1, 1, 1, 0, (2016 - 2019.73) / 1.9, 0, (1 - 0.25) / 0.5],
  },
];
const right = rows[0]!.row;
const changed = (place: number, value: number | string): Row =>
  right.map((cell, each) => (each === place ? value : cell));
const refused: Record<string, Row> = {
  'an unknown category': changed(1, 'd'),
  'a category in other letters': changed(1, 'M'),
  'a missing category that is not to be': changed(1, ''),
  'an unknown category that is an index': changed(4, 'c'),
  'a missing number that is not to be': changed(0, Number.NaN),
  'a number above its range': changed(0, 120.5),
  'a number below its range that may be missing': changed(2, 39),
  'an infinite number without a range': changed(3, Number.POSITIVE_INFINITY),
  'a federated number out of its range': changed(7, 30.5),
};

async function compile(data: DataDescription, classes: number, loss: Loss): Promise<CompiledModel> {
  return createOnnxEngine().compile({ kind: '2nn', inputShape: shapeOfData(data), classes }, { ...plan, loss });
}

/** The outputs of a table's rows by name. */
async function answer(bytes: Uint8Array, given: readonly Row[]) {
  const session = await InferenceSession.create(bytes);
  const feeds = session.inputNames.map((name, place) => {
    const cells = given.map((row) => row[place]!);
    const dims = [given.length, 1];
    return [
      name,
      typeof cells[0] === 'string'
        ? new Tensor('string', cells as string[], dims)
        : new Tensor('float32', cells as number[], dims),
    ];
  });
  return await session.run(Object.fromEntries(feeds));
}

function softmax(logits: ArrayLike<number>): number[] {
  const powers = Array.from(logits, Math.exp);
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

function expectClose(actual: ArrayLike<unknown>, expected: ArrayLike<number>, tolerance = 1e-5): void {
  expect(actual.length).to.equal(expected.length);
  for (let i = 0; i < expected.length; i++) expect(actual[i], `${i}`).to.be.closeTo(expected[i]!, tolerance);
}

describe('a model that takes raw data', () => {
  let model: CompiledModel;
  let bytes: Uint8Array;
  let parameters: Float32Array;
  const names = table.kind === 'table' && table.label.kind === 'class' ? table.label.classes : [];
  const dataset = {
    features: Float32Array.from(rows.flatMap(({ features }) => features)),
    labels: Int32Array.of(0, 1, 2),
    count: rows.length,
    inputShape: shapeOfData(table),
    classes: 3,
  };

  before(async () => {
    model = await compile(table, 3, 'softmaxCrossEntropy');
    parameters = model.initialParameters('a');
    bytes = withRawData(
      model.exportOnnx(parameters),
      { data: table, loss: 'softmaxCrossEntropy', inputShape: shapeOfData(table), classes: 3 },
      {},
    );
  });
  after(() => model.dispose());

  for (const [what, row] of Object.entries(refused)) {
    it(`answers NaN for ${what}, and its neighbours rightly`, async () => {
      const { label_, probabilities_ } = await answer(bytes, [right, row, right]);
      const values = [...(probabilities_!.data as Float32Array)];
      expect(values.slice(3, 6)).to.deep.equal([Number.NaN, Number.NaN, Number.NaN]);
      expect(values.slice(0, 3)).to.deep.equal(values.slice(6));
      expect(values[0]).to.be.above(0);
      expect(label_!.data[1]).to.equal('');
      expect(label_!.data[0]).to.be.oneOf(names);
    });
  }

  it('has one input a column, named by it, and outputs of other names', async () => {
    const session = await InferenceSession.create(bytes);
    expect(session.inputNames).to.deep.equal([
      'age',
      'sex',
      'glucose',
      'label',
      'site',
      'probabilities',
      'year',
      'input',
    ]);
    expect(session.outputNames).to.deep.equal(['label_', 'probabilities_']);
  });

  it('answers for rows of a table as the evaluation of their features', async () => {
    const logits = await model.predict(parameters, dataset);
    const { label_, probabilities_ } = await answer(
      bytes,
      rows.map(({ row }) => row),
    );
    const expected = rows.map((_, place) => softmax(logits.subarray(3 * place, 3 * place + 3)));
    expectClose(probabilities_!.data as Float32Array, expected.flat());
    const largest = expected.map((of) => names[of.indexOf(Math.max(...of))]);
    expect(label_!.data).to.deep.equal(largest);
    expect(new Set(largest).size, 'classes').to.be.above(1);
  });

  it('answers two classes of one logit by both probabilities', async () => {
    const data = dataDescriptionSchema.parse({
      kind: 'table',
      columns: [{ kind: 'number', name: 'x', scaling: 'none' }],
      label: { kind: 'class', column: 'y', classes: ['no', 'yes'] },
    });
    const graph = await compile(data, 1, 'squaredError');
    const values = Float32Array.from(graph.initialParameters('two'));
    const at = { labels: new Float32Array(1), count: 1, inputShape: [1], classes: 1 };
    values[values.length - 1] = -(await graph.predict(values, { features: Float32Array.of(2), ...at }))[0]!; // 0.5 and 4 are of two classes
    const raw = withRawData(
      graph.exportOnnx(values),
      { data, loss: 'binaryCrossEntropy', inputShape: [1], classes: 2 },
      {},
    );
    const x = [-3, 0.5, 4];
    const logits = await graph.predict(values, {
      features: Float32Array.from(x),
      labels: new Float32Array(3),
      count: 3,
      inputShape: [1],
      classes: 1,
    });
    const { label, probabilities } = await answer(
      raw,
      x.map((value) => [value]),
    );
    expectClose(
      probabilities!.data as Float32Array,
      [...logits].flatMap((logit) => [1 / (1 + Math.exp(logit)), 1 / (1 + Math.exp(-logit))]),
    );
    expect(label!.data).to.deep.equal([...logits].map((logit) => (logit > 0 ? 'yes' : 'no')));
    expect(label!.data).to.include.members(['no', 'yes']);
    await graph.dispose();
  });

  it('answers a number in its own unit, and questions by their probabilities', async () => {
    const columns = [{ kind: 'number', name: 'x', scaling: 'none' }];
    const number = dataDescriptionSchema.parse({
      kind: 'table',
      columns,
      label: { kind: 'number', column: 'y', mean: 300, standardDeviation: 20 },
    });
    const questions = dataDescriptionSchema.parse({
      kind: 'table',
      columns,
      label: { kind: 'labels', columns: ['q', 'r'] },
    });
    for (const [data, classes, loss] of [
      [number, 1, 'huberError'],
      [questions, 2, 'multiLabelCrossEntropy'],
    ] as const) {
      const graph = await compile(data, classes, 'squaredError');
      const values = graph.initialParameters('n');
      const raw = withRawData(graph.exportOnnx(values), { data, loss, inputShape: [1], classes }, {});
      const outputs = await graph.predict(values, {
        features: Float32Array.of(1.5, -2),
        labels: new Float32Array(2 * classes),
        count: 2,
        inputShape: [1],
        classes,
      });
      const { prediction, probabilities } = await answer(raw, [[1.5], [-2], [Number.NaN]]);
      const given = [...((prediction ?? probabilities)!.data as Float32Array)];
      const expected = [...outputs].map((output) => (classes === 1 ? 300 + 20 * output : 1 / (1 + Math.exp(-output))));
      expectClose(given.slice(0, 2 * classes), expected, classes === 1 ? 1e-3 : 1e-5);
      expect(given.slice(2 * classes).every(Number.isNaN)).to.equal(true);
      await graph.dispose();
    }
  });

  const normalisation = { mean: [0.4, 0.5, 0.6], standardDeviation: [0.2, 0.25, 0.3] };
  const samples: { data: DataDescription; input: string; given: number[] }[] = [
    {
      data: describedPictures([3, 2, 4], { normalisation }),
      input: 'image',
      given: [3, 2, 4],
    },
    {
      data: describedPictures([1, 2, 4], { valueRange: [-100, 4095] }),
      input: 'image',
      given: [1, 2, 4],
    },
    {
      data: dataDescriptionSchema.parse({
        kind: 'vectors',
        shape: [3, 2, 5],
        range: [-1, 300],
        normalisation,
        transposed: true,
        classes: ['0', '1'],
      }),
      input: 'vector',
      given: [3, 5, 2],
    },
    {
      data: dataDescriptionSchema.parse({
        kind: 'vectors',
        shape: [6],
        range: [0, 99],
        scaling: 'none',
        classes: ['0', '1'],
      }),
      input: 'vector',
      given: [6],
    },
  ];
  for (const { data, input, given } of samples) {
    it(`answers for ${data.kind} [${given}] as the evaluation of their features`, async () => {
      const shape = shapeOfData(data);
      const graph = await compile(data, 2, 'softmaxCrossEntropy');
      const values = graph.initialParameters('s');
      const raw = withRawData(
        graph.exportOnnx(values),
        { data, loss: 'softmaxCrossEntropy', inputShape: shape, classes: 2 },
        {},
      );
      const random = createRandom('samples', data.kind);
      const [low, high] = data.kind === 'images' ? data.valueRange : data.kind === 'vectors' ? data.range : [0, 1];
      const size = shape.reduce((product, extent) => product * extent, 1);
      const pixels = Float32Array.from({ length: 4 * size }, () => Math.round(low + random.float() * (high - low)));
      const scaled = data.kind === 'images' || (data.kind === 'vectors' && data.scaling === 'range');
      const { mean, standardDeviation } = (data.kind !== 'table' && data.normalisation) || {
        mean: [0],
        standardDeviation: [1],
      };
      const [rowsOf, columnsOf] = [shape.at(-2) ?? 1, shape.at(-1)!];
      const features = pixels.map((_, place) => {
        const within = place % (rowsOf * columnsOf);
        const exchanged = (within % columnsOf) * rowsOf + Math.floor(within / columnsOf);
        const value = pixels[data.kind === 'vectors' && data.transposed ? place - within + exchanged : place]!;
        const channel = Math.floor((place % size) / (size / mean.length));
        return ((scaled ? (value - low) / (high - low) : value) - mean[channel]!) / standardDeviation[channel]!;
      });
      const logits = await graph.predict(values, {
        features,
        labels: new Int32Array(4),
        count: 4,
        inputShape: shape,
        classes: 2,
      });
      const session = await InferenceSession.create(raw);
      const { probabilities, label } = await session.run({ [input]: new Tensor('float32', pixels, [4, ...given]) });
      expectClose(
        probabilities!.data as Float32Array,
        [0, 1, 2, 3].flatMap((i) => softmax(logits.subarray(2 * i, 2 * i + 2))),
      );
      expect(label!.data).to.have.length(4);
      pixels[size + 1] = high + 1;
      const beyond = await session.run({ [input]: new Tensor('float32', pixels, [4, ...given]) });
      expect(
        Array.from({ length: 4 }, (_, i) => Number.isNaN((beyond.probabilities!.data as Float32Array)[2 * i])),
      ).to.deep.equal([false, true, false, false]);
      await graph.dispose();
    });
  }

  it('stands before a model of any opset, whose values may have the names of columns', async () => {
    for (const version of [7, 8, 11, 13, 21]) {
      const { graph, ...rest } = decodeModel(model.exportOnnx(parameters));
      const old = encodeModel({ ...rest, opsetImport: [{ domain: '', version }], graph: graph! });
      const raw = withRawData(
        old,
        { data: table, loss: 'softmaxCrossEntropy', inputShape: shapeOfData(table), classes: 3 },
        {},
      );
      const [expected, actual] = [await answer(bytes, [right]), await answer(raw, [right])];
      expectClose(actual.probabilities_!.data as Float32Array, expected.probabilities_!.data as Float32Array, 1e-6);
    }
  });

  it('gives a model of another shape the features in its shape', async () => {
    const { graph, ...rest } = decodeModel(model.exportOnnx(parameters));
    const width = shapeOfData(table)[0]!;
    const flatten = createNode('Flatten', ['wide'], [graph!.input![0]!.name]);
    const wide = encodeModel({
      ...rest,
      graph: { ...graph!, input: [{ ...graph!.input![0]!, name: 'wide' }], node: [flatten, ...graph!.node!] },
    });
    const raw = withRawData(wide, { data: table, loss: 'softmaxCrossEntropy', inputShape: [1, width], classes: 3 }, {});
    const [expected, actual] = [await answer(bytes, [right]), await answer(raw, [right])];
    expectClose(actual.probabilities_!.data as Float32Array, expected.probabilities_!.data as Float32Array, 1e-6);
  });
});
