/** Whether a column seems to be in another unit than the task's: nobody sees it in a number alone, but in many together. */
import type { Column, NumberColumn } from '../../../core/data/columns.ts';
import { TributaryError } from '../../../core/errors.ts';
import { formatNumber } from './formatNumber.ts';
import type { Tally } from './tally.ts';
import { canonicalUnit, type UnitPair, unitPairs } from './unitPairs.ts';

/** What it takes to say so, in units of the logarithm of likelihood: of each number on average, and of all together. */
const leastGain = { ofEach: 2.5, ofAll: 10 };
/** So many standard deviations of the task the mean must be off, at most half as many once it is converted: a site may be one-sided. */
const leastShift = 1.2;
/** Beyond so many standard deviations of the task a mean is worth a remark. */
const farDeviations = 3;

export interface UnitFinding {
  column: string;
  /** A sentence. */
  sentence: string;
  /** A common pair of units explains it: the data is refused unless a person says that it is right. */
  isOtherUnit: boolean;
}

/** What the numbers of a file say of their units, column by column. */
export function findOtherUnits(columns: readonly Column[], tallies: readonly (Tally | undefined)[]): UnitFinding[] {
  return columns.flatMap((column, place) => {
    const tally = tallies[place];
    if (column.kind !== 'number' || tally === undefined || tally.count === 0) return [];
    const finding = lookAt(column, tally);
    return finding === undefined ? [] : [finding];
  });
}

/** Errors: DATA_INVALID where a column seems to be in another unit. */
export function refuseOtherUnits(source: string, findings: readonly UnitFinding[]): void {
  const found = findings.find(({ isOtherUnit }) => isOtherUnit);
  if (found === undefined) return;
  throw new TributaryError(
    'DATA_INVALID',
    `${source}: ${found.sentence} Convert the column, or add units=confirmed to the source where it is right as it is.`,
    { args: { column: found.column } },
  );
}

function lookAt(column: NumberColumn, tally: Tally): UnitFinding | undefined {
  const { name, mean, standardDeviation, range } = column;
  const unit = column.unit === undefined ? '' : ` ${column.unit}`;
  const here = `"${name}" has the mean ${formatNumber(tally.mean)} here`;
  const expected =
    mean !== undefined && standardDeviation !== undefined
      ? `${formatNumber(mean)} ± ${formatNumber(standardDeviation)}${unit} in the task`
      : `${range?.join(' to ')}${unit} allowed`;
  const pair = bestPair(column, tally);
  if (pair !== undefined) {
    const sentence = `${here} and ${expected}: it looks like ${pair.from} where the task has ${pair.to} (${describePair(pair)}).`;
    return { column: name, sentence, isOtherUnit: true };
  }
  const isFar =
    mean !== undefined &&
    standardDeviation !== undefined &&
    Math.abs(tally.mean - mean) > farDeviations * standardDeviation;
  const isOutside = tally.outside > tally.count / 2;
  if (!isFar && !isOutside) return undefined;
  return { column: name, sentence: `${here} and ${expected}: is its unit the task's?`, isOtherUnit: false };
}

function bestPair(column: NumberColumn, tally: Tally): UnitPair | undefined {
  const { unit } = column;
  const wanted = unit === undefined ? undefined : canonicalUnit(unit);
  const known = unitPairs.filter(({ to }) => canonicalUnit(to) === wanted);
  const asItIs = likelihood(column, tally, { factor: 1, offset: 0 });
  const best = (known.length > 0 ? known : unitPairs)
    .filter((pair) => bringsCloser(column, tally, pair))
    .map((pair) => ({ pair, gain: likelihood(column, tally, pair) - asItIs }))
    .sort((a, b) => b.gain - a.gain)[0];
  if (best === undefined || best.gain < leastGain.ofEach || best.gain * tally.count < leastGain.ofAll) return undefined;
  return best.pair;
}

function bringsCloser(
  { mean, standardDeviation }: NumberColumn,
  tally: Tally,
  { factor, offset }: Pick<UnitPair, 'factor' | 'offset'>,
): boolean {
  if (mean === undefined || standardDeviation === undefined) return true;
  const before = Math.abs(tally.mean - mean) / standardDeviation;
  const after = Math.abs(tally.mean * factor + offset - mean) / standardDeviation;
  return before >= leastShift && after <= before / 2;
}

/**
 * Mean logarithm of the likelihood of the file's numbers, once converted, under the task's normal distribution; where the task has no
 * mean, under an even one over its range with a tenth outside of it.
 */
function likelihood(
  { mean, standardDeviation, range }: NumberColumn,
  tally: Tally,
  { factor, offset }: Pick<UnitPair, 'factor' | 'offset'>,
): number {
  const [ownMean, ownDeviation] = [tally.mean * factor + offset, tally.standardDeviation * factor];
  const density = Math.log(factor);
  if (mean !== undefined && standardDeviation !== undefined) {
    const [shift, spread] = [(ownMean - mean) / standardDeviation, ownDeviation / standardDeviation];
    // far outliers of a heavy tail say little more than near ones
    return density - Math.min(50, (shift ** 2 + spread ** 2) / 2);
  }
  if (range === undefined) return density === 0 ? 0 : Number.NEGATIVE_INFINITY;
  const [low, high] = range;
  const isAsItIs = density === 0 && offset === 0;
  const fits = isAsItIs
    ? tally.outside <= tally.count / 2
    : ownMean - ownDeviation >= low && ownMean + ownDeviation <= high;
  // nothing is gained by a narrower scale: most must lie outside as they are
  return fits ? 0 : -leastGain.ofAll;
}

function describePair({ from, to, factor, offset }: UnitPair): string {
  if (offset !== 0)
    return `${from} × ${formatNumber(factor)} ${offset < 0 ? '−' : '+'} ${formatNumber(Math.abs(offset))} = ${to}`;
  return factor > 1 ? `1 ${from} = ${formatNumber(factor)} ${to}` : `1 ${to} = ${formatNumber(1 / factor)} ${from}`;
}
