/** What scikit-learn does to columns before a model, as standard operators. */
import { createNode, floatsAttribute, stringAttribute } from '../../node.ts';
import type { NodeProto } from '../../proto.ts';
import { addFloats, addIntegers, addScalar, type Draft, freshName, inPlaceOf, producerOf } from '../draft.ts';

/** (x − offset) · scale */
export function scaler(node: NodeProto, draft: Draft): NodeProto[] {
  const output = node.output![0]!;
  const constant = (name: string) => {
    const values = floatsAttribute(node, name, []);
    return addFloats(draft, `${output}.${name}`, [values.length], values);
  };
  const centred = freshName(draft, `${output}/centred`);
  return [
    createNode('Sub', [node.input![0]!, constant('offset')], [centred]),
    createNode('Mul', [centred, constant('scale')], [output]),
  ];
}

/** Columns by their places. */
export function arrayFeatureExtractor(node: NodeProto): NodeProto[] {
  return [inPlaceOf(node, 'Gather', node.input!, { axis: -1 })];
}

/** Values that are missing do not come in: the task's description says what becomes of them. */
export function imputer(node: NodeProto, draft: Draft): NodeProto[] {
  draft.changes.push('Its Imputer is left out: the description of the data says what stands for missing values.');
  return [inPlaceOf(node, 'Identity', [node.input![0]!])];
}

/** Several columns of an input that is one already. */
export function featureVectorizer(node: NodeProto): NodeProto[] {
  return [inPlaceOf(node, 'Concat', node.input!, { axis: 1 })];
}

/** Rows divided by their norm. A row of probabilities has the sum 1 already. */
export function normalizer(node: NodeProto, draft: Draft): NodeProto[] {
  const [input] = node.input as [string];
  const [output] = node.output as [string];
  const norm = stringAttribute(node, 'norm', 'MAX');
  const before = producerOf(draft, input);
  if (norm === 'L1' && (before?.opType === 'Softmax' || before?.opType === 'Concat')) {
    return [inPlaceOf(node, 'Identity', [input])];
  }
  const name = (what: string) => freshName(draft, `${output}/${what}`);
  if (norm === 'L1' && before?.opType === 'Sigmoid') return softmaxOfLogSigmoid(draft, before.input![0]!, output);
  const [terms, sum, root, divisor] = [name('terms'), name('sum'), name('root'), name('divisor')];
  const axes = addIntegers(draft, `${output}/axes`, [-1]);
  const least = addScalar(draft, `${output}/least`, 1e-30); // a row of zeros stays one
  const rows: Record<string, NodeProto[]> = {
    L1: [createNode('Abs', [input], [terms]), createNode('ReduceSum', [terms, axes], [root], { keepdims: 1 })],
    L2: [
      createNode('Mul', [input, input], [terms]),
      createNode('ReduceSum', [terms, axes], [sum], { keepdims: 1 }),
      createNode('Sqrt', [sum], [root]),
    ],
    MAX: [createNode('Abs', [input], [terms]), createNode('ReduceMax', [terms, axes], [root], { keepdims: 1 })],
  };
  return [...rows[norm]!, createNode('Max', [root, least], [divisor]), createNode('Div', [input, divisor], [output])];
}

/** Sigmoids divided by their sum are the softmax of their logarithms, and log σ(z) is −softplus(−z). */
export function softmaxOfLogSigmoid(draft: Draft, logits: string, output: string): NodeProto[] {
  const name = (what: string) => freshName(draft, `${output}/${what}`);
  const [negative, soft, log] = [name('negative'), name('softplus'), name('log')];
  return [
    createNode('Neg', [logits], [negative]),
    createNode('Softplus', [negative], [soft]),
    createNode('Neg', [soft], [log]),
    createNode('Softmax', [log], [output], { axis: -1 }),
  ];
}
