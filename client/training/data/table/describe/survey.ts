/** What a column of a file holds, before anybody has said what it means. */
import type { NumberFormat } from '../../../../core/data/description.ts';
import { parseNumber } from '../../../../core/data/numberText.ts';
import { canonicalText } from '../../../../core/data/text.ts';
import { byText, plainNumber } from '../cells.ts';
import type { Row } from '../rows.ts';
import { Tally } from '../tally.ts';
import { missingAmongNumbers, sentinels } from './tokens.ts';

/** More different texts than this are not kept. */
const mostTexts = 2000;

type Kind = 'missing' | 'text' | 'code' | 'date';

interface Content {
  text: string;
  /** NaN for everything else. */
  value: number;
  kind: Kind;
}

export class ColumnSurvey {
  /** Its rows. */
  rows = 0;
  /** Numbers that are no sentinel. */
  readonly numbers = new Tally();
  wholes = 0;
  /** Written as 4E1, as codes are too. */
  exponents = 0;
  /** Numbers that may mean that nothing is known, by their count. */
  readonly sentinelCounts = new Map<number, number>();
  /** Texts that commonly mean that nothing is known. */
  readonly missing = new Map<string, number>();
  texts = 0;
  /** Digits after a 0. */
  codes = 0;
  dates = 0;
  /** Every text by its count, and whether there were too many to keep. */
  readonly different = new Map<string, number>();
  isOverfull = false;
  /** From 0 or 1 on, each number is one more than the one before. */
  isCounting = true;
  /** Numbers that are taken for missing. */
  missingNumbers: readonly string[] = [];
  private last = Number.NaN;
  private readonly read: (row: Row, cell: number) => Content;

  readonly name: string;
  readonly format: NumberFormat;

  constructor(name: string, format: NumberFormat) {
    this.name = name;
    this.format = format;
    this.read = byText((text) => contentOf(canonicalText(text), format));
  }

  add(row: Row, cell: number): void {
    this.rows++;
    // where the texts are too many to keep, a number needs none: tables have millions of them
    const plain = this.isOverfull ? plainNumber(row, cell, this.format.decimal.charCodeAt(0)) : Number.NaN;
    if (!Number.isNaN(plain)) {
      this.addNumber(plain);
      return;
    }
    const { text, value, kind } = this.read(row, cell);
    if (!this.isOverfull || this.different.has(text)) this.different.set(text, (this.different.get(text) ?? 0) + 1);
    if (this.different.size > mostTexts) this.isOverfull = true;
    if (Number.isNaN(value)) {
      this.isCounting = false;
      if (kind === 'missing') this.missing.set(text, (this.missing.get(text) ?? 0) + 1);
      else if (kind === 'code') this.codes++;
      else if (kind === 'date') this.dates++;
      else this.texts++;
      return;
    }
    if (/^\d+E\d+$/.test(text)) this.exponents++;
    this.addNumber(value);
  }

  private addNumber(value: number): void {
    if (this.rows > 1 ? value !== this.last + 1 : value !== 0 && value !== 1) this.isCounting = false;
    this.last = value;
    if (Number.isInteger(value)) this.wholes++;
    if (sentinels.includes(value)) this.sentinelCounts.set(value, (this.sentinelCounts.get(value) ?? 0) + 1);
    else this.numbers.add(value);
  }

  /** The sentinels for which `isMissing` does not hold are numbers like the others. */
  settle(isMissing: (value: number, count: number) => boolean): (readonly [value: number, count: number])[] {
    const counts = [...this.sentinelCounts];
    const missing = counts.filter(([value, count]) => isMissing(value, count));
    for (const [value, count] of counts.filter((one) => !missing.includes(one))) {
      for (let time = 0; time < count; time++) this.numbers.add(value);
      this.sentinelCounts.delete(value);
    }
    this.missingNumbers = missing.map(([value]) => String(value));
    return missing;
  }

  /** Cells that are numbers, sentinels among them. */
  get numeric(): number {
    return this.numbers.count + [...this.sentinelCounts.values()].reduce((a, b) => a + b, 0);
  }

  /** Cells that hold something. */
  get known(): number {
    return this.numeric + this.texts + this.codes + this.dates;
  }

  /** Every cell another. */
  get areAllDifferent(): boolean {
    return this.isOverfull ? this.different.size > mostTexts : this.different.size === this.rows;
  }
}

function contentOf(text: string, format: NumberFormat): Content {
  const value = parseNumber(text, format);
  const kind = missingAmongNumbers.has(text)
    ? 'missing'
    : /^\d{4}-\d{1,2}-\d{1,2}([ T].*)?$|^\d{1,2}[./-]\d{1,2}[./-](\d{2}|\d{4})( .*)?$/.test(text)
      ? 'date'
      : /^[+-]?0\d+$/.test(text)
        ? 'code'
        : 'text';
  return { text, value: kind === 'text' || kind === 'code' ? value : Number.NaN, kind };
}
