/** Texts of which a cell must hold one: classes, the values of a category, what means that nothing is known. */
import type { NumberFormat } from '../../../core/data/description.ts';
import { parseNumber } from '../../../core/data/numberText.ts';
import { canonicalText } from '../../../core/data/text.ts';

/** As programs write numbers. */
export const plainFormat: NumberFormat = { decimal: '.', thousands: '', affixes: [] };

/** The place of a text among the choices, -1 where it is none of them. Those that are numbers are the same with the same value: 1.0 is 1. */
export function createChoices(choices: readonly string[], format: NumberFormat): (text: string) => number {
  const byText = new Map(choices.map((choice, place) => [canonicalText(choice), place]));
  const byValue = new Map<number, number>();
  for (const [place, choice] of choices.entries()) {
    const value = parseNumber(choice, plainFormat);
    if (!Number.isNaN(value)) byValue.set(value, place);
  }
  return (text) => {
    const found = byText.get(canonicalText(text));
    if (found !== undefined) return found;
    return byValue.get(parseNumber(text, format)) ?? -1;
  };
}
