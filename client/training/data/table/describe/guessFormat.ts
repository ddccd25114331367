/** How the numbers of a table are written, guessed from its first rows. */
import type { NumberFormat } from '../../../../core/data/description.ts';
import { parseNumber } from '../../../../core/data/numberText.ts';
import type { TableFormat } from '../format.ts';
import { missingAmongNumbers } from './tokens.ts';

const candidates: readonly (readonly [NumberFormat['decimal'], NumberFormat['thousands']])[] = [
  ['.', ''],
  ['.', ','],
  [',', ''],
  [',', '.'],
  ['.', ' '],
  [',', ' '],
  ['.', "'"],
];
const signs = ['%', '‰', '$', '€', '£', '¥', '₹', 'EUR', 'USD', 'CHF', 'GBP'];

/** The format in which most columns are numbers; `columns` are texts of each. What the file says of itself counts. */
export function guessNumberFormat(columns: readonly (readonly string[])[], file: TableFormat): NumberFormat {
  const affixes = signs.filter((sign) => columns.some((texts) => texts.some((text) => hasAffix(text, sign))));
  const possible = candidates
    .map(([decimal, thousands]) => ({ decimal, thousands, affixes }))
    .filter(
      (one) => (file.decimal ?? one.decimal) === one.decimal && (file.thousands ?? one.thousands) === one.thousands,
    );
  const given = { decimal: file.decimal ?? '.', thousands: file.thousands ?? '', affixes } as const;
  return (possible.length > 0 ? possible : [given])
    .map((format) => ({ format, numbers: columns.filter((texts) => areNumbers(texts, format)).length }))
    .reduce((a, b) => (b.numbers > a.numbers ? b : a)).format;
}

function areNumbers(texts: readonly string[], format: NumberFormat): boolean {
  const known = texts.filter((text) => !missingAmongNumbers.has(text));
  return known.length > 0 && known.every((text) => !Number.isNaN(parseNumber(text, format)));
}

function hasAffix(text: string, sign: string): boolean {
  if (text.endsWith(sign)) return /\d\s*$/.test(text.slice(0, -sign.length));
  return text.startsWith(sign) && /^\s*[-+]?\d/.test(text.slice(sign.length));
}
