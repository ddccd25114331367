/** The table of rounds. */
import Table from 'cli-table3';
import type { createColors } from 'picocolors';
import { formatBytes, formatCount, formatPercent, formatSeconds, formatTokens } from './format.ts';
import type { RoundCosts, TableRow, VoidRow } from './tally.ts';

export type Colors = ReturnType<typeof createColors>;

const columns = ['round', 'accuracy', 'gas', 'bytes', 'seconds', 'training', 'rewards', 'proposed by', 'verified by'];

/** Lines of text; the newest `limit` rounds where a limit is given. */
export function renderRounds(rows: readonly TableRow[], colors: Colors, limit = rows.length): string {
  const table = new Table({
    head: columns.map((column) => colors.dim(column)),
    style: { head: [], border: [], compact: true },
    colAligns: ['right', 'right', 'right', 'right', 'right', 'right', 'right', 'left', 'left'],
    chars: frame(colors),
  });
  for (const row of rows.slice(-limit)) table.push('reason' in row ? voidCellsOf(row, colors) : cellsOf(row, colors));
  return table.toString();
}

function cellsOf(row: RoundCosts, colors: Colors): string[] {
  return [
    String(row.round),
    row.accuracy === null ? '…' : colors.bold(formatPercent(row.accuracy)),
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
