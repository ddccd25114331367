/**
 * The complementary error function, scaled so that it neither underflows nor loses digits in the tail: rational approximations of W. J. Cody,
 * "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969), to about 16 digits.
 */
const small = {
  above: [0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694],
  below: [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171],
};
const middle = {
  above: [
    2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001,
    881.952221241769, 1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
  ],
  below: [
    1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597,
    4362.619090143247, 3439.3676741437216, 1230.3393548037495,
  ],
};
const large = {
  above: [
    0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275,
    0.0006587491615298378,
  ],
  below: [1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918],
};

function evaluate(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}

const ratio = ({ above, below }: typeof small, x: number) => evaluate(above, x) / evaluate(below, x);

/** e^(x²) · erfc(x) for x ≥ 0. */
function scaledErfc(x: number): number {
  if (x <= 0.46875) return Math.exp(x * x) * (1 - x * ratio(small, x * x));
  if (x <= 4) return ratio(middle, x);
  const z = 1 / (x * x);
  return (1 / Math.sqrt(Math.PI) - z * ratio(large, z)) / x;
}

/** log erfc(x), also where erfc(x) is no float any more. */
export function logErfc(x: number): number {
  return x >= 0 ? Math.log(scaledErfc(x)) - x * x : Math.log(2 - Math.exp(-x * x) * scaledErfc(-x));
}

/** log P(Z > x) of a standard normal Z. */
export function logNormalTail(x: number): number {
  return logErfc(x * Math.SQRT1_2) - Math.LN2;
}

/** log(e^a + e^b). */
export function logAdd(a: number, b: number): number {
  const [less, more] = a < b ? [a, b] : [b, a];
  return less === Number.NEGATIVE_INFINITY ? more : more + Math.log1p(Math.exp(less - more));
}

/** log(e^a − e^b) for a ≥ b. */
export function logSubtract(a: number, b: number): number {
  if (b === Number.NEGATIVE_INFINITY) return a;
  return a <= b ? Number.NEGATIVE_INFINITY : a + Math.log(-Math.expm1(b - a));
}
