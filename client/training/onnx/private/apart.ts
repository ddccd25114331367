/**
 * Whether a model computes each sample by itself: only then is a gradient a sum over samples, each of which can be clipped. The first axis
 * of every value that depends on the data must be the batch, and no node may mix along it. What is not known to keep samples apart does not.
 */
import { TributaryError } from '../../../core/errors.ts';
import type { AnalysedNode, Analysis } from '../analysis.ts';
import { integerAttribute, integersAttribute } from '../node.ts';
import { describe } from '../operators/operator.ts';

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

function keepsApart(node: Checked): boolean {
  const { opType } = node.node;
  const [shape = []] = node.shapes;
  const ofData = node.inputs.map((_, place) => place).filter((place) => node.isOfData(place));
  if (elementwise.has(opType) || moving.has(opType)) return true;
  if (broadcasting.has(opType)) {
    const rank = node.outputShape.length;
    // what lacks the first axis, or has one row there, serves all samples alike
    return node.shapes.every((one, place) => ofData.includes(place) === (one.length === rank && one[0] === node.batch));
  }
  if (overWindows.has(opType)) return ofData.every((place) => place === 0);
  if (alongOneAxis.has(opType)) {
    const axis = integerAttribute(node.node, 'axis', opType === 'Gather' || opType === 'Split' ? 0 : -1);
    const first = opType === 'Gather' ? 0 : (ofData[0] ?? 0);
    const all = opType === 'Concat' ? ofData.length === node.inputs.length : ofData.every((place) => place === first);
    return all && (axis < 0 ? axis + shape.length : axis) !== 0;
  }
  switch (opType) {
    case 'Gemm':
      return ofData.every((place) => place === 0) && integerAttribute(node.node, 'transA', 0) === 0;
    case 'MatMul':
      return ofData[0] === 0 && (ofData.length === 1 || (shape.length > 2 && node.shapes[1]!.length === shape.length));
    case 'Transpose':
      return (
        integersAttribute(
          node.node,
          'perm',
          shape.map((_, axis) => shape.length - 1 - axis),
        )[0] === 0
      );
    case 'BatchNormalization':
      return node.batchStatistics === 'frozen';
    default:
      return opType.startsWith('Reduce') && !reducedAxes(node).includes(0);
  }
}

function reducedAxes(node: AnalysedNode): number[] {
  const rank = node.shapes[0]!.length;
  const given = node.constant(1) ?? integersAttribute(node.node, 'axes', []);
  const axes = given.length === 0 ? Array.from({ length: rank }, (_, axis) => axis) : given;
  return axes.map((axis) => (axis < 0 ? axis + rank : axis));
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
