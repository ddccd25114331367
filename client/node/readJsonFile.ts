/** Files that a command reads: what is wrong with one is said as it is. */
import { readFileSync } from 'node:fs';
import type { z } from 'zod/v4';
import { type JsonText, parseJsonText, unreadable } from '../core/jsonText.ts';
import { parseWith } from '../core/task.ts';

/** Errors: CONFIG_INVALID. */
export function readJsonFile<S extends z.ZodType>(schema: S, file: JsonText): z.infer<S> {
  return parseWith(schema, parseJsonText(readTextFile(file), file), file.name);
}

/** Undefined where there is none. Errors: CONFIG_INVALID. */
export function findJsonFile<S extends z.ZodType>(schema: S, file: JsonText): z.infer<S> | undefined {
  try {
    return readJsonFile(schema, file);
  } catch (error) {
    if (((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Errors: CONFIG_INVALID. */
export function readTextFile(file: JsonText): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file.path));
  } catch (cause) {
    throw unreadable(file, cause);
  }
}
