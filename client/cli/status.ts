import Table from 'cli-table3';
import { Command } from 'commander';
import { type FederationStatus, readStatus, type WaitsFor } from '../actions/status.ts';
import { action, print, printJson } from './action.ts';
import { addReaderOptions, type ReaderOptions, withRewards } from './reader.ts';

export function createStatusCommand(): Command {
  const command = new Command('status').description('rounds, members and newest model of a federation, from the chain');
  return addReaderOptions(command).action(
    action((options: ReaderOptions) =>
      withRewards(options, async (given) => {
        const status = await readStatus(given);
        if (options.json) printJson(status);
        else print(renderStatus(status));
      }),
    ),
  );
}

export function renderStatus(status: FederationStatus): string {
  const table = new Table({
    head: ['round', 'from', 'state', 'updates', 'proposed by', 'model root'],
    style: { head: [], border: [], compact: true },
  });
  for (const { round, baseRound, state, submissions, expected, proposer, modelRoot } of status.rounds) {
    table.push([
      round,
      baseRound,
      state,
      `${submissions} of ${expected}`,
      proposer ?? '',
      modelRoot?.slice(0, 18) ?? '',
    ]);
  }
  const member = (role: string) => (account: string) =>
    `  ${role} ${account}  ${status.endpoints[account] ?? 'serves nobody'}`;
  return [
    `Federation ${status.federation} on chain ${status.chainId}: ${status.dimension} parameters, rule ${status.rule}`,
    `Open round: ${status.openRound ?? 'none'}; final up to round ${status.finalRound}`,
    ...(status.halted === null ? [] : [`The next round waits for ${status.halted}`]),
    ...(status.waitsFor === null ? [] : renderWaitsFor(status.waitsFor)),
    ...status.trainers.map(member('trainer   ')),
    ...status.aggregators.map(member('aggregator')),
    ...status.evaluators.map(member('evaluator ')),
    table.toString(),
  ].join('\n');
}

function renderWaitsFor({ trainers, electors, attesting, needed, skippedAt }: WaitsFor): string[] {
  if (trainers.length > 0) return [`It waits for updates of ${trainers.join(', ')}`];
  if (electors.length === 0) return [];
  const until = new Date(1000 * skippedAt).toISOString();
  return [
    `Of its electors ${attesting} attest its inputs, and ${needed} are needed; nothing is heard of ${electors.join(', ')}. It is skipped at ${until}`,
  ];
}
