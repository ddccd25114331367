/** Loss and accuracy of a model on labelled samples, batch by batch. */
import { type Dataset, type Evaluation, outputsOf, type ParameterLayout, type TrainingPlan } from '../engine.ts';
import { elementCount } from '../layout.ts';
import { createScorer } from '../score.ts';
import { type Feeds, floats, type Session } from './session.ts';

const batchSize = 256;

export interface Evaluator {
  /** Takes the parameters as inputs of their own names. */
  session: Session;
  input: string;
  output: string;
  layout: ParameterLayout;
}

/** The parameters as inputs of their own names. */
export function feedsOf({ tensors }: ParameterLayout, parameters: Float32Array): Feeds {
  return Object.fromEntries(
    tensors.map(({ name, shape, offset, size }) => [name, floats(parameters.slice(offset, offset + size), shape)]),
  );
}

export async function evaluate(
  { session, input, output, layout }: Evaluator,
  parameters: Float32Array,
  data: Dataset,
  inputShape: readonly number[],
  plan: TrainingPlan,
): Promise<Evaluation> {
  const size = elementCount(inputShape);
  const { count, features } = data;
  const outputs = outputsOf(data, plan.loss);
  const score = createScorer(plan, data);
  const weights = feedsOf(layout, parameters);
  let lossSum = 0;
  let correctSum = 0;
  for (let start = 0; start < count; start += batchSize) {
    const samples = Math.min(batchSize, count - start);
    const batch = features.subarray(start * size, (start + samples) * size);
    const results = await session.run({ ...weights, [input]: floats(batch, [samples, ...inputShape]) });
    const values = results[output]!.data as Float32Array;
    for (let i = 0; i < samples; i++) {
      const { loss, correct } = score(values.subarray(i * outputs, (i + 1) * outputs), start + i);
      lossSum += loss;
      correctSum += correct;
    }
  }
  return { loss: lossSum / count, accuracy: correctSum / count, count };
}
