import { float } from '../../../../client/training/onnx/node.ts';
import { floatTensor } from '../../../../client/training/onnx/tensor.ts';
import { awayFromZero, betweenHalves, positive, type Subjects } from './values.ts';

const matrix = [[3, 8]];
const corner = { inputs: matrix, value: awayFromZero };
const wide = { inputs: matrix, value: betweenHalves };
const scalar = (value: number) => floatTensor([], [value]);

export const activations: Subjects = {
  Abs: { plain: corner },
  Celu: { plain: wide, alpha: { ...wide, attributes: { alpha: float(0.6) } } },
  Clip: {
    'both limits': { inputs: [[3, 8], scalar(-1), scalar(1.5)], value: betweenHalves },
    Relu6: { inputs: [[3, 8], scalar(0), scalar(6)], value: betweenHalves },
    'only an upper limit': { inputs: [[3, 8], undefined, scalar(0.5)], value: betweenHalves },
    'no limit': { inputs: [[3, 8]], value: betweenHalves },
    'limits as attributes': { ...wide, attributes: { min: float(-0.5), max: float(1) }, opset: 6 },
  },
  Cos: { plain: wide },
  Elu: { plain: wide, alpha: { ...wide, attributes: { alpha: float(0.3) } } },
  Erf: { plain: { inputs: matrix } },
  Exp: { plain: { inputs: matrix } },
  Gelu: {
    exact: { ...wide, opset: 20 },
    tanh: { ...wide, attributes: { approximate: 'tanh' }, opset: 20 },
  },
  HardSigmoid: {
    plain: { inputs: matrix, value: (random) => betweenHalves(random) * 0.9 },
    steeper: { ...wide, attributes: { alpha: float(0.5), beta: float(0.25) } },
  },
  HardSwish: { plain: wide },
  Identity: { plain: { inputs: matrix } },
  LeakyRelu: { plain: corner, alpha: { ...corner, attributes: { alpha: float(0.3) } } },
  Log: { plain: { inputs: matrix, value: positive } },
  LogSoftmax: {
    'last axis': { inputs: [[3, 5]] },
    'middle axis': { inputs: [[2, 4, 3]], attributes: { axis: -2 } },
    'first axis': { inputs: [[4, 3]], attributes: { axis: 0 } },
  },
  Mish: { plain: wide },
  Neg: { plain: { inputs: matrix } },
  PRelu: {
    'one slope': { inputs: [[3, 4], [1]], value: awayFromZero },
    'a slope for each channel': {
      inputs: [
        [2, 3, 4],
        [3, 1],
      ],
      value: awayFromZero,
    },
    'a slope for each element': {
      inputs: [
        [2, 5],
        [2, 5],
      ],
      value: awayFromZero,
    },
  },
  Reciprocal: { plain: { inputs: matrix, value: (random) => 1 + random } },
  Relu: { plain: corner },
  Selu: { plain: wide, both: { ...wide, attributes: { alpha: float(1.2), gamma: float(0.7) } } },
  Sigmoid: { plain: { inputs: matrix } },
  Sin: { plain: wide },
  Softmax: {
    'last axis': { inputs: [[3, 5]] },
    'middle axis': { inputs: [[2, 4, 3]], attributes: { axis: 1 } },
    'first axis': { inputs: [[4, 3]], attributes: { axis: 0 } },
  },
  Softplus: { plain: wide },
  Softsign: { plain: { inputs: matrix, value: awayFromZero } },
  Sqrt: { plain: { inputs: matrix, value: (random) => 1 + random } },
  Swish: {
    plain: { ...wide, opset: 24 },
    alpha: { ...wide, attributes: { alpha: float(1.7) }, opset: 24 },
  },
  Tanh: { plain: { inputs: matrix } },
  ThresholdedRelu: { plain: wide, alpha: { ...wide, attributes: { alpha: float(-0.5) } } },
};
