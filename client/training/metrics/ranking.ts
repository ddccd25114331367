/**
 * Area under the curve of true against false positives: how likely a positive sample scores higher than a negative one (Mann and
 * Whitney; Hanley and McNeil, Radiology 143 (1982)). Equal scores count half. NaN where all samples are of one kind.
 */
export function areaUnderCurve(scores: Float64Array, isPositive: (sample: number) => boolean): number {
  const positives = scores.filter((_, sample) => isPositive(sample)).sort();
  const negatives = scores.filter((_, sample) => !isPositive(sample)).sort();
  let [below, upTo, pairs] = [0, 0, 0];
  for (const score of positives) {
    while (negatives[below]! < score) below++;
    while (negatives[upTo]! <= score) upTo++;
    pairs += (below + upTo) / 2;
  }
  return pairs / (positives.length * negatives.length);
}
