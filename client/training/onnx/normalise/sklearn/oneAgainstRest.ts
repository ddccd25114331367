/** SGDClassifier with several classes writes sigmoids out, and divides them by their sum. */
import type { NodeProto } from '../../proto.ts';
import { type Draft, producerOf, rewrite } from '../draft.ts';
import { softmaxOfLogSigmoid } from './preprocessing.ts';

/** The value z where `value` is 1 / (1 + exp(−z)), written out or as Sigmoid. */
function logitOf(draft: Draft, value: string): string | undefined {
  const before = (name: string | undefined, opType: string) => {
    const node = producerOf(draft, name ?? '');
    return node?.opType === opType ? node : undefined;
  };
  const sigmoid = before(value, 'Sigmoid');
  if (sigmoid) return sigmoid.input![0];
  const isNumber = (name: string | undefined, wanted: number) => {
    const constant = draft.initializers.get(name ?? '');
    return constant?.data.length === 1 && constant.data[0] === wanted;
  };
  const sum = before(before(value, 'Reciprocal')?.input?.[0], 'Add');
  const exponential = isNumber(sum?.input?.[1], 1) ? before(sum!.input![0], 'Exp') : undefined;
  const negative = before(exponential?.input?.[0], 'Mul');
  return isNumber(negative?.input?.[1], -1) ? negative!.input![0] : undefined;
}

/**
 * Div(p + none, Σp + none · classes), where `none` is 1 for a row without any probability, which sigmoids never give.
 */
function scoresOf(draft: Draft, { opType, input = [] }: NodeProto): string | undefined {
  if (opType !== 'Div') return undefined;
  const [raised, total] = input.map((name) => producerOf(draft, name));
  const sum = total?.opType === 'Add' ? producerOf(draft, total.input![0]!) : undefined;
  const probabilities = raised?.opType === 'Add' ? raised.input![0]! : undefined;
  if (probabilities === undefined || sum?.opType !== 'ReduceSum' || sum.input![0] !== probabilities) return undefined;
  return logitOf(draft, probabilities);
}

export function fuseOneAgainstRest(draft: Draft): void {
  rewrite(draft, (node) => {
    const scores = scoresOf(draft, node);
    return scores === undefined ? undefined : softmaxOfLogSigmoid(draft, scores, node.output![0]!);
  });
}
