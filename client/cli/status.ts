import { Command } from 'commander';
import { type FederationStatus, readStatus } from '../actions/status.ts';
import { renderTable, terminalColumns } from '../localnet/fitTable.ts';
import { describeAwaited } from '../participant/awaited/describeAwaited.ts';
import { action, print, printJson } from './action.ts';
import { addReaderOptions, type ReaderOptions, withRewards } from './reader.ts';

export function createStatusCommand(): Command {
  const command = new Command('status').description(
    'rounds, members and newest model of a federation, from the chain, and what its rounds wait for',
  );
  return addReaderOptions(command).action(
    action((options: ReaderOptions) =>
      withRewards(options, async (given) => {
        const status = await readStatus(given);
        if (options.json) printJson(status);
        else print(renderStatus(status, terminalColumns()));
      }),
    ),
  );
}

/** `columns` of the terminal, where it is one. */
export function renderStatus(status: FederationStatus, columns?: number): string {
  const rows = status.rounds.map(({ round, baseRound, state, submissions, expected, proposer, modelRoot }) => [
    round,
    baseRound,
    state,
    `${submissions} of ${expected}`,
    proposer ?? '',
    modelRoot?.slice(0, 18) ?? '',
  ]);
  const head = ['round', 'from', 'state', 'updates', 'proposed by', 'model root'];
  const member = (role: string) => (account: string) =>
    [`  ${role} ${account}`, status.endpoints[account] ?? 'serves nobody', ...scoresOf(account, status)].join('  ');
  return [
    `Federation ${status.federation} on chain ${status.chainId}: ${status.dimension} parameters, rule ${status.rule}`,
    `Open round: ${status.openRound ?? 'none'}; final up to round ${status.finalRound}`,
    ...(status.halted === null ? [] : [`The next round waits for ${status.halted}`]),
    ...status.awaited.filter(({ stage }) => status.halted === null || stage !== 'earlierRounds').map(renderAwaited),
    ...status.trainers.map(member('trainer   ')),
    ...status.aggregators.map(member('aggregator')),
    ...status.evaluators.map(member('evaluator ')),
    ...(rows.length === 0 ? [] : [renderTable({ head, rows, optional: ['model root', 'from'] }, columns)]),
  ].join('\n');
}

function renderAwaited(awaited: FederationStatus['awaited'][number]): string {
  return `Round ${awaited.round} ${describeAwaited(awaited)}`;
}

const scoreWords = {
  awaited: 'scores awaited',
  committed: 'committed to scores',
  revealed: 'scores revealed',
  demanded: 'scores demanded',
  published: 'scores published',
  forfeited: 'stake forfeited',
  missed: 'no scores',
};

function scoresOf(account: string, { scores, evaluators }: FederationStatus): string[] {
  if (!evaluators.includes(account)) return [];
  return scores
    .filter(({ evaluator }) => evaluator === account)
    .map(({ round, state }) => `round ${round}: ${scoreWords[state]}`);
}
