/** Which kind of source is read by which kind of description. */
import type { DataDescription } from '../../core/data/description.ts';
import { TributaryError } from '../../core/errors.ts';
import type { Dataset } from '../engine.ts';
import { loadMnistDigits } from './mnist.ts';
import { describeDigits } from './mnistDescribed.ts';
import type { ColumnReport, Skips } from './report.ts';
import { invalid, type Source } from './sourceNotation.ts';
import { parseTableFormat } from './table/format.ts';
import { readTable } from './table/readTable.ts';
import { findOtherUnits, type UnitFinding } from './table/units.ts';

/** A data set, and what its source says of columns and units where it is a table. */
export interface LoadedData extends Dataset {
  columns?: readonly ColumnReport[];
  units?: readonly UnitFinding[];
}

const kindsOf = { csv: 'table', images: 'images', idx: 'vectors', npy: 'vectors' } as const;

/** All samples of a source. Errors: CONFIG_INVALID where the task describes another kind of data, or none; those of the loaders. */
export async function loadDescribed(
  { kind, where }: Source,
  options: ReadonlyMap<string, string>,
  description: DataDescription | undefined,
  skips: Skips,
): Promise<LoadedData> {
  if (kind === 'mnist') return describeDigits(await loadMnistDigits(), description);
  if (where === '') throw invalid('data', kind, `${kind}:<path>`);
  if (description === undefined) {
    throw new TributaryError(
      'CONFIG_INVALID',
      `data: the task does not describe its data, so nobody could read ${kind}:${where} as the others do: it is for mnist, or for a program that trains by itself. Whoever deploys it adds \`data\`, which \`tributary data describe\` writes.`,
      { args: { field: 'data' } },
    );
  }
  if (kind === 'csv' && description.kind === 'table') {
    const format = parseTableFormat(options);
    const units = options.get('units');
    if (units !== undefined && units !== 'confirmed') throw invalid('units', units, 'confirmed');
    const { tallies, ...table } = await readTable(where, description, format, skips);
    const found = findOtherUnits(description.columns, tallies);
    return { ...table, units: units === undefined ? found : found.map((one) => ({ ...one, isOtherUnit: false })) };
  }
  // each loads what it needs only where it serves
  if (kind === 'images' && description.kind === 'images') {
    return await (await import('./images.ts')).readImages(where, description, skips);
  }
  if ((kind === 'idx' || kind === 'npy') && description.kind === 'vectors') {
    return await (await import('./idx.ts')).readVectors(where, description, skips);
  }
  const fitting = (Object.keys(kindsOf) as (keyof typeof kindsOf)[]).find((one) => kindsOf[one] === description.kind);
  throw new TributaryError(
    'CONFIG_INVALID',
    `data: ${kind}:${where} is of the kind ${kind}, but the task describes ${description.kind}: give ${fitting}:<path>.`,
    { args: { field: 'data' } },
  );
}
