import Table from 'cli-table3';
import { Command } from 'commander';
import { getAddress, isAddress } from 'ethers';
import type { RewardsClient } from '../chain/rewards.ts';
import type { StatedRewards } from '../chain/statedRewards.ts';
import { TributaryError } from '../core/errors.ts';
import { toHex } from '../core/hash.ts';
import { type Explanation, type ExplanationLine, explainReward } from '../core/rewards/explain.ts';
import { createFateReader, type Fate, standing } from '../node/ledger.ts';
import { createScoresReader } from '../node/scores.ts';
import { type CheckedStatement, checkStatement } from '../node/statedSettlement.ts';
import { action, print, printJson } from './action.ts';
import { formatGwei } from './amounts.ts';
import { addReaderOptions, type ReaderOptions, withRewards } from './reader.ts';

/** For all scores. */
const fetchTimeoutMs = 60_000;

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

/** Errors: CONFIG_INVALID, COMMITMENT_MISMATCH where the chain says otherwise. */
async function explain(options: ExplainOptions): Promise<void> {
  await withRewards(options, async ({ federation, rewards }) => {
    const stated = chooseStatement(rewards, options.round);
    const { account, place } = chooseAccount(rewards, options.trainer);
    const rewardParameters = rewards.parametersOf(stated.round);
    const signal = AbortSignal.timeout(fetchTimeoutMs);
    const { read } = createScoresReader({
      federation,
      rewards,
      rewardParametersOf: rewards.parametersOf,
      account: '',
      documents: new Map(),
      signal,
    });
    const checked = await checkStatement({ federation, rewards, rewardParameters }, stated, place, read);
    const explanation = explainReward(checked.settlement, place);
    const fate = createFateReader(rewards.state)(stated);
    if (options.json) printJson(describe(account, stated, fate, explanation, checked));
    else print(render(account, stated, fate, explanation, checked));
    const failed = checked.checks.find(({ holds }) => holds === false);
    if (failed === undefined) return;
    throw new TributaryError(
      'COMMITMENT_MISMATCH',
      `The rewards that ${stated.proposer} stated for round ${stated.round} are wrong: it does not hold that ${failed.claim}.`,
    );
  });
}

/** Errors: CONFIG_INVALID. */
function chooseStatement({ state }: Pick<RewardsClient, 'state'>, wanted: string): StatedRewards {
  const stated = state.statements.get(/^\d+$/.test(wanted) ? Number(wanted) : 0);
  if (stated !== undefined) return stated;
  const known = standing(state).map(({ round }) => round);
  throw new TributaryError(
    'CONFIG_INVALID',
    `--round: "${wanted}" is not a round whose rewards were stated: ${known.join(', ') || 'none is yet'}.`,
    { args: { field: '--round' } },
  );
}

/** Errors: CONFIG_INVALID. */
function chooseAccount({ state }: Pick<RewardsClient, 'state'>, wanted: string): { account: string; place: number } {
  const account = isAddress(wanted) ? getAddress(wanted) : undefined;
  const known = account === undefined ? undefined : state.accounts.get(account);
  if (account !== undefined && known !== undefined) return { account, place: known.place };
  const reason = account === undefined ? 'is not an address: 0x and 40 hex digits' : 'has no account';
  throw new TributaryError('CONFIG_INVALID', `--trainer: "${wanted}" ${reason}.`, { args: { field: '--trainer' } });
}

function describe(
  account: string,
  stated: StatedRewards,
  fate: Fate,
  explanation: Explanation,
  checked: CheckedStatement,
): object {
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

function render(
  account: string,
  stated: StatedRewards,
  fate: Fate,
  explanation: Explanation,
  checked: CheckedStatement,
): string {
  const table = new Table({ head: ['', '', 'from'], style: { head: [], border: [], compact: true } });
  for (const line of explanation.lines) table.push([line.name, renderValue(line), line.from]);
  const state = {
    stated: `open to challenges until ${new Date(1000 * stated.closesAt).toISOString()}`,
    final: 'final',
    undone: 'undone by a vote since',
  }[fate];
  return [
    `Round ${stated.round}: ${account} (account ${explanation.place}) earned ${formatGwei(explanation.earnedGwei)}. Stated by ${stated.proposer}, ${state}.`,
    table.toString(),
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
