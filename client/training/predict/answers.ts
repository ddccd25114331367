/** What a model answers, sample by sample. */
import { targetNamesOf, unitOfTarget } from '../../core/data/targets.ts';
import type { ModelFacts } from '../export/metadata.ts';
import { largestOf, softmax } from '../metrics/probabilities.ts';
import type { Feeds } from '../onnx/session.ts';

/** An answer to one sample; probabilities are by class, or by question that it is answered with yes. */
export type Answer =
  | { label: string; probabilities: Record<string, number> }
  | { probabilities: Record<string, number> }
  | { predictions: Record<string, number>; unit?: string }
  | { refused: string };

/** `problems` are why the task refuses a sample, where that is known; `outputs` are those of the exported graph, in its order. */
export function answersOf(
  outputs: Feeds,
  { data, loss, classes }: Pick<ModelFacts, 'data' | 'loss' | 'classes'>,
  problems: readonly (string | undefined)[],
): Answer[] {
  const tensors = Object.values(outputs);
  const values = tensors.find(({ type }) => type === 'float32')!.data as Float32Array;
  const labels = tensors.find(({ type }) => type === 'string')?.data as readonly string[] | undefined;
  const width = values.length / problems.length;
  const names = targetNamesOf(data, classes);
  const unit = unitOfTarget(data);
  return problems.map((problem, sample): Answer => {
    const own = values.subarray(sample * width, (sample + 1) * width);
    if (problem !== undefined || own.some(Number.isNaN)) return { refused: problem ?? 'a value is out of its range' };
    const given = data === undefined ? probabilitiesOf(own, loss) : [...own];
    const named = Object.fromEntries(names.map((name, place) => [name, given[place]!]));
    if (loss.endsWith('Error')) return { predictions: named, ...(unit !== undefined && { unit }) };
    if (loss === 'multiLabelCrossEntropy') return { probabilities: named };
    const label = labels?.[sample] ?? names[largestOf(given)]!;
    return { label, probabilities: named };
  });
}

/** Of a task that does not describe its data the model gives what it was trained to give. */
function probabilitiesOf(outputs: Float32Array, loss: ModelFacts['loss']): number[] {
  const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));
  switch (loss) {
    case 'softmaxCrossEntropy':
      return [...softmax(outputs)];
    case 'binaryCrossEntropy':
      return [sigmoid(-outputs[0]!), sigmoid(outputs[0]!)];
    case 'multiLabelCrossEntropy':
      return [...outputs].map(sigmoid);
    default:
      return [...outputs];
  }
}
