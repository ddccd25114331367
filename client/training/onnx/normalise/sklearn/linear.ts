/** LinearRegressor and LinearClassifier of ai.onnx.ml, https://github.com/onnx/onnx/blob/main/docs/Operators-ml.md */
import { createNode, floatsAttribute, integerAttribute, stringAttribute } from '../../node.ts';
import { describe } from '../../operators/operator.ts';
import type { NodeProto } from '../../proto.ts';
import { addFloats, addScalar, type Draft, freshName, invalid } from '../draft.ts';
import { classesOf } from './classes.ts';

/** Which of the rows of coefficients, one an output, are taken. */
interface Rows {
  of: number;
  first: number;
  count: number;
}

/** x · Wᵀ + b */
function affine(draft: Draft, node: NodeProto, { of, first, count }: Rows, output: string, name: string): NodeProto {
  const coefficients = floatsAttribute(node, 'coefficients', []);
  const features = coefficients.length / of;
  const intercepts = floatsAttribute(node, 'intercepts', []).slice(first, first + count);
  const rows = coefficients.slice(first * features, (first + count) * features);
  const weight = addFloats(draft, `${name}.weight`, [count, features], rows);
  const bias = intercepts.length === count ? [addFloats(draft, `${name}.bias`, [count], intercepts)] : [];
  return createNode('Gemm', [node.input![0]!, weight, ...bias], [output], { transB: 1 });
}

function refusePost(node: NodeProto, post: string): never {
  throw invalid(`${describe(node)} ends in ${post}, which no loss here belongs to: export it with raw scores`);
}

export function linearRegressor(node: NodeProto, draft: Draft): NodeProto[] {
  const post = stringAttribute(node, 'post_transform', 'NONE');
  if (post !== 'NONE') refusePost(node, post);
  const output = node.output![0]!;
  const count = integerAttribute(node, 'targets', 1);
  return [affine(draft, node, { of: count, first: 0, count }, output, output)];
}

/** [1 − p, p] of one logit. */
export function bothClasses(draft: Draft, probability: string, output: string): NodeProto[] {
  const rest = freshName(draft, `${output}/rest`);
  const one = addScalar(draft, `${output}/one`, 1);
  return [
    createNode('Sub', [one, probability], [rest]),
    createNode('Concat', [rest, probability], [output], { axis: 1 }),
  ];
}

/** Whether the scores of two classes are one number and its opposite. */
function areOpposite(values: readonly number[]): boolean {
  const half = values.length / 2;
  return values.slice(0, half).every((value, place) => Math.abs(value + values[half + place]!) < 1e-6);
}

/**
 * Two classes with LOGISTIC are one logit; more are scores of each class against the rest, whose sigmoids are divided by
 * their sum: exactly the softmax of their logarithms.
 */
export function linearClassifier(node: NodeProto, draft: Draft): NodeProto[] {
  const output = node.output![1]!;
  const post = stringAttribute(node, 'post_transform', 'NONE');
  const classes = classesOf(node).length;
  const coefficients = floatsAttribute(node, 'coefficients', []);
  const intercepts = floatsAttribute(node, 'intercepts', []);
  const of = intercepts.length || classes;
  const all = { of, first: 0, count: of };
  const logits = freshName(draft, `${output}/logits`);
  if (post === 'NONE') return [affine(draft, node, all, output, output)];
  if (post === 'SOFTMAX') {
    return [affine(draft, node, all, logits, output), createNode('Softmax', [logits], [output], { axis: -1 })];
  }
  if (post !== 'LOGISTIC') return refusePost(node, post);
  const sigmoid = freshName(draft, `${output}/sigmoid`);
  if (classes === 2 && (of === 1 || (areOpposite(coefficients) && areOpposite(intercepts)))) {
    return [
      affine(draft, node, { of, first: of - 1, count: 1 }, logits, output),
      createNode('Sigmoid', [logits], [sigmoid]),
      ...bothClasses(draft, sigmoid, output),
    ];
  }
  return [affine(draft, node, all, logits, output), createNode('Sigmoid', [logits], [output])];
}
