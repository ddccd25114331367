/** Tables that fit a terminal: long cells are wrapped, then columns left out that matter least, and at last each row is a block of lines. */
import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';

export interface TableText {
  head: readonly string[];
  rows: readonly (readonly (string | number)[])[];
  /** Columns that may be left out where there is no room, the least important first, by their heads. */
  optional?: readonly string[];
  aligns?: readonly ('left' | 'right')[];
  chars?: Record<string, string>;
  /** As the head is shown. */
  dim?: (text: string) => string;
}

/** A column is not made narrower than this: numbers and short words stay whole. */
const narrowest = 14;
/** Of a column, beside its cells: two blanks and a line. */
const frame = 3;

/** `columns` of the terminal; undefined where nothing is to be fitted. */
export function renderTable(table: TableText, columns: number | undefined): string {
  const shown = columns === undefined ? { table, widths: undefined } : fitColumns(table, columns);
  return shown === undefined ? renderBlocks(table, columns!) : draw(shown.table, shown.widths);
}

/** Of a process's standard output; undefined where it is no terminal. */
export function terminalColumns(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns || 80 : undefined;
}

/** Undefined where it cannot be made to fit. */
function fitColumns(table: TableText, columns: number): { table: TableText; widths: number[] } | undefined {
  const widths = widthsOf(table);
  const shrunk = shrink(widths, columns - 1);
  if (shrunk !== undefined) return { table, widths: shrunk };
  const [first, ...optional] = table.optional ?? [];
  return first === undefined
    ? undefined
    : fitColumns(without({ ...table, optional }, table.head.indexOf(first)), columns);
}

/** Takes from the widest, as long as there is something to take. */
function shrink(natural: readonly number[], room: number): number[] | undefined {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width + frame, 0) - room;
  while (excess > 0) {
    const widest = Math.max(...widths);
    if (widest <= narrowest) return undefined;
    widths[widths.indexOf(widest)]!--;
    excess--;
  }
  return widths;
}

function widthsOf({ head, rows }: TableText): number[] {
  return head.map((name, column) => Math.max(lengthOf(name), ...rows.map((row) => lengthOf(row[column] ?? ''))));
}

function lengthOf(cell: string | number): number {
  return Math.max(
    ...stripVTControlCharacters(String(cell))
      .split('\n')
      .map((line) => [...line].length),
  );
}

function without(table: TableText, column: number): TableText {
  const others = <T>(cells: readonly T[]) => cells.filter((_, index) => index !== column);
  return {
    ...table,
    head: others(table.head),
    rows: table.rows.map(others),
    ...(table.aligns && { aligns: others(table.aligns) }),
  };
}

function draw({ head, rows, aligns, chars, dim = (text) => text }: TableText, widths: number[] | undefined): string {
  const table = new Table({
    head: head.map(dim),
    style: { head: [], border: [], compact: true },
    ...(aligns && { colAligns: [...aligns] }),
    ...(chars && { chars }),
    ...(widths && { colWidths: widths.map((width) => width + 2), wordWrap: true, wrapOnWordBoundary: false }),
  });
  for (const row of rows) table.push([...row]);
  return table.toString();
}

/** A line for each cell, its column's name before it. */
function renderBlocks({ head, rows, dim = (text) => text }: TableText, columns: number): string {
  const nameWidth = Math.max(...head.map(lengthOf));
  const room = Math.max(1, columns - nameWidth - 4);
  const blocks = rows.map((row) =>
    head.flatMap((name, column) => {
      const pieces = cut(String(row[column] ?? ''), room);
      return pieces.map((piece, index) => `  ${dim((index === 0 ? name : '').padEnd(nameWidth))}  ${piece}`);
    }),
  );
  return blocks.map((lines) => lines.join('\n')).join('\n\n');
}

function cut(text: string, room: number): string[] {
  const plain = stripVTControlCharacters(text);
  if (plain.length <= room) return [text];
  return plain.match(new RegExp(`.{1,${room}}`, 'gu')) ?? [''];
}
