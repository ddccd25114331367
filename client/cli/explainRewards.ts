import { Command } from 'commander';
import { type ExplainedReward, explainRewards, requireRight } from '../actions/explainRewards.ts';
import { formatTime } from '../core/format.ts';
import { toHex } from '../core/hash.ts';
import type { ExplanationLine } from '../core/rewards/explain.ts';
import { renderTable, terminalColumns } from '../localnet/fitTable.ts';
import { action, print, printJson } from './action.ts';
import { formatGwei } from './amounts.ts';
import { addReaderOptions, type ReaderOptions, withRewards } from './reader.ts';

interface ExplainOptions extends ReaderOptions {
  round: string;
  trainer: string;
}

export function createExplainCommand(): Command {
  const command = new Command('explain').description(
    'every number that led to what an account earned in a round, checked against the chain',
  );
  return addReaderOptions(command)
    .requiredOption('--round <round>', 'which round')
    .requiredOption('--trainer <address>', 'whose account: of a trainer, an evaluator or an aggregator')
    .action(action(explain));
}

/** Errors: as `explainRewards` and `requireRight`. */
async function explain(options: ExplainOptions): Promise<void> {
  await withRewards(options, async (followed) => {
    const explained = await explainRewards(followed, { round: options.round, account: options.trainer });
    if (options.json) printJson(describe(explained));
    else print(renderExplained(explained, terminalColumns()));
    requireRight(explained);
  });
}

function describe({ account, stated, fate, explanation, checked }: ExplainedReward): object {
  const { place, lines, earnedGwei } = explanation;
  return {
    round: stated.round,
    account,
    place,
    earnedGwei: String(earnedGwei),
    lines: lines.map((line) => ({ ...line, value: String(line.value) })),
    balancesRoot: toHex(checked.balancesRoot),
    final: fate === 'final',
    state: fate,
    transactionHash: stated.transactionHash,
    silentEvaluators: checked.silent,
    checks: checked.checks,
  };
}

/** `columns` of the terminal, where it is one. */
export function renderExplained(explained: ExplainedReward, columns?: number): string {
  const { account, stated, fate, explanation, checked } = explained;
  const rows = explanation.lines.map((line) => [line.name, renderValue(line), line.from]);
  const state = {
    stated: `open to challenges until ${formatTime(stated.closesAt)}`,
    final: 'final',
    undone: 'undone by a vote since',
  }[fate];
  return [
    `Round ${stated.round}: ${account} (account ${explanation.place}) earned ${formatGwei(explanation.earnedGwei)}. Stated by ${stated.proposer}, ${state}.`,
    renderTable({ head: ['', '', 'from'], rows }, columns),
    ...checked.silent.map((evaluator) => `Evaluator ${evaluator} no longer serves its scores.`),
    ...checked.checks.map(({ claim, holds }) => `${renderHolds(holds)} ${claim}`),
  ].join('\n');
}

function renderHolds(holds: boolean | undefined): string {
  if (holds === undefined) return 'not checked:';
  return holds ? 'checked:' : 'WRONG:';
}

function renderValue({ value, unit }: ExplanationLine): string {
  return unit === 'gwei' ? `${value} gwei` : String(value);
}
