/** Softmax as exporters write it out: exp(z) ÷ Σ exp(z). */
import { integerAttribute } from '../node.ts';
import { type Draft, inPlaceOf, producerOf, prune, rewrite } from './draft.ts';

export function fuseSoftmax(draft: Draft): void {
  rewrite(draft, (node) => {
    const [powers, total] = node.opType === 'Div' ? node.input! : [];
    const exponential = producerOf(draft, powers ?? '');
    const sum = producerOf(draft, total ?? '');
    if (exponential?.opType !== 'Exp' || sum?.opType !== 'ReduceSum' || sum.input![0] !== powers) return undefined;
    const axes = draft.initializers.get(sum.input![1] ?? '')?.data;
    if (axes?.length !== 1 || integerAttribute(sum, 'keepdims', 1) !== 1) return undefined;
    return [inPlaceOf(node, 'Softmax', [exponential.input![0]!], { axis: axes[0]! })];
  });
  prune(draft);
}
