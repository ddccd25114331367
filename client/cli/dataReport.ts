/** A report on data, for a person. */
import { renderTable } from '../localnet/fitTable.ts';
import type { ColumnReport, DataReport } from '../training/data/report.ts';
import { formatNumber } from '../training/data/table/formatNumber.ts';

/** `width` of the terminal; undefined where nothing is to be fitted. */
export function renderDataReport(
  { source, read, used, skipped, classes, columns, remarks }: DataReport,
  width: number | undefined,
): string {
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
    ...(columns.length === 0 ? [] : [renderColumns(columns, width)]),
    ...remarks.map((remark) => `- ${remark}`),
  ].join('\n');
}

function renderColumns(columns: readonly ColumnReport[], width: number | undefined): string {
  const head = ['column', 'unit', 'lowest', 'highest', 'mean ± deviation', "the task's", 'allowed', 'missing'];
  const rows = columns.map((one) => [
    one.name,
    one.unit ?? '',
    formatNumber(one.lowest),
    formatNumber(one.highest),
    withDeviation(one.mean, one.standardDeviation),
    one.taskMean === undefined ? '' : withDeviation(one.taskMean, one.taskStandardDeviation),
    one.allowed === undefined ? '' : one.allowed.map(formatNumber).join(' to '),
    one.missing,
  ]);
  return renderTable({ head, rows }, width);
}

function withDeviation(mean: number, deviation: number | undefined): string {
  return deviation === undefined ? formatNumber(mean) : `${formatNumber(mean)} ± ${formatNumber(deviation)}`;
}
