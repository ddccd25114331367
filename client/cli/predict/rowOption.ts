/** A row of a table as a person writes it on the command line: `{"age": 54, "sex": "f"}`. */
import type { TableDescription } from '../../core/data/description.ts';
import { TributaryError } from '../../core/errors.ts';
import type { Cell } from '../../training/predict/cells.ts';

/** The cells in the order of the task's columns; null is what is not known. Errors: CONFIG_INVALID. */
export function parseRow(text: string, { columns, ignored, label }: TableDescription): Cell[] {
  const row = parseObject(text);
  const names = columns.map(({ name }) => name);
  const known = [...names, ...ignored, ...(label.kind === 'labels' ? label.columns : [label.column])];
  const unknown = Object.keys(row).find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalid(`"${unknown}" is none of the columns ${names.join(', ')}`);
  return names.map((name) => {
    const cell = row[name];
    if (cell === undefined) throw invalid(`the column "${name}" is not there: write null where it is not known`);
    if (cell === null || typeof cell === 'number' || typeof cell === 'string') return cell;
    if (typeof cell === 'boolean') return String(cell);
    throw invalid(`"${name}" is neither a number nor a text`);
  });
}

function parseObject(text: string): Record<string, unknown> {
  let row: unknown;
  try {
    row = JSON.parse(text);
  } catch (cause) {
    throw invalid('it is no JSON, such as {"age": 54, "sex": "f"}', cause);
  }
  if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row as Record<string, unknown>;
  throw invalid('it is no JSON object, such as {"age": 54, "sex": "f"}');
}

function invalid(reason: string, cause?: unknown): TributaryError {
  return new TributaryError('CONFIG_INVALID', `--row: ${reason}.`, { args: { field: '--row' }, cause });
}
