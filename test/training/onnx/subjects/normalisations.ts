import { float } from '../../../../client/training/onnx/node.ts';
import { floatTensor } from '../../../../client/training/onnx/tensor.ts';
import type { LoopValues, Subject } from '../operatorCheck.ts';
import type { Subjects } from './values.ts';

const spread = (random: number, place: number, input: number) =>
  input === 0 ? 4 * random - 2 + (place % 3) : 0.5 + random;
const statistics = [floatTensor([3], [0.3, -0.2, 0.9]), floatTensor([3], [0.7, 1.4, 0.5])];

/** Batch normalisation in plain numbers: each channel by the weighted mean and variance of the batch. */
function byBatch(rows: number, size: number, epsilon: number): NonNullable<Subject['expected']> {
  return ([x, scale, bias]: readonly Float32Array[], { weights }: LoopValues) => {
    const share = (row: number) => weights[Math.floor((row * weights.length) / rows)]! / (rows / weights.length) / size;
    const at = (row: number, channel: number, place: number) => x![(row * 3 + channel) * size + place]!;
    const result = [...x!];
    for (let channel = 0; channel < 3; channel++) {
      const mean = (of: (value: number) => number) => {
        let sum = 0;
        for (let i = 0; i < rows * size; i++) {
          const row = Math.floor(i / size);
          sum += share(row) * of(at(row, channel, i % size));
        }
        return sum;
      };
      const centre = mean((value) => value);
      const deviation = Math.sqrt(mean((value) => (value - centre) ** 2) + epsilon);
      for (let i = 0; i < rows * size; i++) {
        const row = Math.floor(i / size);
        const normalized = (at(row, channel, i % size) - centre) / deviation;
        result[(row * 3 + channel) * size + (i % size)] = normalized * scale![channel]! + bias![channel]!;
      }
    }
    return result;
  };
}

function batch(shape: number[], size: number): Subject {
  return {
    inputs: [shape, [3], [3], ...statistics],
    attributes: { epsilon: float(0.01) },
    value: spread,
    expected: byBatch(shape[0]!, size, 0.01),
  };
}

export const normalisations: Subjects = {
  BatchNormalization: {
    'images, by the batch': batch([4, 3, 2, 2], 4),
    'tables, by the batch': batch([5, 3], 1),
    'one sample': batch([1, 3, 4], 4),
    'by the statistics of the file': {
      inputs: [[4, 3, 2, 2], [3], [3], ...statistics],
      attributes: { epsilon: float(0.01) },
      value: spread,
      batchStatistics: 'frozen',
    },
    'of a table, by the statistics of the file': {
      inputs: [[4, 3], [3], [3], ...statistics],
      batchStatistics: 'frozen',
    },
  },
  Dropout: {
    'its mask given': {
      inputs: [[4, 5], floatTensor([], [0.25])],
      expected: ([x], { mask }) => [...x!].map((value, place) => (value * mask[place]!) / 0.75),
    },
    'ratio as an attribute': {
      inputs: [[4, 5]],
      attributes: { ratio: float(0.4) },
      opset: 10,
      expected: ([x], { mask }) => [...x!].map((value, place) => (value * mask[place]!) / 0.6),
    },
  },
  GroupNormalization: {
    'a scale for each group': { inputs: [[2, 6, 3, 2], [2], [2]], attributes: { num_groups: 2 }, value: spread },
    'a scale for each channel': {
      inputs: [[2, 6, 4], [6], [6]],
      attributes: { num_groups: 3, epsilon: float(0.01) },
      value: spread,
      opset: 21,
    },
    'as many groups as channels': {
      inputs: [[2, 3, 4], [3], [3]],
      attributes: { num_groups: 3 },
      value: spread,
      opset: 21,
    },
  },
  InstanceNormalization: {
    images: { inputs: [[2, 3, 3, 2], [3], [3]], value: spread },
    'one axis': { inputs: [[2, 3, 5], [3], [3]], attributes: { epsilon: float(0.1) }, value: spread },
  },
  LayerNormalization: {
    'last axis': { inputs: [[2, 3, 4], [4], [4]], value: spread },
    'without a bias': { inputs: [[3, 5], [5]], attributes: { epsilon: float(0.01) }, value: spread },
    'two axes': {
      inputs: [
        [2, 3, 4],
        [3, 4],
        [3, 4],
      ],
      attributes: { axis: 1 },
      value: spread,
    },
  },
};
