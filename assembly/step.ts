/** The step of core/numbers.ts, `roundedStep`, in the same IEEE 754 operations, two coordinates at a time. */
const updateBias: f64 = 32768;
const unitsPerUpdateUnit: f64 = 256;

/** Adds the steps to `count` int32 of `model`, saturated; room for one more where `count` is odd. */
export function stepModel(model: usize, count: i32, sums: usize, divisor: f64): void {
  const divisors = f64x2.splat(divisor);
  const twice = f64x2.splat(2 * divisor);
  for (let i = 0; i < count; i += 2) {
    const sum = v128.load(sums + i * 8);
    const quotient = f64x2.floor(f64x2.div(sum, divisors));
    const remainder = f64x2.sub(sum, f64x2.mul(quotient, divisors));
    const numerator = f64x2.add(f64x2.mul(remainder, f64x2.splat(2 * unitsPerUpdateUnit)), divisors);
    const fraction = f64x2.floor(f64x2.div(numerator, twice));
    const whole = f64x2.mul(f64x2.sub(quotient, f64x2.splat(updateBias)), f64x2.splat(unitsPerUpdateUnit));
    const last = f64x2.convert_low_i32x4_s(v128.load64_zero(model + i * 4));
    const next = f64x2.add(last, f64x2.add(whole, fraction));
    v128.store64_lane(model + i * 4, i32x4.trunc_sat_f64x2_s_zero(next), 0);
  }
}
