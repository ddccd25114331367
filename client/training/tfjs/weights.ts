/**
 * The flat vector and the variables of a layers model. Dense kernels are [in, out] in both; convolution kernels are
 * [...kernel, in, out] in TensorFlow and [out, in, ...kernel] in the flat vector, as in ONNX.
 */
import type { Variable } from '@tensorflow/tfjs';
import type { ParameterLayout } from '../engine.ts';
import { createLayout } from '../layout.ts';
import type { Architecture } from './architecture.ts';
import { tensorName } from './kerasWeights.ts';
import { layersOf } from './layers.ts';
import type { Tf } from './tf.ts';

export interface Weights {
  /** Names are `<layer>.weight`, `<layer>.bias` and the like; a layer of a model in the model has its path as its name. */
  layout: ParameterLayout;
  /** In the order of the layout. */
  variables: readonly Variable[];
  /** Whether a gradient changes the variable; the others are running statistics, which the forward pass changes. */
  isTrained: readonly boolean[];
  /** Tensors of the model that are no parameters, and why. */
  constants: readonly { name: string; shape: readonly number[]; values: Float32Array; reason: string }[];
  /** Sets the variables. */
  write(parameters: Float32Array): void;
  /** One value a variable, in TensorFlow's order of coordinates, to the flat vector. */
  toFlat(values: readonly Float32Array[]): Float32Array;
  /** The reverse of `toFlat`, copied. */
  fromFlat(parameters: Float32Array): Float32Array[];
  /** Running variances below 0, which noise may give them, are 0. */
  clean(parameters: Float32Array): Float32Array;
}

const statistics = /\.moving_(mean|variance)$/;

export function createWeights(tf: Tf, { model, fixed }: Architecture): Weights {
  const all = layersOf(model).flatMap(({ layer, path }) =>
    layer.weights.map((weight) => ({
      name: tensorName(path, weight.originalName),
      variable: weight.read() as Variable,
    })),
  );
  const held = all.filter(({ name }) => !fixed.has(name));
  const variables = held.map(({ variable }) => variable);
  const layout = createLayout(held.map(({ name, variable }) => ({ name, shape: flatShape(variable.shape) })));
  const positions = variables.map(({ shape }) => flatPositions(shape));

  function clean(parameters: Float32Array): Float32Array {
    const cleaned = parameters.slice();
    for (const { name, offset, size } of layout.tensors) {
      if (!name.endsWith('.moving_variance')) continue;
      for (let i = offset; i < offset + size; i++) cleaned[i] = Math.max(0, cleaned[i]!);
    }
    return cleaned;
  }
  function fromFlat(parameters: Float32Array): Float32Array[] {
    const cleaned = clean(parameters);
    return layout.tensors.map(({ offset, size }, place) => {
      const order = positions[place];
      if (order === undefined) return cleaned.slice(offset, offset + size);
      return Float32Array.from(order, (position) => cleaned[offset + position]!);
    });
  }
  return {
    layout,
    variables,
    isTrained: layout.tensors.map(({ name }) => !statistics.test(name)),
    constants: all
      .filter(({ name }) => fixed.has(name))
      .map(({ name, variable }) => ({
        name,
        shape: flatShape(variable.shape),
        values: inFlatOrder(variable.dataSync() as Float32Array, flatPositions(variable.shape)),
        reason: fixed.get(name)!,
      })),
    fromFlat,
    clean,
    toFlat(values) {
      const parameters = new Float32Array(layout.dimension);
      for (const [place, { offset }] of layout.tensors.entries())
        parameters.set(inFlatOrder(values[place]!, positions[place]), offset);
      return parameters;
    },
    write(parameters) {
      for (const [place, values] of fromFlat(parameters).entries()) assign(tf, variables[place]!, values);
    },
  };
}

export function assign(tf: Tf, variable: Variable, values: Float32Array): void {
  tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
}

function flatShape(shape: readonly number[]): number[] {
  return shape.length > 2 ? [shape.at(-1)!, shape.at(-2)!, ...shape.slice(0, -2)] : [...shape];
}

/** Copied. */
function inFlatOrder(values: Float32Array, positions: Int32Array | undefined): Float32Array {
  const flat = values.slice();
  positions?.forEach((position, i) => {
    flat[position] = values[i]!;
  });
  return flat;
}

/** For each coordinate of [...kernel, in, out], its place in [out, in, ...kernel]; undefined where the order is the same. */
function flatPositions(shape: readonly number[]): Int32Array | undefined {
  if (shape.length <= 2) return undefined;
  const [inputs, outputs] = [shape.at(-2)!, shape.at(-1)!];
  const area = shape.slice(0, -2).reduce((product, extent) => product * extent, 1);
  const positions = new Int32Array(area * inputs * outputs);
  let i = 0;
  for (let k = 0; k < area; k++) {
    for (let input = 0; input < inputs; input++) {
      for (let output = 0; output < outputs; output++) positions[i++] = (output * inputs + input) * area + k;
    }
  }
  return positions;
}
