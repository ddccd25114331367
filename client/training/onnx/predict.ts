/** The outputs of a model, batch by batch. */
import type { Dataset } from '../engine.ts';
import { elementCount } from '../layout.ts';
import type { Evaluator } from './evaluate.ts';
import { floats } from './session.ts';

const batchSize = 256;

/** [count × outputs], row-major. */
export async function predict(
  { session, input, output, layout }: Evaluator,
  parameters: Float32Array,
  { features, count }: Pick<Dataset, 'features' | 'count'>,
  inputShape: readonly number[],
): Promise<Float32Array> {
  const size = elementCount(inputShape);
  const weights = Object.fromEntries(
    layout.tensors.map(({ name, shape, offset, size: length }) => [
      name,
      floats(parameters.slice(offset, offset + length), shape),
    ]),
  );
  let outputs = new Float32Array();
  for (let start = 0; start < count; start += batchSize) {
    const samples = Math.min(batchSize, count - start);
    const batch = features.subarray(start * size, (start + samples) * size);
    const results = await session.run({ ...weights, [input]: floats(batch, [samples, ...inputShape]) });
    const values = results[output]!.data as Float32Array;
    if (start === 0) outputs = new Float32Array((values.length / samples) * count);
    outputs.set(values, (values.length / samples) * start);
  }
  return outputs;
}
