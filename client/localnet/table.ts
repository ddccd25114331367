/** The table of rounds. */
import type { createColors } from 'picocolors';
import { renderTable } from './fitTable.ts';
import { formatBytes, formatCount, formatMetric, formatSeconds, formatTokens, metricWords } from './format.ts';
import { qualityOf, type RoundCosts, type TableRow, type VoidRow } from './tally.ts';

export type Colors = ReturnType<typeof createColors>;

const columns = ['round', 'metric', 'gas', 'bytes', 'seconds', 'training', 'rewards', 'proposed by', 'verified by'];

/** What a small terminal has no room for. */
const optional = ['training', 'bytes', 'gas', 'seconds', 'rewards', 'verified by'];

/** Lines of text, no wider than the terminal where `width` says how wide that is; the newest `limit` rounds where a limit is given. */
export function renderRounds(rows: readonly TableRow[], colors: Colors, limit = rows.length, width?: number): string {
  const shown = rows.slice(-limit).map((row) => ('reason' in row ? voidCellsOf(row, colors) : cellsOf(row, colors)));
  const aligns = columns.map((_, index) => (index < 7 ? 'right' : 'left'));
  const metric = rows.flatMap((row) => ('metric' in row && row.metric ? [row.metric.name] : []))[0] ?? 'accuracy';
  const head = columns.map((name) => (name === 'metric' ? metricWords[metric]! : name));
  return renderTable({ head, rows: shown, optional, aligns, chars: frame(colors), dim: colors.dim }, width);
}

function cellsOf(row: RoundCosts, colors: Colors): string[] {
  const quality = qualityOf(row);
  return [
    String(row.round),
    quality.value === null ? '…' : colors.bold(formatMetric(quality.name, quality.value)),
    formatCount(row.gas),
    formatBytes(row.bytes),
    formatSeconds(row.seconds),
    formatSeconds(row.trainingSeconds),
    row.rewardGwei === null ? '…' : formatTokens(row.rewardGwei),
    row.proposer,
    row.verifiedBy.length === 0 ? '…' : colors.green(row.verifiedBy.join(', ')),
  ];
}

function voidCellsOf({ round, gas, bytes, proposer, reason }: VoidRow, colors: Colors): string[] {
  const cells = [String(round), 'void', formatCount(gas), formatBytes(bytes), '', '', '', proposer];
  return [...cells.map((cell) => colors.dim(cell)), colors.red(reason)];
}

function frame(colors: Colors): Record<string, string> {
  const lines = {
    top: '─',
    'top-mid': '┬',
    'top-left': '┌',
    'top-right': '┐',
    bottom: '─',
    'bottom-mid': '┴',
    'bottom-left': '└',
    'bottom-right': '┘',
    left: '│',
    'left-mid': '├',
    mid: '─',
    'mid-mid': '┼',
    right: '│',
    'right-mid': '┤',
    middle: '│',
  };
  return Object.fromEntries(Object.entries(lines).map(([place, line]) => [place, colors.dim(line)]));
}
