import { integerTensor } from '../../../../client/training/onnx/tensor.ts';
import type { Subject } from '../operatorCheck.ts';
import { awayFromZero, distinct, positive, type Subjects } from './values.ts';

const list = (...values: number[]) => integerTensor([values.length], values);

/** Every way in which axes can be said. */
function reduction(value?: Subject['value']): Record<string, Subject> {
  const ways: Record<string, Subject> = {
    'last axis': { inputs: [[2, 3, 4], list(-1)], attributes: { keepdims: 0 } },
    'two axes, kept': { inputs: [[2, 3, 4], list(0, 2)] },
    'all axes': { inputs: [[2, 3]], attributes: { keepdims: 0 } },
    'none, by an attribute': { inputs: [[2, 3], integerTensor([0], [])], attributes: { noop_with_empty_axes: 1 } },
    'axes as an attribute': { inputs: [[2, 3, 4]], attributes: { axes: [1], keepdims: 0 }, opset: 11 },
  };
  return Object.fromEntries(Object.entries(ways).map(([name, way]) => [name, value ? { ...way, value } : way]));
}

/** Elements that are zero, and none, one or two of them in a row. */
const zeros = (_: number, place: number) => [0.7, -0.4, 0.9, 0, 1.2, 0.6, 0, 0, 0.8][place % 9]!;

export const reductions: Subjects = {
  ReduceL1: reduction(awayFromZero),
  ReduceL2: reduction(awayFromZero),
  ReduceLogSum: reduction(positive),
  ReduceLogSumExp: reduction(),
  ReduceMax: reduction(distinct),
  ReduceMean: reduction(),
  ReduceMin: reduction(distinct),
  ReduceProd: { ...reduction(), zeros: { inputs: [[3, 3], list(1)], value: zeros } },
  ReduceSum: reduction(),
  ReduceSumSquare: reduction(),
};
