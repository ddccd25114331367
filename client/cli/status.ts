import { Command } from 'commander';
import { type RoundMetrics, readRoundMetrics } from '../actions/metrics.ts';
import { type FederationStatus, readStatus } from '../actions/status.ts';
import { rpcUrlOf } from '../chain/deployment.ts';
import { renderTable, terminalColumns } from '../localnet/fitTable.ts';
import { formatMetric, metricWords } from '../localnet/format.ts';
import { readerReach } from '../node/peerReach.ts';
import { describeAwaited } from '../participant/awaited/describeAwaited.ts';
import type { MedianOfRound } from '../participant/metrics/medians.ts';
import { action, print, printJson } from './action.ts';
import { addReaderOptions, type ReaderOptions, withRewards } from './reader.ts';

export function createStatusCommand(): Command {
  const command = new Command('status').description(
    'rounds, members and newest model of a federation, from the chain, and what its rounds wait for',
  );
  return addReaderOptions(command).action(
    action((options: ReaderOptions) =>
      withRewards(options, async (given, deployment) => {
        const status = await readStatus(given);
        const reach = await readerReach(rpcUrlOf(deployment, options.rpc)[0]!);
        const metrics = await readRoundMetrics(given, { signal: new AbortController().signal, reach });
        if (options.json) printJson({ ...status, metrics });
        else print(renderStatus(status, terminalColumns(), metrics));
      }),
    ),
  );
}

/** `columns` of the terminal, where it is one. */
export function renderStatus(
  status: FederationStatus,
  columns?: number,
  { best, rounds: measured }: RoundMetrics = { best: null, rounds: [] },
): string {
  const rows = status.rounds.map(({ round, baseRound, state, submissions, expected, proposer, modelRoot }) => [
    round,
    baseRound,
    state,
    `${submissions} of ${expected}`,
    proposer ?? '',
    modelRoot?.slice(0, 18) ?? '',
    ...(best === null ? [] : [medianText(measured.find((of) => of.round === round))]),
  ]);
  const head = ['round', 'from', 'state', 'updates', 'proposed by', 'model root'];
  if (best !== null) head.push(metricWords[best.metric]!);
  const member = (role: string) => (account: string) =>
    [`  ${role} ${account}`, status.endpoints[account] ?? 'serves nobody', ...scoresOf(account, status)].join('  ');
  return [
    `Federation ${status.federation} on chain ${status.chainId}: ${status.dimension} parameters, rule ${status.rule}`,
    `Open round: ${status.openRound ?? 'none'}; final up to round ${status.finalRound}`,
    ...(best === null
      ? []
      : [
          `Best round so far: ${best.round}, ${metricWords[best.metric]} ${medianText(best)} (median of ${best.measuredBy} of ${best.evaluators} evaluators)`,
        ]),
    ...(status.halted === null ? [] : [`The next round waits for ${status.halted}`]),
    ...status.awaited.filter(({ stage }) => status.halted === null || stage !== 'earlierRounds').map(renderAwaited),
    ...status.trainers.map(member('trainer   ')),
    ...status.aggregators.map(member('aggregator')),
    ...status.evaluators.map(member('evaluator ')),
    ...(rows.length === 0 ? [] : [renderTable({ head, rows, optional: ['model root', 'from'] }, columns)]),
  ].join('\n');
}

function medianText(median: MedianOfRound | undefined): string {
  return median === undefined ? '' : formatMetric(median.metric, median.value);
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
