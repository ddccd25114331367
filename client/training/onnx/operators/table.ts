/** From ONNX operator to what the gradient builder knows of it. */
import { identity, leakyRelu, relu, sigmoid, tanh } from './activation.ts';
import { add, div, mul, sub } from './arithmetic.ts';
import { conv } from './convolution.ts';
import { dropout } from './dropout.ts';
import { gemm, matMul } from './linear.ts';
import type { Operator } from './operator.ts';
import { averagePool, globalAveragePool, maxPool } from './pooling.ts';
import { flatten, reshape, squeeze, transpose, unsqueeze } from './shaping.ts';
import { logSoftmax, softmax } from './softmax.ts';

export const operators: ReadonlyMap<string, Operator> = new Map(
  Object.entries({
    Add: add,
    AveragePool: averagePool,
    Conv: conv,
    Div: div,
    Dropout: dropout,
    Flatten: flatten,
    Gemm: gemm,
    GlobalAveragePool: globalAveragePool,
    Identity: identity,
    LeakyRelu: leakyRelu,
    LogSoftmax: logSoftmax,
    MatMul: matMul,
    MaxPool: maxPool,
    Mul: mul,
    Relu: relu,
    Reshape: reshape,
    Sigmoid: sigmoid,
    Softmax: softmax,
    Squeeze: squeeze,
    Sub: sub,
    Tanh: tanh,
    Transpose: transpose,
    Unsqueeze: unsqueeze,
  }),
);
