/** What is wrong with a file of JSON, as a part of a sentence: each fault has its own. */
import { TributaryError } from './errors.ts';

export interface JsonText {
  /** What it holds: sentences begin with it. */
  name: string;
  /** The file, as the person named it. */
  path: string;
  /** What to do where it is no use. */
  remedy: string;
}

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder, not a file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is no text',
};

/** Why it could not be read, by the platform's error. */
export function unreadable(file: JsonText, cause: unknown): TributaryError {
  const { code = 'no reason given' } = (cause ?? {}) as { code?: string };
  return useless(file, reasons[code] ?? `it cannot be read (${code})`, cause);
}

/** Errors: CONFIG_INVALID. */
export function parseJsonText(text: string, file: JsonText): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    // what is quoted of the file may be long
    const reason = (cause as Error).message.split('\n')[0]!.slice(0, 120);
    throw useless(file, text.trim() === '' ? 'it is empty' : `it is not whole JSON (${reason})`, cause);
  }
}

function useless({ name, path, remedy }: JsonText, reason: string, cause: unknown): TributaryError {
  const message = `${name}: ${path}: ${reason}: ${remedy}.`;
  return new TributaryError('CONFIG_INVALID', message, { cause, args: { field: name, path } });
}
