/** Holds a given model to what training takes for granted: the answer to a sample does not depend on the rest of its batch. */
import { TributaryError } from '../../core/errors.ts';
import { createRandom } from '../../core/random.ts';
import { elementCount } from '../layout.ts';
import { type Feeds, floats, type Session } from './session.ts';

const tolerance = 1e-3;

/** Errors: MODEL_INVALID, also where ONNX Runtime cannot run the model. */
export async function checkIndependence(
  session: Session,
  { input, output, weights }: { input: string; output: string; weights: Feeds },
  inputShape: readonly number[],
): Promise<void> {
  const size = elementCount(inputShape);
  const random = createRandom('independence');
  // zeros and ones are pixels, tokens and categories alike
  const samples = Float32Array.from({ length: 2 * size }, () => random.below(2));
  const answer = async (from: number, count: number) => {
    const batch = samples.subarray(from * size, (from + count) * size);
    try {
      const results = await session.run({ ...weights, [input]: floats(batch, [count, ...inputShape]) });
      return results[output]!.data as Float32Array;
    } catch (cause) {
      const reason = (cause as Error).message.split('\n')[0];
      throw new TributaryError('MODEL_INVALID', `ONNX Runtime cannot run the model for ${count} samples: ${reason}`, {
        cause,
      });
    }
  };
  const together = await answer(0, 2);
  const apart = [...(await answer(0, 1)), ...(await answer(1, 1))];
  const isSame = (a: number, b: number) => Object.is(a, b) || Math.abs(a - b) <= tolerance * (1 + Math.abs(a));
  const differs = together.findIndex((value, i) => !isSame(value, apart[i]!));
  if (differs < 0 && together.length === apart.length) return;
  throw new TributaryError(
    'MODEL_INVALID',
    'The ONNX model mixes the samples of a batch: its answer to one depends on the others. Export it in inference mode, with an open batch axis (PyTorch: model.eval(), and dynamic_shapes or dynamic_axes for axis 0).',
  );
}
