/** The unit of a column: as its name says it, or as its values suggest. */
import { canonicalText } from '../../../../core/data/text.ts';
import { formatNumber } from '../formatNumber.ts';
import type { Tally } from '../tally.ts';

const written =
  /[([]\s*([^()[\]]{1,20})\s*[)\]]\s*$|[\s_](mg\/d?l|[mµu]mol\/l|nmol\/l|g\/d?l|ng\/ml|mmhg|kpa|kg|lbs?|cm|mm|inch(?:es)?|°?[cf]|years|%|€|\$)$/i;

/** Where a healthy person's and most patients' means lie. */
const usual: readonly [name: RegExp, unit: string, low: number, high: number][] = [
  [/gluc|glyk|blutzucker/i, 'mg/dl', 60, 250],
  [/gluc|glyk|blutzucker/i, 'mmol/l', 3, 15],
  [/chol/i, 'mg/dl', 100, 320],
  [/chol/i, 'mmol/l', 2.5, 9],
  [/kreat|creat/i, 'mg/dl', 0.4, 3],
  [/kreat|creat/i, 'µmol/l', 35, 300],
  [/temp/i, '°C', 34, 42],
  [/temp/i, '°F', 93, 107],
  [/height|größe|groesse|taille/i, 'cm', 120, 210],
  [/height|größe|groesse|taille/i, 'm', 1.2, 2.1],
  [/height/i, 'in', 50, 80],
];

/** Undefined where neither says anything. */
export function unitIn(name: string, numbers: Tally, ask: (question: string) => void): string | undefined {
  const found = written.exec(canonicalText(name));
  const unit = found?.[1]?.trim() ?? found?.[2];
  const alike = usual.filter(([of]) => of.test(name));
  const likely = alike.find(([, , low, high]) => numbers.mean >= low && numbers.mean <= high)?.[1];
  if (likely === undefined) return unit;
  const mean = formatNumber(numbers.mean);
  if (unit === undefined) {
    ask(`${name}: the mean ${mean} suggests ${likely}, as the description now says: is that the unit?`);
    return likely;
  }
  const isOther =
    alike.some(([, other]) => other.toLowerCase() === unit.toLowerCase()) &&
    likely.toLowerCase() !== unit.toLowerCase();
  if (isOther) ask(`${name}: the name says ${unit}, but the mean ${mean} looks like ${likely}: which is it?`);
  return unit;
}
