import { type ConstantTensor, floatTensor, integerTensor } from '../../../../client/training/onnx/tensor.ts';
import { awayFromZero, betweenHalves, distinct, type Subjects } from './values.ts';

const bools = (shape: number[], ...data: number[]): ConstantTensor => ({
  type: 'bool',
  shape,
  data: Float64Array.from(data),
});
const compared = { inputs: [[2, 3, 4], [4]], indifferent: true };
const rounded = { inputs: [[3, 8]], value: betweenHalves, indifferent: true };
const logic = {
  inputs: [[4, 5], [5]],
  logical: true,
  indifferent: true,
  value: (random: number) => Math.round(random),
};

export const arithmetic: Subjects = {
  Add: { 'second broadcast': { inputs: [[2, 3, 4], [4]] }, 'a scalar': { inputs: [[2, 3], []] } },
  And: { plain: logic },
  ArgMax: {
    'last axis': { inputs: [[3, 4]], attributes: { axis: -1, keepdims: 0 }, indifferent: true, value: distinct },
    kept: { inputs: [[3, 4, 2]], attributes: { axis: 1 }, indifferent: true, value: distinct },
  },
  ArgMin: { plain: { inputs: [[3, 4]], indifferent: true, value: distinct } },
  Cast: {
    'to float': { inputs: [[3, 4]], attributes: { to: 1 } },
    'to int64': { inputs: [[3, 4]], attributes: { to: 7 }, value: betweenHalves, indifferent: true },
  },
  Ceil: { plain: rounded },
  CumSum: {
    plain: { inputs: [[3, 4], integerTensor([], [1])] },
    exclusive: { inputs: [[3, 4], integerTensor([], [-1])], attributes: { exclusive: 1 } },
    'reverse, first axis': { inputs: [[3, 4], integerTensor([], [0])], attributes: { reverse: 1 } },
  },
  Div: {
    'second broadcast': {
      inputs: [
        [2, 3, 4],
        [3, 1],
      ],
      value: (random) => 1 + random,
    },
    'first broadcast': {
      inputs: [
        [3, 1],
        [2, 3, 4],
      ],
      value: (random) => 1 + random,
    },
  },
  Equal: { plain: compared },
  Floor: { plain: rounded },
  Greater: { plain: compared },
  GreaterOrEqual: { plain: compared },
  IsInf: { plain: { inputs: [[3, 4]], indifferent: true } },
  IsNaN: { plain: { inputs: [[3, 4]], indifferent: true } },
  Less: { plain: compared },
  LessOrEqual: { plain: compared },
  Max: {
    'one input': { inputs: [[3, 4]] },
    'three inputs, broadcast': {
      inputs: [[2, 3, 4], [4], [3, 1]],
      value: (_, place, input) => distinct(0, place * 3 + input),
    },
    'a constant': { inputs: [[3, 4], floatTensor([], [0])], value: awayFromZero },
  },
  Mean: { 'three inputs, broadcast': { inputs: [[2, 3, 4], [4], [3, 1]] } },
  Min: {
    'two inputs, both broadcast': {
      inputs: [
        [2, 1, 4],
        [3, 1],
      ],
      value: (_, place, input) => distinct(0, place * 2 + input),
    },
  },
  Mod: { 'of floats': { inputs: [[3, 4], floatTensor([], [0.7])], attributes: { fmod: 1 }, indifferent: true } },
  Mul: {
    'both broadcast': {
      inputs: [
        [2, 1, 4],
        [3, 1],
      ],
    },
    'with itself broadcast': {
      inputs: [
        [1, 4],
        [3, 4],
      ],
    },
  },
  Not: { plain: { ...logic, inputs: [[4, 5]] } },
  Or: { plain: logic },
  Pow: {
    square: { inputs: [[3, 4], floatTensor([], [2])] },
    cube: { inputs: [[3, 4], floatTensor([], [3])] },
    'square root': { inputs: [[3, 4], floatTensor([1], [0.5])], value: (random) => 1 + random },
    'integer exponent': { inputs: [[3, 4], integerTensor([], [2])] },
    'several exponents': { inputs: [[3, 4], floatTensor([4], [1, 2, 0.5, -1])], value: (random) => 1 + random },
    'both differentiated, broadcast': { inputs: [[2, 3], [3]], value: (random) => 1 + random },
  },
  Round: { plain: rounded },
  Sign: { plain: { inputs: [[3, 4]], value: awayFromZero, indifferent: true } },
  Sub: {
    'both broadcast': {
      inputs: [
        [2, 3, 1],
        [2, 1, 4],
      ],
    },
  },
  Sum: { 'three inputs, broadcast': { inputs: [[2, 3, 4], [4], [3, 1]] } },
  Trilu: {
    upper: { inputs: [[4, 4]] },
    'lower, above the diagonal': { inputs: [[2, 3, 4], integerTensor([], [1])], attributes: { upper: 0 } },
  },
  Where: {
    'all broadcast': { inputs: [bools([3, 1], 1, 0, 1), [2, 3, 4], [4]] },
    'a mask of minus infinity': {
      inputs: [bools([1, 4], 0, 1, 0, 1), [3, 4], [1, 4]],
    },
  },
  Xor: { plain: logic },
};
