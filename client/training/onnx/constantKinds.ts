/** How constants look that are no weights. */
import type { ConstantTensor } from './tensor.ts';

/** Words in the names of single numbers that are learned. */
const learnedWords = new Set(
  'weight bias scale alpha beta gamma temperature temp tau gain slope logit logits gate lambda theta'.split(' '),
);

/** Whether a name is one that people give to a learned number, such as `logit_scale` or `block.alpha`. */
export function isLearnedName(name: string): boolean {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);
  return words.some((word) => learnedWords.has(word));
}

const known = [
  Math.SQRT2 / Math.sqrt(Math.PI), // √(2/π) and the next, of GELU
  0.044715,
  1.702, // of its approximation by a sigmoid
  Math.PI,
  Math.E,
  Math.LN2,
  Math.LN10,
  1.0507009873554805, // of SELU
  1.6732632423543772,
];

/** Whether formulas are written with this number: whole numbers, their parts, roots and tenths, and a few famous ones. */
export function isFormulaNumber(value: number): boolean {
  const size = Math.abs(value);
  if (size === 0 || size >= 1e6) return true;
  const near = (a: number, b: number) => Math.abs(a - b) <= 2e-7 * Math.max(a, b); // as exact as float32
  const isWhole = (x: number) => x <= 1e4 && near(x, Math.round(x));
  return (
    isWhole(size) ||
    isWhole(1 / size) ||
    isWhole(size * size) ||
    isWhole(1 / (size * size)) ||
    near(size, 10 ** Math.round(Math.log10(size))) ||
    known.some((number) => near(size, number))
  );
}

/** 0 and 1 in one tensor, or 0 and numbers that only take part out of a softmax. */
export function isMask(values: ArrayLike<number>): boolean {
  const distinct = new Set(Array.from(values));
  if (distinct.size !== 2 || !distinct.has(0)) return false;
  return [...distinct].some((value) => value === 1 || value <= -1e4);
}

/** Pairs of a sine and a cosine of one angle in every row, side by side or in halves (Vaswani et al., section 3.5). */
export function isSinusoid({ shape, data }: ConstantTensor): boolean {
  const width = shape.at(-1) ?? 0;
  if (width < 4 || width % 2 === 1 || data.length / width < 2) return false;
  const isOne = (a: number, b: number) => Math.abs(a * a + b * b - 1) < 1e-3;
  const half = width / 2;
  const rows = Array.from({ length: data.length / width }, (_, row) => data.subarray(row * width, (row + 1) * width));
  const everyPair = (place: (pair: number) => [number, number]) =>
    rows.every((row) =>
      Array.from({ length: half }, (_, pair) => place(pair)).every(([a, b]) => isOne(row[a]!, row[b]!)),
    );
  return everyPair((pair) => [2 * pair, 2 * pair + 1]) || everyPair((pair) => [pair, half + pair]);
}
