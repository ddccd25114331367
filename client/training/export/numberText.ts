/** A number as a table writes it. */
import type { NumberFormat } from '../../core/data/description.ts';

/** NaN where the text, without the format's affixes and thousands separators, is no decimal number. */
export function parseNumber(text: string, { decimal, thousands, affixes }: NumberFormat): number {
  let bare = text.trim();
  for (const affix of affixes) {
    if (bare.startsWith(affix)) bare = bare.slice(affix.length).trim();
    if (bare.endsWith(affix)) bare = bare.slice(0, -affix.length).trim();
  }
  const [whole = '', ...fraction] = bare.split(decimal);
  const plain = [thousands === '' ? whole : ungrouped(whole, thousands), ...fraction].join('.').replace('−', '-');
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(plain) ? Number(plain) : Number.NaN;
}

/** The digits without separators, where these stand before groups of three. */
function ungrouped(whole: string, separator: string): string {
  const [first = '', ...groups] = whole.split(separator);
  return groups.every((group) => /^\d{3}$/.test(group)) ? [first, ...groups].join('') : whole;
}
