import { Command } from 'commander';
import { type RewardsStatus, readRewards } from '../actions/rewards.ts';
import { renderTable, terminalColumns } from '../localnet/fitTable.ts';
import { action, print, printJson } from './action.ts';
import { formatGwei } from './amounts.ts';
import { createExplainCommand } from './explainRewards.ts';
import { addReaderOptions, type ReaderOptions, withRewards } from './reader.ts';

export function createRewardsCommand(): Command {
  const command = new Command('rewards').description('what rounds have earned whom, and what the pool still has');
  addReaderOptions(command).action(action(listRewards));
  return command.enablePositionalOptions().addCommand(createExplainCommand());
}

async function listRewards(options: ReaderOptions): Promise<void> {
  await withRewards(options, async (followed) => {
    const status = readRewards(followed);
    if (options.json) printJson(status);
    else print(renderRewards(status, terminalColumns()));
  });
}

const stateNames = { final: 'final', undone: 'undone by a vote', stated: 'in its window', scored: 'not stated yet' };

/** `columns` of the terminal, where it is one. */
export function renderRewards(status: RewardsStatus, columns?: number): string {
  const { rewards, poolGwei, balancesOf, rounds, accounts } = status;
  const head = ['round', 'state', 'scored', 'evaluators', 'pays', 'stated by'];
  const rows = rounds.map(({ round, state, scored, evaluators, paidGwei, ranDry, proposer }) => {
    const pays = `${formatGwei(BigInt(paidGwei))}${ranDry ? ', the pool ran dry' : ''}`;
    return [round, stateNames[state], scored, evaluators, pays, proposer ?? ''];
  });
  return [
    `Rewards ${rewards}: ${formatGwei(BigInt(poolGwei))} in the pool, claimable up to round ${balancesOf}`,
    ...accounts.map(
      ({ account, place, payee, claimedGwei }) =>
        `  account ${place}  ${account}  paid ${formatGwei(BigInt(claimedGwei))}${payee === account ? '' : ` to ${payee}`}`,
    ),
    ...(rows.length === 0 ? [] : [renderTable({ head, rows, optional: ['evaluators', 'scored'] }, columns)]),
  ].join('\n');
}
