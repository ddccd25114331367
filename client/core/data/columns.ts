/** What the columns of a table are, as a task describes them: nobody's own file decides any of it. */
import { z } from 'zod/v4';

const name = z.string().min(1).max(200);
const finite = z.number();
/** Lowest and highest value that is allowed, both included. */
export const rangeSchema = z
  .tuple([finite, finite])
  .refine(([low, high]) => low < high, 'the lowest value must be below the highest');

/** The texts that mean that nothing is known, compared after blanks at both ends are gone. */
const missingTexts = z.array(z.string().max(100)).max(100);

const scaling = z.enum(['standardise', 'range', 'none', 'federated']);

const missingNumber = z.strictObject({
  as: missingTexts.default(['']),
  /** `refuse` skips the row; else what the value becomes before it is scaled. */
  become: z.union([z.enum(['refuse', 'mean', 'median']), finite]).default('refuse'),
  /** Whether a further feature says so: 1 where the value is missing, else 0. */
  indicator: z.boolean().default(false),
});

const missingCategory = z.strictObject({
  as: missingTexts.default(['']),
  /** `refuse` skips the row; `none` is none of the values, so that all its features are 0 (for `oneHot`); else one of them. */
  become: z.union([z.enum(['refuse', 'none']), z.strictObject({ value: z.string() })]).default('refuse'),
  indicator: z.boolean().default(false),
});

const constants = {
  /** The task's constants, in the column's unit: what scaling and missing values take, wherever the row comes from. */
  mean: finite.optional(),
  standardDeviation: z.number().positive().optional(),
};

export const numberColumnSchema = z.strictObject({
  kind: z.literal('number'),
  name,
  unit: z.string().max(50).optional(),
  range: rangeSchema.optional(),
  ...constants,
  median: finite.optional(),
  /**
   * How the value v becomes a feature. `standardise`: (v − mean) ÷ standardDeviation. `range`: from `range` to [0, 1]. `none`: v.
   * `federated`: from `range` to [−1, 1], then by the mean and the standard deviation that the federation computes in its first round.
   */
  scaling: scaling.default('standardise'),
  missing: missingNumber.prefault({}),
});

export const categoryColumnSchema = z.strictObject({
  kind: z.literal('category'),
  name,
  /** In this order they are features, or numbers from 0. */
  values: z.array(z.string()).min(1).max(10_000),
  /** `oneHot`: a feature for each value. `index`: one feature, the value's place from 0, for a model that embeds it. */
  encoding: z.enum(['oneHot', 'index']).default('oneHot'),
  missing: missingCategory.prefault({}),
});

export const columnSchema = z.discriminatedUnion('kind', [numberColumnSchema, categoryColumnSchema]);

export type NumberColumn = z.infer<typeof numberColumnSchema>;
export type CategoryColumn = z.infer<typeof categoryColumnSchema>;
export type Column = z.infer<typeof columnSchema>;

/** How many features a column gives, the indicator of missing values included (it stands last). */
export function columnWidth(column: Column): number {
  const values = column.kind === 'category' && column.encoding === 'oneHot' ? column.values.length : 1;
  return values + (column.missing.indicator ? 1 : 0);
}
