const bins = 15;

/**
 * Expected calibration error (Guo et al., https://arxiv.org/abs/1706.04599, eq. 3): how far the confidence of answers is from how often
 * they are right, over bins of equal width.
 */
export function calibrationError(confidences: ArrayLike<number>, isRight: (sample: number) => boolean): number {
  const confidence = new Float64Array(bins);
  const right = new Float64Array(bins);
  for (let sample = 0; sample < confidences.length; sample++) {
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidences[sample]! * bins) - 1));
    confidence[bin]! += confidences[sample]!;
    if (isRight(sample)) right[bin]! += 1;
  }
  return right.reduce((sum, count, bin) => sum + Math.abs(count - confidence[bin]!), 0) / confidences.length;
}
