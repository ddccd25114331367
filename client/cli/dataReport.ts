/** A report on data, for a person. */
import Table from 'cli-table3';
import type { ColumnReport, DataReport } from '../training/data/report.ts';

export function renderDataReport({ source, read, used, skipped, classes, columns, remarks }: DataReport): string {
  const left = read - used;
  const reasons = skipped.flatMap(({ reason, count, first }) => [
    `  ${count} since ${reason}`,
    ...first.map((where) => `      ${where}`),
    ...(count > first.length ? [`      and ${count - first.length} more`] : []),
  ]);
  const counts = Object.entries(classes).map(([name, count]) => `${name}: ${count}`);
  return [
    `${source}: ${read} samples, ${used} are used${left === 0 ? '' : `, ${left} are left out`}`,
    ...reasons,
    ...(counts.length === 0 ? [] : [`classes: ${counts.join(', ')}`]),
    ...(columns.length === 0 ? [] : [renderColumns(columns)]),
    ...remarks.map((remark) => `- ${remark}`),
  ].join('\n');
}

function renderColumns(columns: readonly ColumnReport[]): string {
  const table = new Table({
    head: ['column', 'unit', 'lowest', 'highest', 'mean ± deviation', "the task's", 'allowed', 'missing'],
    style: { head: [], border: [], compact: true },
  });
  for (const one of columns) {
    table.push([
      one.name,
      one.unit ?? '',
      short(one.lowest),
      short(one.highest),
      withDeviation(one.mean, one.standardDeviation),
      one.taskMean === undefined ? '' : withDeviation(one.taskMean, one.taskStandardDeviation),
      one.allowed === undefined ? '' : one.allowed.map(short).join(' to '),
      one.missing,
    ]);
  }
  return table.toString();
}

function withDeviation(mean: number, deviation: number | undefined): string {
  return deviation === undefined ? short(mean) : `${short(mean)} ± ${short(deviation)}`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
