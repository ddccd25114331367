/**
 * The rows of a table, split from its bytes (RFC 4180, and what programs write beside it). Written by hand, since this is the hot path:
 * a library makes a text of every cell, fifty million of them for a million rows of fifty columns; here a row is where its cells lie.
 */

/** One row: cell i is bytes[starts[i], ends[i]), without blanks at its ends and without its quotation marks. */
export interface Row {
  /** As an editor counts lines: from 1. */
  line: number;
  bytes: Uint8Array;
  count: number;
  starts: Int32Array;
  ends: Int32Array;
  /** Where a cell holds quotation marks that are written twice, its place. */
  doubled: Set<number>;
  /** A quotation mark opens and does not close where a cell ends: the marks are taken as they stand, and the row ends with its line. */
  isBroken: boolean;
  /** Lines that it takes: several where a text in quotation marks has line ends. */
  lines: number;
}

const [quote, cr, lf, space, tab] = [0x22, 0x0d, 0x0a, 0x20, 0x09];
/** A cell in quotation marks that is longer has an end that was forgotten. */
const longestQuoted = 2 ** 20;

export function emptyRow(): Row {
  return {
    line: 1,
    bytes: new Uint8Array(),
    count: 0,
    starts: new Int32Array(64),
    ends: new Int32Array(64),
    doubled: new Set(),
    isBroken: false,
    lines: 1,
  };
}

export class RowSplitter {
  readonly row = emptyRow();
  /** Where the row ended that was split last. */
  next = 0;
  private readonly delimiter: number;
  private readonly endsCell = new Uint8Array(256);
  private readonly isBlank = new Uint8Array(256);

  constructor(delimiter: string, line: number) {
    this.delimiter = delimiter.charCodeAt(0);
    this.row.line = line;
    for (const byte of [this.delimiter, cr!, lf!]) this.endsCell[byte] = 1;
    for (const byte of [space!, tab!]) this.isBlank[byte] = byte === this.delimiter ? 0 : 1;
  }

  /** Splits the row at `from`; false where the bytes end before it does. */
  split(bytes: Uint8Array, from: number, isLast: boolean): boolean {
    const { row } = this;
    row.bytes = bytes;
    row.lines = 1;
    row.isBroken = false;
    row.doubled.clear();
    const ended = this.cells(bytes, from, isLast, true);
    if (ended !== 'broken') return ended === 'whole';
    row.lines = 1;
    row.isBroken = true;
    row.doubled.clear();
    return this.cells(bytes, from, isLast, false) === 'whole';
  }

  private cells(bytes: Uint8Array, from: number, isLast: boolean, quotes: boolean): 'whole' | 'cut' | 'broken' {
    const { row, endsCell, isBlank, delimiter } = this;
    const end = bytes.length;
    let at = from;
    row.count = 0;
    for (;;) {
      while (at < end && isBlank[bytes[at]!] === 1) at++;
      let start = at;
      let stop: number;
      if (quotes && at < end && bytes[at] === quote) {
        const closing = this.closingQuote(bytes, at + 1, row.count);
        if (closing < 0) return isLast || end - at > longestQuoted ? 'broken' : 'cut';
        row.lines += countLines(bytes, at, closing);
        [start, stop, at] = [at + 1, closing, closing + 1];
        while (at < end && isBlank[bytes[at]!] === 1) at++;
        if (at < end && endsCell[bytes[at]!] === 0) return 'broken';
      } else {
        while (at < end && endsCell[bytes[at]!] === 0) at++;
        stop = at;
      }
      if (at === end && !isLast) return 'cut';
      while (stop > start && isBlank[bytes[stop - 1]!] === 1) stop--;
      if (row.count === row.starts.length) this.grow();
      row.starts[row.count] = start;
      row.ends[row.count] = stop;
      row.count++;
      if (at < end && bytes[at] === delimiter) {
        at++;
        continue;
      }
      if (at < end && bytes[at] === cr) {
        if (at + 1 === end && !isLast) return 'cut';
        if (bytes[at + 1] === lf) at++;
      }
      this.next = Math.min(at + 1, end);
      return 'whole';
    }
  }

  /** -1 where there is none. Two marks are one of the text. */
  private closingQuote(bytes: Uint8Array, from: number, cell: number): number {
    for (let at = bytes.indexOf(quote!, from); at >= 0; at = bytes.indexOf(quote!, at + 2)) {
      if (bytes[at + 1] !== quote) return at;
      this.row.doubled.add(cell);
    }
    return -1;
  }

  private grow(): void {
    const { row } = this;
    const wider = (places: Int32Array) => {
      const more = new Int32Array(places.length * 4);
      more.set(places);
      return more;
    };
    [row.starts, row.ends] = [wider(row.starts), wider(row.ends)];
  }
}

/** Line ends between `from` and `to`: LF, CR LF or CR. */
function countLines(bytes: Uint8Array, from: number, to: number): number {
  let lines = 0;
  for (let at = from; at < to; at++) {
    if (bytes[at] === lf || (bytes[at] === cr && bytes[at + 1] !== lf)) lines++;
  }
  return lines;
}

const decoder = new TextDecoder();

/** The text of a cell. */
export function cellText(row: Row, cell: number): string {
  if (cell >= row.count) return '';
  const text = decoder.decode(row.bytes.subarray(row.starts[cell]!, row.ends[cell]!));
  return row.doubled.has(cell) ? text.replaceAll('""', '"') : text;
}

/** Whether no cell holds anything. */
export function isEmptyRow({ count, starts, ends }: Row): boolean {
  for (let cell = 0; cell < count; cell++) if (starts[cell] !== ends[cell]) return false;
  return true;
}
