/**
 * How much of an update is not public already. Who holds no data can still send what others found out before: the model's
 * last step, which is the mean of many updates and so a better estimate of the way down than any single honest one, or a copy
 * of somebody's earlier update. What matching pursuit (Mallat and Zhang, IEEE Trans. Signal Processing 41 (1993), section II)
 * explains of an update by such vectors is not its author's work. An author's own earlier update counts as its own: its data
 * still say the same.
 */

export interface Authored {
  trainer: string;
  /** An update, in any unit. */
  values: ArrayLike<number>;
}

/** Public vectors that are taken out of an update, one after the other. */
const pursuitSteps = 4;

/** Share of the update's squared length that `known` vectors of others do not explain, in [0, 1]; 0 for an update of zeros. */
export function noveltyOf(update: Authored, known: readonly Authored[]): number {
  const whole = dot(update.values, update.values);
  if (whole === 0) return 0;
  const others = known
    .filter(({ trainer }) => trainer !== update.trainer)
    .map(({ values }) => ({ values, squared: dot(values, values) }))
    .filter(({ squared }) => squared > 0);
  const rest = Float64Array.from(update.values);
  for (let step = 0; step < pursuitSteps && others.length > 0; step++) {
    const [nearest, product] = others
      .map((other) => [other, dot(rest, other.values)] as const)
      .reduce((a, b) => (b[1] ** 2 / b[0].squared > a[1] ** 2 / a[0].squared ? b : a));
    for (let i = 0; i < rest.length; i++) rest[i]! -= (product / nearest.squared) * nearest.values[i]!;
  }
  return dot(rest, rest) / whole;
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
