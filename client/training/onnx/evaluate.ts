/** Loss and accuracy of a model on labelled samples, batch by batch. */
import type { Dataset, Evaluation, Loss, ParameterLayout } from '../engine.ts';
import { elementCount } from '../layout.ts';
import { floats, type Session } from './session.ts';

const batchSize = 256;

/** log Σ exp, without overflow. */
function logSumExp(logits: Float32Array): number {
  const largest = logits.reduce((a, b) => Math.max(a, b));
  return largest + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0));
}

interface Score {
  loss: number;
  correct: number;
}

function scoreClass(logits: Float32Array, label: number): Score {
  const isLargest = logits.indexOf(logits.reduce((a, b) => Math.max(a, b))) === label;
  return { loss: logSumExp(logits) - logits[label]!, correct: isLargest ? 1 : 0 };
}

function scoreTargets(outputs: Float32Array, targets: Float32Array): Score {
  const squares = outputs.reduce((sum, output, place) => sum + (output - targets[place]!) ** 2, 0);
  return { loss: squares / outputs.length, correct: Number.NaN };
}

export interface Evaluator {
  /** Takes the parameters as inputs of their own names. */
  session: Session;
  input: string;
  output: string;
  layout: ParameterLayout;
}

export async function evaluate(
  { session, input, output, layout }: Evaluator,
  parameters: Float32Array,
  data: Dataset,
  inputShape: readonly number[],
  loss: Loss,
): Promise<Evaluation> {
  const size = elementCount(inputShape);
  const { count, classes, labels, features } = data;
  const weights = Object.fromEntries(
    layout.tensors.map(({ name, shape, offset, size: length }) => [
      name,
      floats(parameters.slice(offset, offset + length), shape),
    ]),
  );
  let lossSum = 0;
  let correct = 0;
  for (let start = 0; start < count; start += batchSize) {
    const samples = Math.min(batchSize, count - start);
    const batch = features.subarray(start * size, (start + samples) * size);
    const results = await session.run({ ...weights, [input]: floats(batch, [samples, ...inputShape]) });
    const logits = results[output]!.data as Float32Array;
    for (let i = 0; i < samples; i++) {
      const row = logits.subarray(i * classes, (i + 1) * classes);
      const place = start + i;
      const score =
        loss === 'softmaxCrossEntropy'
          ? scoreClass(row, labels[place]!)
          : scoreTargets(row, labels.slice(place * classes, (place + 1) * classes) as Float32Array);
      lossSum += score.loss;
      correct += score.correct;
    }
  }
  return { loss: lossSum / count, accuracy: correct / count, count };
}
