/** The last step from a file's numbers to features: by the first axis of a sample. */

interface Normalisation {
  mean: readonly number[];
  standardDeviation: readonly number[];
}

/** (value − mean) ÷ standardDeviation of the value's channel, where a normalisation is given. */
export function normaliseInPlace(sample: Float32Array, normalisation: Normalisation | undefined): Float32Array {
  if (normalisation === undefined) return sample;
  const { mean, standardDeviation } = normalisation;
  const area = sample.length / mean.length;
  for (let i = 0; i < sample.length; i++) {
    const channel = Math.floor(i / area);
    sample[i] = (sample[i]! - mean[channel]!) / standardDeviation[channel]!;
  }
  return sample;
}
