/** How one file is written, which is a fact of the file and no matter of the task. */
import type { NumberFormat } from '../../../core/data/description.ts';
import { TributaryError } from '../../../core/errors.ts';

export interface TableFormat {
  /** One character; found in the header where it is not said. */
  delimiter?: string | undefined;
  /** A label of https://encoding.spec.whatwg.org; UTF-8 where it is not said. A byte-order mark goes before it. */
  encoding?: string | undefined;
  /** Where they are others than the task's. */
  decimal?: NumberFormat['decimal'] | undefined;
  thousands?: NumberFormat['thousands'] | undefined;
}

/** The options of a source that say it. */
export const formatOptions = ['delimiter', 'encoding', 'decimal', 'thousands'] as const;

const spelledOut: Record<string, string> = { tab: '\t', space: ' ', none: '' };

/** Errors: CONFIG_INVALID, naming the option. */
export function parseTableFormat(options: ReadonlyMap<string, string>): TableFormat {
  const textOf = (name: string) => {
    const text = options.get(name);
    return text === undefined ? undefined : (spelledOut[text] ?? text);
  };
  const [delimiter, encoding] = [textOf('delimiter'), options.get('encoding')];
  if (delimiter !== undefined && !/^[\t -~]$/.test(delimiter.replace('"', ''))) {
    throw wrong('delimiter', delimiter, 'one character such as ; or |, or tab');
  }
  if (encoding !== undefined && !isEncoding(encoding)) {
    throw wrong('encoding', encoding, 'an encoding such as utf-8, windows-1252, iso-8859-15 or utf-16le');
  }
  const decimal = oneOf('decimal', textOf('decimal'), ['.', ',']);
  const thousands = oneOf('thousands', textOf('thousands'), ['', '.', ',', ' ', "'"]);
  if (thousands !== undefined && thousands === decimal) throw wrong('thousands', thousands, 'another than decimal');
  return { delimiter, encoding, decimal, thousands };
}

/** As the file writes them. A separator that only one of the two names does not stand for both. */
export function numbersOf(task: NumberFormat, file: TableFormat): NumberFormat {
  const decimal = file.decimal ?? task.decimal;
  const thousands = file.thousands ?? (task.thousands === decimal ? '' : task.thousands);
  return { ...task, decimal, thousands };
}

function isEncoding(label: string): boolean {
  try {
    new TextDecoder(label);
    return true;
  } catch {
    return false;
  }
}

function oneOf<T extends string>(name: string, text: string | undefined, values: readonly T[]): T | undefined {
  if (text === undefined || (values as readonly string[]).includes(text)) return text as T | undefined;
  const known = values.map((value) => (value === '' ? 'none' : value === ' ' ? 'space' : value));
  throw wrong(name, text, `one of ${known.join(' ')}`);
}

function wrong(name: string, value: string, wanted: string): TributaryError {
  return new TributaryError('CONFIG_INVALID', `data: ${name}: "${value}" is not ${wanted}.`, {
    args: { field: name, value },
  });
}
