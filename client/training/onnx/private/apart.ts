/**
 * Whether a model computes each sample by itself: only then is a gradient a sum over samples, each of which can be clipped. The first axis
 * of every value that depends on the data must be the batch, and no node may mix along it. What is not known to keep samples apart does not.
 */
import { TributaryError } from '../../../core/errors.ts';
import type { AnalysedNode, Analysis } from '../analysis.ts';
import { integerAttribute } from '../node.ts';
import { axisIn, describe } from '../operators/operator.ts';
import { reducedAxes } from '../operators/reduction.ts';
import { permutation } from '../operators/shaping.ts';
import type { Shape } from '../tensor.ts';

/** Element by element, or along axes that the first is none of. */
const elementwise = new Set([
  ...[
    'Abs',
    'Cast',
    'Celu',
    'Clip',
    'Cos',
    'Dropout',
    'Elu',
    'Erf',
    'Exp',
    'Gelu',
    'HardSigmoid',
    'HardSwish',
    'Identity',
  ],
  ...[
    'LeakyRelu',
    'Log',
    'Mish',
    'Neg',
    'Reciprocal',
    'Relu',
    'Selu',
    'Sigmoid',
    'Sign',
    'Sin',
    'Softplus',
    'Softsign',
  ],
  ...['Sqrt', 'Swish', 'Tanh', 'ThresholdedRelu', 'Ceil', 'Floor', 'Round', 'IsNaN', 'IsInf', 'Not'],
]);
const broadcasting = new Set([
  ...[
    'Add',
    'Sub',
    'Mul',
    'Div',
    'Pow',
    'Min',
    'Max',
    'Sum',
    'Mean',
    'Where',
    'PRelu',
    'Equal',
    'Greater',
    'GreaterOrEqual',
  ],
  ...['Less', 'LessOrEqual', 'And', 'Or', 'Xor', 'Mod'],
]);
const overWindows = new Set([
  ...['Conv', 'ConvTranspose', 'MaxPool', 'AveragePool', 'GlobalAveragePool', 'GlobalMaxPool', 'InstanceNormalization'],
  ...['DepthToSpace', 'SpaceToDepth', 'GroupNormalization'],
]);
const moving = new Set(['Flatten', 'Reshape', 'Squeeze', 'Unsqueeze']);
const alongOneAxis = new Set(['Softmax', 'LogSoftmax', 'LayerNormalization', 'Concat', 'Split', 'Gather']);

type Checked = AnalysedNode & { isOfData(place: number): boolean };

/** Where an axis is an attribute, what it is when left out. */
const usualAxis: Readonly<Record<string, number>> = { Gather: 0, Split: 0 };

function keepsApart(node: Checked): boolean {
  const { opType } = node.node;
  const [shape = [], second = []] = node.shapes;
  const ofData = node.inputs.map((_, place) => place).filter((place) => node.isOfData(place));
  const isFirstAlone = ofData.every((place) => place === 0);
  /** What lacks the first axis of values of this rank, or has one row there, serves all samples alike. */
  const isAlike = (one: Shape, rank: number) => one.length < rank || one[0] === 1;
  if (elementwise.has(opType) || moving.has(opType)) return true;
  if (broadcasting.has(opType)) {
    const rank = node.outputShape.length;
    return node.shapes.every((one, place) => (node.isOfData(place) ? one.length === rank : isAlike(one, rank)));
  }
  if (overWindows.has(opType)) return isFirstAlone;
  if (alongOneAxis.has(opType)) {
    const all = opType === 'Concat' ? ofData.length === node.inputs.length : isFirstAlone;
    return all && axisIn(node, usualAxis[opType] ?? -1) !== 0;
  }
  switch (opType) {
    case 'Gemm':
      return isFirstAlone && integerAttribute(node.node, 'transA', 0) === 0 && isAlike(node.shapes[2] ?? [], 2);
    case 'MatMul':
      if (!node.isOfData(0) || shape.length < 2) return false;
      if (node.isOfData(1)) return shape.length > 2 && second.length === shape.length;
      return second.length <= 2 || (second.length <= shape.length && isAlike(second, shape.length));
    case 'Transpose':
      return permutation(node)[0] === 0;
    case 'BatchNormalization':
      return isFirstAlone && node.batchStatistics === 'frozen';
    default:
      return opType.startsWith('Reduce') && !reducedAxes(node).includes(0);
  }
}

/** Names of the values that depend on the data. Errors: OPERATOR_UNSUPPORTED, naming the node that mixes samples. */
export function valuesOfData({ nodes }: Analysis, input: string): Set<string> {
  const ofData = new Set([input]);
  for (const node of nodes) {
    if (!node.inputs.some((name) => ofData.has(name))) continue;
    const isOfData = (place: number) => ofData.has(node.inputs[place]!);
    const isApart = keepsApart({ ...node, isOfData }) && node.outputShapes.every((shape) => shape[0] === node.batch);
    if (!isApart) {
      throw new TributaryError(
        'OPERATOR_UNSUPPORTED',
        `${describe(node.node)} is not known to compute each sample by itself, so no sample's gradient can be clipped: train without --record-dp, or a model without it${node.node.opType === 'BatchNormalization' ? ' (or with model.batchStatistics "frozen")' : ''}.`,
        { args: { operator: node.node.opType } },
      );
    }
    for (const name of node.outputs) ofData.add(name);
  }
  return ofData;
}
