/**
 * Holds what the gradient builder knows of an operator against ONNX Runtime: the shape that it infers and the values of the
 * training graph against the node run by itself, and the gradient against central finite differences.
 */
import { expect } from 'chai';
import { createRandom } from '../../../client/core/random.ts';
import { elementCount } from '../../../client/training/layout.ts';
import { type Analysis, analyse } from '../../../client/training/onnx/analysis.ts';
import { addBackward, addForward } from '../../../client/training/onnx/differentiate.ts';
import { createGraph, valueInfo } from '../../../client/training/onnx/graph.ts';
import { encodeGraph, type InferenceModel, opset } from '../../../client/training/onnx/model.ts';
import { type Attributes, createNode } from '../../../client/training/onnx/node.ts';
import type { BatchStatistics } from '../../../client/training/onnx/operators/operator.ts';
import { valuesOfData } from '../../../client/training/onnx/private/apart.ts';
import type { NodeProto } from '../../../client/training/onnx/proto.ts';
import { type Feeds, floats, type Runtime, type Session } from '../../../client/training/onnx/session.ts';
import {
  type ConstantTensor,
  floatTensor,
  integerTensor,
  type Shape,
  writeTensor,
} from '../../../client/training/onnx/tensor.ts';

/** What the training loop gives: dropout's mask, and the samples' weights. */
export interface LoopValues {
  mask: Uint8Array;
  weights: Float32Array;
}

export interface Subject {
  attributes?: Attributes;
  /** A shape is an input that is differentiated, a tensor a constant, undefined an input that is left out. */
  inputs: readonly (Shape | ConstantTensor | undefined)[];
  /** Places of the outputs that are used; the first alone where absent. */
  outputs?: readonly number[];
  /** Where the values of the inputs lie; where absent, anywhere in ±1. */
  value?: (random: number, place: number, input: number) => number;
  /** Opset of the node, where it is not that of our own graphs. */
  opset?: number;
  batchStatistics?: BatchStatistics;
  /** The operator takes truth values: its inputs are what is not zero. */
  logical?: boolean;
  /** No gradient flows through it. */
  indifferent?: boolean;
  /** What the first output is in training, where that is not what the node by itself gives. */
  expected?: (inputs: readonly Float32Array[], loop: LoopValues) => readonly number[];
}

const step = 2 ** -6;
const mostCoordinates = 24;

function isShape(input: Shape | ConstantTensor | undefined): input is Shape {
  return Array.isArray(input);
}

interface Setting {
  /** The differentiated inputs. */
  names: readonly string[];
  shapes: readonly Shape[];
  /** The node, then what joins its outputs to one. */
  nodes: readonly NodeProto[];
  constants: ReadonlyMap<string, ConstantTensor>;
  outputs: readonly string[];
}

function settingOf(operator: string, subject: Subject): Setting {
  const { attributes = {}, inputs, outputs: used = [0], logical = false } = subject;
  const all = inputs.map((input, place) => (input === undefined ? '' : `x${place}`));
  const casts = logical ? all.map((name) => createNode('Cast', [name], [`${name}.bool`], { to: 9 })) : [];
  const operands = logical ? all.map((name) => `${name}.bool`) : all;
  const outputs = Array.from({ length: Math.max(...used) + 1 }, (_, place) => `y${place}`);
  const flat = createNode('Constant', [], ['flat'], { value: { tensor: integerTensor([1], [-1]) } });
  const joins = used.flatMap((place) => [
    createNode('Cast', [`y${place}`], [`c${place}`], { to: 1 }),
    createNode('Reshape', [`c${place}`, 'flat'], [`f${place}`]),
  ]);
  const joined = createNode(
    'Concat',
    used.map((place) => `f${place}`),
    ['y'],
    { axis: 0 },
  );
  return {
    names: all.filter((_, place) => isShape(inputs[place])),
    shapes: inputs.filter(isShape),
    nodes: [...casts, createNode(operator, operands, outputs, attributes), flat, ...joins, joined],
    constants: new Map(
      inputs.flatMap((input, place) => (input && !isShape(input) ? [[`x${place}`, input] as const] : [])),
    ),
    outputs,
  };
}

/** Runs the node by itself. */
async function runAlone(runtime: Runtime, setting: Setting, feeds: Feeds, version = opset): Promise<Feeds> {
  const { names, shapes, nodes, constants, outputs } = setting;
  const graph = {
    name: 'alone',
    node: [...nodes],
    initializer: [...constants].map(([name, tensor]) => writeTensor(name, tensor)),
    input: names.map((name, place) => valueInfo(name, 'float32', shapes[place]!)),
    output: [valueInfo('y', 'float32', ['n']), ...outputs.map((name) => ({ name }))],
  };
  const session = await runtime.createSession(encodeGraph(graph, version));
  const results = await session.run(feeds);
  await session.release();
  return results;
}

interface Derived {
  session: Session;
  /** Whether the node is known to compute by itself each row of its first input. */
  isApart: boolean;
  /** The inferred shape of each value. */
  inferred: ReadonlyMap<string, Shape>;
  loop: LoopValues;
  loopFeeds: Feeds;
}

/** Of the nodes up to that of the operator. */
function isKnownApart(analysis: Analysis, input: string): boolean {
  const last = analysis.nodes.findIndex(({ outputs }) => outputs.includes('y0'));
  try {
    valuesOfData({ ...analysis, nodes: analysis.nodes.slice(0, last + 1) }, input);
    return true;
  } catch {
    return false;
  }
}

/** When one row of the first input changes, the other rows of the outputs stay as they are. */
async function expectApart(
  run: (values: readonly Float32Array[]) => Promise<Feeds>,
  { shapes, outputs }: Setting,
  values: readonly Float32Array[],
): Promise<void> {
  const before = await run(values);
  const [rows] = shapes[0] as [number];
  for (let changed = 0; changed < rows; changed++) {
    const first = values[0]!.map((value, i) =>
      Math.floor((i * rows) / values[0]!.length) === changed ? value / 2 : value,
    );
    const after = await run([first, ...values.slice(1)]);
    for (const name of outputs) {
      const others = ({ data, dims }: Feeds[string]) =>
        [...data].filter((_, i) => Math.floor(i / elementCount(dims.slice(1))) !== changed);
      expect(others(after[name]!), `${name} of all but sample ${changed}`).to.deep.equal(others(before[name]!));
    }
  }
}

/** The node as in training, and its gradients. */
async function derive(runtime: Runtime, setting: Setting, subject: Subject, count: number): Promise<Derived> {
  const { batchStatistics, indifferent = false } = subject;
  const { names, shapes, nodes, constants } = setting;
  const [batch, ...inputShape] = shapes[0] as [number, ...number[]];
  const initializers = new Map(constants);
  names.slice(1).forEach((name, place) => {
    const shape = shapes[place + 1]!;
    initializers.set(name, floatTensor(shape, new Float32Array(elementCount(shape))));
  });
  initializers.set('matrix', integerTensor([2], [batch, -1]));
  const model: InferenceModel = {
    input: names[0]!,
    output: 'model',
    nodes: [...nodes, createNode('Reshape', [names[0]!, 'matrix'], ['model'])], // a task's model puts out a matrix
    initializers,
    opset,
  };
  const task = { inputShape, classes: elementCount(inputShape) };
  const analysis = analyse(model, task, batch, batchStatistics);

  const graph = createGraph('test/');
  let maskShape: Shape = [];
  addForward(
    graph,
    { ...analysis, parameters: names },
    {
      mask(shape) {
        maskShape = shape;
        return graph.add('Cast', ['mask'], { to: 1 });
      },
      weights: 'weights',
      carry: () => undefined,
    },
  );
  const gradients = addBackward(graph, analysis, 'y', 'seed', names);
  const reached = names.filter((name) => gradients.has(name));
  expect(reached, 'inputs that a gradient reaches').to.deep.equal(indifferent ? [] : names);
  const outputs = reached.map((name) => {
    graph.addNamed('Identity', [gradients.get(name)!], [`gradient.${name}`]);
    return valueInfo(`gradient.${name}`, 'float32', shapes[names.indexOf(name)]!);
  });
  const random = createRandom('loop');
  const raw = Float32Array.from({ length: batch }, (_, place) =>
    place === batch - 1 && batch > 2 ? 0 : 1 + random.float(),
  );
  const sum = raw.reduce((total, weight) => total + weight, 0);
  const loop = {
    mask: Uint8Array.from({ length: elementCount(maskShape) }, () => random.below(2)),
    weights: raw.map((weight) => weight / sum),
  };
  const inputs = [
    ...names.map((name, place) => valueInfo(name, 'float32', shapes[place]!)),
    valueInfo('seed', 'float32', [count]),
    valueInfo('weights', 'float32', [batch, 1]),
    valueInfo('mask', 'uint8', maskShape),
  ];
  const built = graph.build('check', inputs, [valueInfo('y', 'float32', [count]), ...outputs]);
  const inferred = new Map(
    analysis.nodes.flatMap(({ outputs: all, outputShapes }) => all.map((name, i) => [name, outputShapes[i]!] as const)),
  );
  const loopFeeds: Feeds = {
    weights: floats(loop.weights, [batch, 1]),
    mask: { type: 'uint8', data: loop.mask, dims: maskShape },
  };
  return {
    session: await runtime.createSession(encodeGraph(built, Math.max(opset, subject.opset ?? opset))),
    isApart: isKnownApart(analysis, names[0]!),
    inferred,
    loop,
    loopFeeds,
  };
}

function expectClose(actual: number, expected: number, tolerance: number, label: string): void {
  if (Object.is(actual, expected)) return; // infinities
  expect(actual, label).to.be.closeTo(expected, tolerance * Math.max(1, Math.abs(expected)));
}

/** Loss: the output's elements, each times a random number of its own. */
export async function checkOperator(runtime: Runtime, operator: string, subject: Subject): Promise<void> {
  const random = createRandom('operator', operator, JSON.stringify(subject));
  const setting = settingOf(operator, subject);
  const { names, shapes } = setting;
  const place = subject.value ?? ((x: number) => 2 * x - 1);
  const values = shapes.map((shape, input) =>
    Float32Array.from({ length: elementCount(shape) }, (_, i) => place(random.float(), i, input)),
  );
  const feeds = (given: readonly Float32Array[] = values) =>
    Object.fromEntries(names.map((name, i) => [name, floats(given[i]!, shapes[i]!)]));

  const runOn = (given: readonly Float32Array[]) => runAlone(runtime, setting, feeds(given), subject.opset);
  const alone = await runOn(values);
  const own = alone.y!.data as Float32Array;
  const { session, isApart, inferred, loop, loopFeeds } = await derive(runtime, setting, subject, own.length);
  expect(
    setting.outputs.map((name) => inferred.get(name)),
    'inferred shapes',
  ).to.deep.equal(setting.outputs.map((name) => alone[name]!.dims));
  if (isApart) await expectApart(runOn, setting, values);
  const coefficients = Float32Array.from(own, () => 0.5 + random.float());
  const run = () => session.run({ ...feeds(), ...loopFeeds, seed: floats(coefficients, [own.length]) });
  const loss = async () =>
    ((await run()).y!.data as Float32Array).reduce((sum, value, i) => sum + value * coefficients[i]!, 0);

  const results = await run();
  const expected = subject.expected?.(values, loop) ?? own;
  expected.forEach((value, i) => {
    expectClose((results.y!.data as Float32Array)[i]!, value, 1e-5, `y[${i}]`);
  });
  for (const [input, vector] of subject.indifferent ? [] : values.entries()) {
    const gradient = results[`gradient.${names[input]}`]!;
    expect(gradient.dims, `shape of the gradient of ${names[input]}`).to.deep.equal(shapes[input]);
    const stride = Math.max(1, Math.floor(vector.length / mostCoordinates));
    for (let i = 0; i < vector.length; i += stride) {
      const value = vector[i]!;
      vector[i] = value + step;
      const above = await loss();
      vector[i] = value - step;
      const below = await loss();
      vector[i] = value;
      expectClose(gradient.data[i] as number, (above - below) / (2 * step), 3e-3, `∂/∂${names[input]}[${i}]`);
    }
  }
  await session.release();
}
