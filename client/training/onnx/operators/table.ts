/** From ONNX operator to what the gradient builder knows of it. docs/operators.md says the same in words. */
import * as activation from './activation.ts';
import * as arithmetic from './arithmetic.ts';
import { batchNormalization } from './batchNormalization.ts';
import { depthToSpace, spaceToDepth } from './blocks.ts';
import { cast } from './cast.ts';
import { conv } from './convolution.ts';
import { cumSum, trilu } from './cumulative.ts';
import { dropout } from './dropout.ts';
import { einsum } from './einsum.ts';
import * as elementary from './elementary.ts';
import { gather, gatherElements, gatherND } from './gathering.ts';
import { argMax, comparison, oneHot, predicate } from './indifferent.ts';
import { concat, split } from './joining.ts';
import { groupNormalization, instanceNormalization, layerNormalization } from './layerNormalization.ts';
import { gemm, matMul } from './linear.ts';
import type { Operator } from './operator.ts';
import { pad } from './pad.ts';
import { averagePool, globalAveragePool, globalMaxPool, maxPool } from './pooling.ts';
import * as reduction from './reduction.ts';
import { expand, tile } from './repeating.ts';
import { resize } from './resize.ts';
import { flatten, reshape, squeeze, transpose, unsqueeze } from './shaping.ts';
import { slice } from './slice.ts';
import * as smooth from './smooth.ts';
import { logSoftmax, softmax } from './softmax.ts';
import { convTranspose } from './transposedConvolution.ts';
import * as variadic from './variadic.ts';

export const operators: ReadonlyMap<string, Operator> = new Map(
  Object.entries({
    Abs: elementary.abs,
    Add: arithmetic.add,
    And: comparison,
    ArgMax: argMax,
    ArgMin: argMax,
    AveragePool: averagePool,
    BatchNormalization: batchNormalization,
    Cast: cast,
    Ceil: predicate,
    Celu: activation.celu,
    Clip: activation.clip,
    Concat: concat,
    Conv: conv,
    ConvTranspose: convTranspose,
    Cos: elementary.cos,
    CumSum: cumSum,
    DepthToSpace: depthToSpace,
    Div: arithmetic.div,
    Dropout: dropout,
    Einsum: einsum,
    Elu: activation.elu,
    Equal: comparison,
    Erf: smooth.erf,
    Exp: elementary.exp,
    Expand: expand,
    Flatten: flatten,
    Floor: predicate,
    Gather: gather,
    GatherElements: gatherElements,
    GatherND: gatherND,
    Gelu: smooth.gelu,
    Gemm: gemm,
    GlobalAveragePool: globalAveragePool,
    GlobalMaxPool: globalMaxPool,
    Greater: comparison,
    GreaterOrEqual: comparison,
    GroupNormalization: groupNormalization,
    HardSigmoid: activation.hardSigmoid,
    HardSwish: activation.hardSwish,
    Identity: activation.identity,
    InstanceNormalization: instanceNormalization,
    IsInf: predicate,
    IsNaN: predicate,
    LayerNormalization: layerNormalization,
    LeakyRelu: activation.leakyRelu,
    Less: comparison,
    LessOrEqual: comparison,
    Log: elementary.log,
    LogSoftmax: logSoftmax,
    MatMul: matMul,
    Max: variadic.max,
    MaxPool: maxPool,
    Mean: variadic.mean,
    Min: variadic.min,
    Mish: smooth.mish,
    Mod: comparison,
    Mul: arithmetic.mul,
    Neg: elementary.neg,
    Not: predicate,
    OneHot: oneHot,
    Or: comparison,
    PRelu: activation.pRelu,
    Pad: pad,
    Pow: arithmetic.pow,
    Reciprocal: elementary.reciprocal,
    ReduceL1: reduction.reduceL1,
    ReduceL2: reduction.reduceL2,
    ReduceLogSum: reduction.reduceLogSum,
    ReduceLogSumExp: reduction.reduceLogSumExp,
    ReduceMax: reduction.reduceExtremum,
    ReduceMean: reduction.reduceMean,
    ReduceMin: reduction.reduceExtremum,
    ReduceProd: reduction.reduceProd,
    ReduceSum: reduction.reduceSum,
    ReduceSumSquare: reduction.reduceSumSquare,
    Relu: activation.relu,
    Reshape: reshape,
    Resize: resize,
    Round: predicate,
    Selu: activation.selu,
    Sigmoid: smooth.sigmoid,
    Sign: predicate,
    Sin: elementary.sin,
    Slice: slice,
    Softmax: softmax,
    Softplus: smooth.softplus,
    Softsign: smooth.softsign,
    SpaceToDepth: spaceToDepth,
    Split: split,
    Sqrt: elementary.sqrt,
    Squeeze: squeeze,
    Sub: arithmetic.sub,
    Sum: variadic.sum,
    Swish: smooth.swish,
    Tanh: smooth.tanh,
    ThresholdedRelu: activation.thresholdedRelu,
    Tile: tile,
    Transpose: transpose,
    Trilu: trilu,
    Unsqueeze: unsqueeze,
    Where: arithmetic.where,
    Xor: comparison,
  }),
);

const olderOpset = 'export the model with opset 22 or older, which writes it out';
const withoutLoops = 'export the model for inference, with its loops unrolled (in Keras: unroll=True)';

/** Operators that people use and that are not trained: what to do about each. */
export const refused: ReadonlyMap<string, string> = new Map([
  ['Attention', olderOpset],
  ['If', withoutLoops],
  ['LRN', 'replace it by a batch or group normalisation'],
  ['Loop', withoutLoops],
  ['NonZero', 'its shape depends on the data, choose by Where instead'],
  ['RMSNormalization', olderOpset],
  ['RotaryEmbedding', olderOpset],
  ['Scan', withoutLoops],
  ['TopK', 'choose by ReduceMax or MaxPool instead'],
]);
