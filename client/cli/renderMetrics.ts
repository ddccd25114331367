/** Metrics for people: a line for each number, then tables no wider than 80 columns. */
import { formatMetric, formatPercent, metricWords } from '../localnet/format.ts';
import type { Metrics } from '../training/metrics/measure.ts';
import type { ClassMetrics } from '../training/metrics/ofClasses.ts';

const width = 80;
/** Of a class's name. */
const longestName = 20;
/** Confusions that are listed where the matrix has no room. */
const shownConfusions = 20;

/** `unit` is that of the number that is predicted. */
export function renderMetrics(metrics: Metrics, unit?: string): string {
  const numbers = Object.entries(metrics).filter(([name]) => name in metricWords) as [string, number][];
  const lines = numbers.map(([name, value]) => {
    const suffix = unit !== undefined && (name === 'rmse' || name === 'mae') ? ` ${unit}` : '';
    return `  ${metricWords[name]!.padEnd(18)} ${formatMetric(name, value)}${suffix}`;
  });
  return [...lines, ...tablesOf(metrics)].join('\n');
}

function tablesOf(metrics: Metrics): string[] {
  switch (metrics.kind) {
    case 'classes':
      return ['', ...countsOf(metrics), '', ...confusionOf(metrics)];
    case 'questions': {
      const rows = metrics.perQuestion.map(({ name, positives, ...of }) => [
        short(name),
        String(positives),
        ...(['precision', 'recall', 'f1', 'auc'] as const).map((metric) => formatMetric(metric, of[metric])),
      ]);
      return ['', ...columns([['question', 'yes', 'precision', 'recall', 'F1', 'AUC'], ...rows])];
    }
    case 'numbers':
      return [];
  }
}

function countsOf({ perClass }: ClassMetrics): string[] {
  const rows = perClass.map(({ name, support, precision, recall, f1 }) => [
    short(name),
    String(support),
    ...[precision, recall, f1].map(formatPercent),
  ]);
  return columns([['class', 'samples', 'precision', 'recall', 'F1'], ...rows]);
}

/** Rows are the samples' own classes, columns the predicted ones by their numbers. */
function confusionOf({ perClass, confusion }: ClassMetrics): string[] {
  const names = perClass.map(({ name }, place) => `${place} ${short(name)}`);
  const rows = confusion.map((counts, place) => [
    names[place]!,
    ...counts.map((count) => (count === 0 ? '·' : String(count))),
  ]);
  const matrix = columns([['is \\ predicted', ...names.map((_, place) => String(place))], ...rows]);
  if (matrix.every((line) => line.length <= width)) return matrix;
  const wrong = confusion
    .flatMap((counts, actual) => counts.map((count, predicted) => ({ count, actual, predicted })))
    .filter(({ count, actual, predicted }) => count > 0 && actual !== predicted)
    .sort((a, b) => b.count - a.count);
  const listed = wrong
    .slice(0, shownConfusions)
    .map(({ count, actual, predicted }) => [
      short(perClass[actual]!.name),
      short(perClass[predicted]!.name),
      String(count),
    ]);
  const left = wrong.length - listed.length;
  return [
    ...columns([['is', 'predicted', 'samples'], ...listed]),
    ...(left > 0 ? [`  and ${left} more, which --json lists`] : []),
  ];
}

/** Names stand left, numbers right. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, place) => Math.max(...rows.map((row) => row[place]!.length)));
  const isText = (place: number) => rows.slice(1).some((row) => /\p{L}/u.test(row[place]!)) || place === 0;
  const pad = (cell: string, place: number) =>
    isText(place) ? cell.padEnd(widths[place]!) : cell.padStart(widths[place]!);
  return rows.map((row) => `  ${row.map(pad).join('  ')}`.trimEnd());
}

function short(name: string): string {
  return name.length <= longestName ? name : `${name.slice(0, longestName - 1)}…`;
}
