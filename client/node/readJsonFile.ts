/** A JSON file that a command reads: what is wrong with it is said of the file as it is. */
import { readFileSync } from 'node:fs';
import type { z } from 'zod/v4';
import { TributaryError } from '../core/errors.ts';
import { parseWith } from '../core/task.ts';

export interface JsonFile {
  /** What it holds: sentences begin with it. */
  name: string;
  /** What to do where it is not there or no use. */
  remedy: string;
  /** Of text that has more than JSON. */
  clean?(text: string): string;
}

/** Undefined where there is none and it is optional. Errors: CONFIG_INVALID. */
export function readJsonFile<S extends z.ZodType>(
  path: string,
  schema: S,
  file: JsonFile & { optional: true },
): z.infer<S> | undefined;
export function readJsonFile<S extends z.ZodType>(path: string, schema: S, file: JsonFile): z.infer<S>;
export function readJsonFile<S extends z.ZodType>(
  path: string,
  schema: S,
  { optional = false, ...file }: JsonFile & { optional?: boolean },
): z.infer<S> | undefined {
  const text = readTextFile(path, { ...file, optional });
  return text === undefined ? undefined : parseWith(schema, parseJsonFile(text, path, file), file.name);
}

/** As `readJsonFile`, of any text. */
export function readTextFile(path: string, file: Omit<JsonFile, 'clean'> & { optional: boolean }): string | undefined;
export function readTextFile(path: string, file: Omit<JsonFile, 'clean'>): string;
export function readTextFile(
  path: string,
  { name, remedy, optional }: Omit<JsonFile, 'clean'> & { optional?: boolean },
): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (optional && code === 'ENOENT') return undefined;
    throw useless(name, path, reasons[code ?? ''] ?? `it cannot be read (${code})`, remedy, cause);
  }
}

/** Errors: CONFIG_INVALID. */
export function parseJsonFile(text: string, path: string, { name, remedy, clean = (same) => same }: JsonFile): unknown {
  const cleaned = clean(text);
  try {
    return JSON.parse(cleaned);
  } catch (cause) {
    const isEmpty = cleaned.trim() === '';
    // what V8 quotes of the file may be of any length
    const reason = (cause as Error).message.split('\n')[0]!.slice(0, 200);
    throw useless(name, path, isEmpty ? 'it is empty' : `it is not whole JSON (${reason})`, remedy, cause);
  }
}

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder, not a file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is no text',
};

function useless(name: string, path: string, reason: string, remedy: string, cause: unknown): TributaryError {
  return new TributaryError('CONFIG_INVALID', `${name}: ${path}: ${reason}: ${remedy}.`, {
    cause,
    args: { field: name, path },
  });
}
