/**
 * Area under the curve of true against false positives: how likely a positive sample scores higher than a negative one, by the rank
 * sum of Mann and Whitney (Hanley and McNeil, Radiology 143 (1982)). Equal scores count half. NaN where all samples are of one kind.
 */
export function areaUnderCurve(scores: ArrayLike<number>, isPositive: (sample: number) => boolean): number {
  const order = Uint32Array.from({ length: scores.length }, (_, sample) => sample);
  order.sort((a, b) => scores[a]! - scores[b]!);
  let positives = 0;
  let rankSum = 0;
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) end++;
    const rank = (start + 1 + end) / 2;
    for (let place = start; place < end; place++) {
      if (!isPositive(order[place]!)) continue;
      positives++;
      rankSum += rank;
    }
    start = end;
  }
  const negatives = scores.length - positives;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}
