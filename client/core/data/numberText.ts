/** Numbers as tables write them. Only decimal notation is a number: 0x1F, 0b101 and 01067 are texts. */
import { z } from 'zod/v4';
import { canonicalText } from './text.ts';

/** How numbers are written in a table; a source may say that its file is written otherwise. */
export const numberFormatSchema = z.strictObject({
  decimal: z.enum(['.', ',']).default('.'),
  thousands: z.enum(['', '.', ',', ' ', "'"]).default(''),
  /** Texts that may stand before or behind a number and mean nothing, such as % or $. */
  affixes: z.array(z.string().min(1).max(20)).max(20).default([]),
});

export type NumberFormat = z.infer<typeof numberFormatSchema>;

/** As a task's own texts are written. */
export const plainFormat: NumberFormat = { decimal: '.', thousands: '', affixes: [] };

const largest = 2 ** 128 - 2 ** 103; // of single precision
const signs = /^[\u2212\u2012\u2013]/;

/** The number that a cell holds, NaN where it holds none that single precision can tell from 0 and from infinity. */
export function parseNumber(cell: string, format: NumberFormat): number {
  const text = withoutAffixes(canonicalText(cell).replace(signs, '-'), format.affixes);
  const [, sign, integer = '', fraction, exponent = ''] = patternOf(format).exec(text) ?? [];
  if (sign === undefined || (integer === '' && !fraction)) return Number.NaN;
  const digits = integer.replace(/\D/g, '');
  // 0 100 is a hundred, as some programs write it; 01067 is a code, and 0.100 no hundred
  if (/^0[\d.,]/.test(integer)) return Number.NaN;
  const value = Number(`${sign}${digits || '0'}.${fraction || '0'}${exponent}`);
  const vanished = value === 0 && /[1-9]/.test(`${digits}${fraction ?? ''}`);
  return vanished || Math.abs(value) > largest ? Number.NaN : value;
}

/** Of these texts those that are numbers, such as −9 for a missing one. */
export function numbersAmong(texts: readonly string[], format: NumberFormat): number[] {
  return texts.map((text) => parseNumber(text, format)).filter((value) => !Number.isNaN(value));
}

/** Why a text is no number, as the end of a sentence about its column. */
export function whyNoNumber(cell: string, format: NumberFormat): string {
  const text = canonicalText(cell);
  if (text === '') return 'is empty';
  if (/^[+-]?(nan|inf(inity)?)$/i.test(text)) return 'is not finite';
  if (/^[+-]?0\d+$/.test(text)) return 'has leading zeros, as codes have, not numbers';
  const swapped = alternatives.find(([decimal, thousands]) => {
    return !Number.isNaN(parseNumber(text, { ...format, decimal, thousands }));
  });
  if (swapped !== undefined) {
    const [decimal, thousands] = swapped;
    const option = thousands === '' ? `decimal=${decimal}` : `decimal=${decimal}&thousands=${thousands}`;
    return `is a number only where the source says ${option.replace(' ', 'space')}`;
  }
  if (/^\D{1,3}?[\d.,]+$|^[\d.,]+\s?\D{1,10}$/.test(text)) {
    return 'is a number with a unit, which the description does not list under numbers.affixes';
  }
  return 'is no number';
}

const alternatives = [
  ['.', ''],
  [',', ''],
  ['.', ','],
  [',', '.'],
  ['.', ' '],
  [',', ' '],
  ['.', "'"],
] as const;

function withoutAffixes(text: string, affixes: readonly string[]): string {
  let rest = text;
  for (const affix of affixes.map(canonicalText)) {
    const [, sign = '', body = ''] = /^([+-]?)\s*(.*)$/s.exec(rest)!;
    if (body.startsWith(affix)) rest = sign + body.slice(affix.length).trim();
    if (rest.endsWith(affix)) rest = rest.slice(0, -affix.length).trim();
  }
  return rest.replace(signs, '-');
}

const patterns = new Map<string, RegExp>();

function patternOf({ decimal, thousands }: NumberFormat): RegExp {
  const key = decimal + thousands;
  const known = patterns.get(key);
  if (known !== undefined) return known;
  const separator = thousands === "'" ? "['\u2019]" : thousands === '' ? '' : `[${thousands}]`;
  const grouped = separator === '' ? '\\d*' : `\\d{1,3}(?:${separator}\\d{3})+|\\d*`;
  const pattern = new RegExp(`^([+-]?)(${grouped})(?:[${decimal}](\\d*))?([eE][+-]?\\d+)?$`);
  patterns.set(key, pattern);
  return pattern;
}
