import { Command } from 'commander';
import { TributaryError } from '../core/errors.ts';
import { readLedgerFile } from '../node/ledgerFile.ts';
import { epsilonOf } from '../privacy/accounting/budget.ts';
import type { Spending } from '../privacy/accounting/ledger.ts';
import { action, addJsonOption, print, printJson } from './action.ts';

interface StatusOptions {
  data: string[];
  epsilon?: string;
  delta: string;
  json?: boolean;
}

export function createPrivacyCommand(): Command {
  const status = new Command('status')
    .description("what the updates of these data folders' trainers have cost of the privacy of the records")
    .requiredOption('--data <folders...>', 'data folders of trainers; several are taken to train on the same records')
    .option('--delta <chance>', 'δ: the chance with which the promise may fail', '1e-5')
    .option('--epsilon <budget>', 'what may be spent: what is left of it is said');
  return new Command('privacy')
    .description('accounts for the differential privacy of records')
    .addCommand(addJsonOption(status).action(action(showStatus)));
}

/** Errors: CONFIG_INVALID, PRIVACY_LEDGER_BEHIND for a ledger that is damaged. */
async function showStatus({ data, epsilon, delta: deltaText, json }: StatusOptions): Promise<void> {
  const delta = readNumber('--delta', deltaText, 1);
  const budget = epsilon === undefined ? undefined : readNumber('--epsilon', epsilon, Number.POSITIVE_INFINITY);
  const spendings = data.flatMap((folder) => readLedgerFile(folder));
  const spent = epsilonOf(spendings, delta);
  const left = budget === undefined ? undefined : Math.max(0, budget - spent);
  if (json) return printJson({ delta, epsilon: spent, ...(left !== undefined && { left }), spendings });
  if (spendings.length === 0)
    return print('Nothing was trained with --record-dp, so nothing is promised to any record.');
  print(
    `ε = ${spent.toFixed(3)} is spent, with δ = ${delta}${left === undefined ? '' : `; ${left.toFixed(3)} are left of ${budget}`}.`,
  );
  for (const [federation, own] of byFederation(spendings)) print(`  ${federation}: ${describe(own)}`);
}

function byFederation(spendings: readonly Spending[]): Map<string, Spending[]> {
  const found = new Map<string, Spending[]>();
  for (const spending of spendings)
    found.set(spending.federation, [...(found.get(spending.federation) ?? []), spending]);
  return found;
}

function describe(spendings: readonly Spending[]): string {
  const rounds = new Set(spendings.map(({ round }) => round)).size;
  const again = spendings.length - rounds;
  const steps = spendings.reduce((sum, { times }) => sum + times, 0);
  const repeated = again === 0 ? '' : `, ${again} of them once more`;
  return `${rounds} ${rounds === 1 ? 'round' : 'rounds'}${repeated}, ${steps} steps in all, the last with noise of ${spendings.at(-1)!.noiseMultiplier.toFixed(3)}`;
}

/** Above 0 and below `limit`. Errors: CONFIG_INVALID. */
function readNumber(field: string, text: string, limit: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value > 0 && value < limit) return value;
  const wanted = limit === 1 ? 'a number between 0 and 1' : 'a number above 0';
  throw new TributaryError('CONFIG_INVALID', `${field}: "${text}" is not ${wanted}.`, { args: { field } });
}
