/** What the trainers of a task must agree on to read tables alike: the columns, their categories and the classes. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod/v4';
import { TributaryError } from '../../core/errors.ts';

export const csvSchema = z
  .object({
    /** For each column, in the order of the features: a number, left out, or its categories (one feature each). */
    columns: z.record(z.string(), z.union([z.literal('number'), z.literal('ignore'), z.array(z.string()).min(1)])),
    /** The label of each class, in the order of the class indices; left out for a regression. */
    classes: z.array(z.string()).min(2).optional(),
  })
  .strict();

export type CsvSchema = z.infer<typeof csvSchema>;

/** Number of features of a row. */
export function featureCount(schema: CsvSchema): number {
  return Object.values(schema.columns).reduce<number>((sum, column) => sum + columnWidth(column), 0);
}

export function columnWidth(column: CsvSchema['columns'][string]): number {
  if (column === 'ignore') return 0;
  return column === 'number' ? 1 : column.length;
}

/** A schema from a JSON file. Errors: CONFIG_INVALID, naming the field. */
export async function readCsvSchema(path: string): Promise<CsvSchema> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new TributaryError('CONFIG_INVALID', `schema: ${path} is not a readable JSON file.`, { cause });
  }
  const result = csvSchema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new TributaryError(
    'CONFIG_INVALID',
    `schema: ${path}: ${issue.path.join('.') || 'the file'}: ${issue.message}.`,
  );
}
