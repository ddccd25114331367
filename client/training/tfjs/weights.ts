/**
 * The flat vector and the variables of a layers model. Dense kernels are [in, out] in both; convolution kernels are
 * [...kernel, in, out] in TensorFlow and [out, in, ...kernel] in the flat vector, as in ONNX.
 */
import type { LayersModel, Variable } from '@tensorflow/tfjs';
import type { ParameterLayout } from '../engine.ts';
import { createLayout } from '../layout.ts';
import type { Tf } from './tf.ts';

export interface Weights {
  /** Names are `<layer>.weight`, `<layer>.bias` and the like. */
  layout: ParameterLayout;
  /** In the order of the layout. */
  variables: readonly Variable[];
  /** Sets the variables. */
  write(parameters: Float32Array): void;
  /** One value a variable, in TensorFlow's order of coordinates, to the flat vector. */
  toFlat(values: readonly Float32Array[]): Float32Array;
  /** The reverse of `toFlat`, copied. */
  fromFlat(parameters: Float32Array): Float32Array[];
}

export function createWeights(tf: Tf, model: LayersModel): Weights {
  const held = model.layers.flatMap((layer) =>
    layer.trainableWeights.map((weight) => ({
      name: `${layer.name}.${weight.originalName.split('/').at(-1)!.replace('kernel', 'weight')}`,
      variable: weight.read() as Variable,
    })),
  );
  const variables = held.map(({ variable }) => variable);
  const layout = createLayout(held.map(({ name, variable }) => ({ name, shape: flatShape(variable.shape) })));
  const positions = variables.map(({ shape }) => (shape.length > 2 ? flatPositions(shape) : undefined));

  function fromFlat(parameters: Float32Array): Float32Array[] {
    return layout.tensors.map(({ offset, size }, place) => {
      const order = positions[place];
      if (order === undefined) return parameters.slice(offset, offset + size);
      return Float32Array.from(order, (position) => parameters[offset + position]!);
    });
  }
  return {
    layout,
    variables,
    fromFlat,
    toFlat(values) {
      const parameters = new Float32Array(layout.dimension);
      for (const [place, { offset }] of layout.tensors.entries()) {
        const order = positions[place];
        if (order === undefined) parameters.set(values[place]!, offset);
        else
          order.forEach((position, i) => {
            parameters[offset + position] = values[place]![i]!;
          });
      }
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

/** For each coordinate of [...kernel, in, out], its place in [out, in, ...kernel]. */
function flatPositions(shape: readonly number[]): Int32Array {
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
