/**
 * What a task says of its data (`data` of the manifest): pinned, governed and the same for all, so that no two sites read the same
 * row, picture or class differently.
 */
import { z } from 'zod/v4';
import { columnSchema, columnWidth, rangeSchema } from './columns.ts';
import { numberFormatSchema, parseNumber, plainFormat } from './numberText.ts';
import { canonicalText } from './text.ts';

const className = z.string().min(1).max(200);
const classes = z.array(className).min(2).max(100_000);

/** What is to be predicted. */
const labelSchema = z.discriminatedUnion('kind', [
  /** One of the classes, whose place in the list is its number. */
  z.strictObject({ kind: z.literal('class'), column: className, classes }),
  /** A number; it is trained as (value − mean) ÷ standardDeviation where both are given. */
  z.strictObject({
    kind: z.literal('number'),
    column: className,
    unit: z.string().max(50).optional(),
    range: rangeSchema.optional(),
    mean: z.number().optional(),
    standardDeviation: z.number().positive().optional(),
  }),
  /** Several yes-or-no questions, a column each, whose cells are one of two texts: no and yes. */
  z.strictObject({
    kind: z.literal('labels'),
    columns: z.array(className).min(1).max(10_000),
    values: z.tuple([z.string(), z.string()]).default(['0', '1']),
  }),
]);

/** Share of the rows or pictures of a site that may be skipped; beyond it the site is refused. */
const maxSkippedShare = z.number().min(0).max(1).default(0.05);

const tableSchema = z.strictObject({
  kind: z.literal('table'),
  /** In this order they are features; a file has them in any order, by name. */
  columns: z.array(columnSchema).min(1).max(100_000),
  /** Columns that are known and not used, such as identifiers. */
  ignored: z.array(z.string()).max(100_000).default([]),
  label: labelSchema,
  numbers: numberFormatSchema.prefault({}),
  maxSkippedShare,
});

const perChannel = z.array(z.number()).min(1).max(16);
const normalisation = z.strictObject({ mean: perChannel, standardDeviation: z.array(z.number().positive()).min(1) });

const imagesSchema = z.strictObject({
  kind: z.literal('images'),
  /** 1: grey; 3: red, green, blue. */
  channels: z.union([z.literal(1), z.literal(3)]),
  height: z.int().min(1).max(10_000),
  width: z.int().min(1).max(10_000),
  /** What is black and what is white in the files' own numbers: they become 0 and 1. A picture beyond it is skipped. */
  valueRange: rangeSchema.default([0, 255]),
  /** Then, by channel: (value − mean) ÷ standardDeviation. */
  normalisation: normalisation.optional(),
  classes,
  maxSkippedShare,
});

const vectorsSchema = z.strictObject({
  kind: z.literal('vectors'),
  /** Shape of one sample. */
  shape: z.array(z.int().min(1)).min(1).max(4),
  /** The values that are allowed; a sample beyond it is skipped. */
  range: rangeSchema,
  /** `range`: from `range` to [0, 1]; `none`: as they are, for example numbers of tokens. */
  scaling: z.enum(['range', 'none']).default('range'),
  /** After scaling, by the first axis of `shape`: (value − mean) ÷ standardDeviation. */
  normalisation: normalisation.optional(),
  /** The samples' last two axes are exchanged in the files, as EMNIST has them. */
  transposed: z.boolean().default(false),
  /** The labels as the files have them, in the order of the classes. */
  classes,
  maxSkippedShare,
});

/** Fills in what may be left out, and refuses what one field says against another. */
export const dataDescriptionSchema = z
  .discriminatedUnion('kind', [tableSchema, imagesSchema, vectorsSchema])
  .superRefine((data, context) => {
    for (const { path, message } of problemsOf(data)) context.addIssue({ code: 'custom', path: [...path], message });
  });

/** What a task says of its data: a table, pictures or vectors. */
export type DataDescription = z.infer<typeof dataDescriptionSchema>;
export type TableDescription = z.infer<typeof tableSchema>;
export type ImagesDescription = z.infer<typeof imagesSchema>;
export type VectorsDescription = z.infer<typeof vectorsSchema>;
export type { NumberFormat } from './numberText.ts';

/** Shape of one sample as the model sees it. */
export function shapeOfData(data: DataDescription): number[] {
  switch (data.kind) {
    case 'table':
      return [data.columns.reduce((width, column) => width + columnWidth(column), 0)];
    case 'images':
      return [data.channels, data.height, data.width];
    case 'vectors':
      return [...data.shape];
  }
}

/** Places among a table's features of the columns that the federation scales. */
export function federatedPlaces({ columns }: TableDescription): number[] {
  let place = 0;
  return columns.flatMap((column) => {
    const first = place;
    place += columnWidth(column);
    return column.kind === 'number' && column.scaling === 'federated' ? [first] : [];
  });
}

/** The description with what the federation has computed for these columns, in the order of their places: they are scaled by constants then, of [−1, 1]. */
export function withComputedConstants(
  data: DataDescription,
  computed: { mean: ArrayLike<number>; standardDeviation: ArrayLike<number> } | undefined,
): DataDescription {
  if (data.kind !== 'table') return data;
  let place = 0;
  const columns = data.columns.map((column) => {
    if (column.kind !== 'number' || column.scaling !== 'federated') return column;
    const at = place++;
    return { ...column, mean: computed?.mean[at] ?? 0, standardDeviation: computed?.standardDeviation[at] ?? 1 };
  });
  return { ...data, columns };
}

/** Names of the classes in the order of their numbers; undefined where no class is predicted. */
export function classNamesOf(data: DataDescription): readonly string[] | undefined {
  if (data.kind !== 'table') return data.classes;
  return data.label.kind === 'class' ? data.label.classes : undefined;
}

/** Classes, yes-or-no questions or numbers to predict. */
export function labelCountOf(data: DataDescription): number {
  if (data.kind === 'table' && data.label.kind === 'labels') return data.label.columns.length;
  return classNamesOf(data)?.length ?? 1;
}

interface Problem {
  path: readonly (string | number)[];
  message: string;
}

/** What one field says against another. */
function problemsOf(data: z.infer<typeof tableSchema | typeof imagesSchema | typeof vectorsSchema>): Problem[] {
  if (data.kind === 'table') return problemsOfTable(data);
  const channels = data.kind === 'images' ? data.channels : data.shape[0]!;
  const counts = [data.normalisation?.mean.length, data.normalisation?.standardDeviation.length];
  const wrong = counts.some((count) => count !== undefined && count !== channels);
  return [
    ...(wrong ? [{ path: ['normalisation'], message: `wants ${channels} means and standard deviations` }] : []),
    ...repeated(data.classes, 'classes'),
  ];
}

function problemsOfTable({ columns, ignored, label }: z.infer<typeof tableSchema>): Problem[] {
  const predicted = label.kind === 'labels' ? label.columns : [label.column];
  return [
    ...repeated([...columns.map(({ name }) => name), ...ignored, ...predicted], 'columns'),
    ...(label.kind === 'class' ? repeated(label.classes.map(byValue), 'label', 'classes') : []),
    ...columns.flatMap((column, place) =>
      problemsOfColumn(column).map(({ path, message }) => ({ path: ['columns', place, ...path], message })),
    ),
  ];
}

function problemsOfColumn(column: z.infer<typeof columnSchema>): Problem[] {
  if (column.kind === 'category') {
    const { become } = column.missing;
    const isUnknown = typeof become === 'object' && !column.values.includes(become.value);
    const hasNoPlace = become === 'none' && column.encoding === 'index';
    return [
      ...repeated(column.values.map(byValue), 'values'),
      ...(hasNoPlace
        ? [{ path: ['missing', 'become'], message: '"none" has no place among the values: let it become one of them' }]
        : []),
      ...(isUnknown
        ? [{ path: ['missing', 'become'], message: `"${become.value}" is none of the column's values` }]
        : []),
    ];
  }
  const { scaling, missing, mean, standardDeviation, median, range } = column;
  const wants: [boolean, string, string][] = [
    [scaling === 'standardise' && mean === undefined, 'mean', 'standardising wants it'],
    [scaling === 'standardise' && standardDeviation === undefined, 'standardDeviation', 'standardising wants it'],
    [(scaling === 'range' || scaling === 'federated') && range === undefined, 'range', `scaling "${scaling}" wants it`],
    [missing.become === 'median' && median === undefined, 'median', 'a missing value is to become it'],
    [
      missing.become === 'mean' && scaling !== 'federated' && mean === undefined,
      'mean',
      'a missing value is to become it',
    ],
  ];
  return wants
    .filter(([isWrong]) => isWrong)
    .map(([, field, why]) => ({ path: [field], message: `is missing: ${why}` }));
}

function repeated(names: readonly string[], ...path: string[]): Problem[] {
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(canonicalText(name)).size);
  return twice === undefined ? [] : [{ path, message: `"${twice}" stands there twice` }];
}

/** As cells are compared: 1.0 is 1. */
function byValue(name: string): string {
  const value = parseNumber(name, plainFormat);
  return Number.isNaN(value) ? name : String(value);
}
