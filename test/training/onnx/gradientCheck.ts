/** Holds a derived gradient against central finite differences, by running both as ONNX graphs. */
import { expect } from 'chai';
import { createRandom } from '../../../client/core/random.ts';
import { elementCount } from '../../../client/training/layout.ts';
import { analyse } from '../../../client/training/onnx/analysis.ts';
import { addBackward, addForward } from '../../../client/training/onnx/differentiate.ts';
import { createGraph, valueInfo } from '../../../client/training/onnx/graph.ts';
import { encodeGraph, type InferenceModel, opset } from '../../../client/training/onnx/model.ts';
import { type Attributes, createNode } from '../../../client/training/onnx/node.ts';
import { floats, type Runtime, type Tensor } from '../../../client/training/onnx/session.ts';
import { type ConstantTensor, floatTensor, type Shape } from '../../../client/training/onnx/tensor.ts';

export interface Subject {
  operator: string;
  attributes?: Attributes;
  /** Shapes of the inputs that are differentiated; the first one's first extent is the batch. */
  inputs: readonly Shape[];
  /** Inputs after those: shapes, axes, ratios. */
  constants?: readonly ConstantTensor[];
  output: Shape;
  /** Where the values of the inputs lie; where absent, anywhere in ±1. */
  value?: (random: number, place: number) => number;
}

const step = 2 ** -6;

function modelOf({ operator, attributes = {}, inputs, constants = [], output }: Subject): InferenceModel {
  const names = [...inputs.map((_, place) => `x${place}`), ...constants.map((_, place) => `k${place}`)];
  const nodes = [
    createNode(operator, names, ['y'], attributes),
    createNode('Reshape', ['y', 'shape'], ['flat']), // what training wants: [batch, classes]
  ];
  const flat: ConstantTensor = { type: 'int64', shape: [2], data: Float64Array.of(inputs[0]![0]!, -1) };
  const initializers = new Map<string, ConstantTensor>([['shape', flat]]);
  inputs.slice(1).forEach((shape, place) => {
    initializers.set(`x${place + 1}`, floatTensor(shape, new Float32Array(elementCount(shape))));
  });
  constants.forEach((constant, place) => {
    initializers.set(`k${place}`, constant);
  });
  expect(elementCount(output) % inputs[0]![0]!).to.equal(0);
  return { input: 'x0', output: 'flat', nodes, initializers, opset };
}

/** Loss: the output's elements, each times a random number of its own. */
export async function checkGradients(runtime: Runtime, subject: Subject): Promise<void> {
  const random = createRandom('gradient', JSON.stringify(subject));
  const values = subject.inputs.map((shape) =>
    Float32Array.from({ length: elementCount(shape) }, (_, place) =>
      (subject.value ?? ((x: number) => 2 * x - 1))(random.float(), place),
    ),
  );
  const coefficients = Float32Array.from({ length: elementCount(subject.output) }, () => 0.5 + random.float());
  const names = subject.inputs.map((_, place) => `x${place}`);
  const [batch, ...inputShape] = subject.inputs[0] as [number, ...number[]];
  const classes = coefficients.length / batch;
  const model = modelOf(subject);
  const analysis = analyse(model, { inputShape, classes }, batch);
  expect(analysis.nodes[0]!.outputShape, 'inferred shape').to.deep.equal(subject.output);

  const masks: Shape[] = [];
  const graph = createGraph('test/');
  addForward(graph, { ...analysis, parameters: names }, (shape) => {
    masks.push(shape);
    return graph.add('Cast', [`mask${masks.length - 1}`], { to: 1 });
  });
  const derived = addBackward(graph, analysis, 'flat', 'seed', names);
  const gradients = names.map((name, place) => {
    graph.addNamed('Identity', [derived.get(name)!], [`gradient${place}`]);
    return valueInfo(`gradient${place}`, 'float32', subject.inputs[place]!);
  });
  const inputs = [
    ...subject.inputs.map((shape, place) => valueInfo(`x${place}`, 'float32', shape)),
    valueInfo('seed', 'float32', [batch, classes]),
    ...masks.map((shape, place) => valueInfo(`mask${place}`, 'uint8', shape)),
  ];
  const session = await runtime.createSession(
    encodeGraph(graph.build('check', inputs, [valueInfo('flat', 'float32', [batch, classes]), ...gradients])),
  );
  const maskFeeds = masks.map((shape, place) => {
    const bits = Uint8Array.from({ length: elementCount(shape) }, () => random.below(2));
    return [`mask${place}`, { type: 'uint8', data: bits, dims: shape } satisfies Tensor] as const;
  });
  const run = () =>
    session.run({
      ...Object.fromEntries(names.map((name, place) => [name, floats(values[place]!, subject.inputs[place]!)])),
      seed: floats(coefficients, [batch, classes]),
      ...Object.fromEntries(maskFeeds),
    });
  const loss = async () => {
    const output = (await run()).flat!.data as Float32Array;
    return output.reduce((sum, value, place) => sum + value * coefficients[place]!, 0);
  };

  const results = await run();
  for (const [place, vector] of values.entries()) {
    const gradient = results[`gradient${place}`]!;
    expect(gradient.dims, `shape of gradient ${place}`).to.deep.equal(subject.inputs[place]);
    for (let i = 0; i < vector.length; i++) {
      const value = vector[i]!;
      vector[i] = value + step;
      const above = await loss();
      vector[i] = value - step;
      const below = await loss();
      vector[i] = value;
      const difference = (above - below) / (2 * step);
      const label = `∂/∂x${place}[${i}]`;
      expect(gradient.data[i], label).to.be.closeTo(difference, 2e-3 * Math.max(1, Math.abs(difference)));
    }
  }
  await session.release();
}
