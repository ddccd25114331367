import Table from 'cli-table3';
import { Command } from 'commander';
import type { FederationClient } from '../chain/federation.ts';
import { toHex } from '../core/hash.ts';
import { formatRule } from '../core/rules/parseRule.ts';
import { describeHalt, readHalt } from '../node/policy.ts';
import { action, print, printJson } from './action.ts';
import { addReaderOptions, type ReaderOptions, withFederation } from './reader.ts';

export function createStatusCommand(): Command {
  const command = new Command('status').description('rounds, members and newest model of a federation, from the chain');
  return addReaderOptions(command).action(
    action((options: ReaderOptions) =>
      withFederation(options, async (federation) => {
        const status = await readStatus(federation);
        if (options.json) printJson(status);
        else print(renderStatus(status));
      }),
    ),
  );
}

export interface FederationStatus {
  federation: string;
  chainId: number;
  dimension: number;
  rule: string;
  /** Why no round opens. */
  halted: string | null;
  openRound: number | null;
  finalRound: number;
  trainers: string[];
  aggregators: string[];
  endpoints: Record<string, string>;
  rounds: {
    round: number;
    baseRound: number;
    state: 'open' | 'proposed' | 'final' | 'skipped';
    submissions: number;
    expected: number;
    proposer: string | null;
    modelRoot: string | null;
  }[];
}

async function readStatus(federation: FederationClient): Promise<FederationStatus> {
  const { state, addresses } = federation;
  const [task, halt] = await Promise.all([federation.readTask(), readHalt({ federation })]);
  const { rule } = federation.parameters();
  return {
    federation: addresses.federation,
    chainId: addresses.chainId,
    dimension: task.dimension,
    rule: formatRule(rule),
    halted: describeHalt(halt, federation.chainTime()) ?? null,
    openRound: state.openRound ?? null,
    finalRound: state.finalRound,
    trainers: [...state.trainers.keys()],
    aggregators: [...state.aggregators],
    endpoints: Object.fromEntries(state.endpoints),
    rounds: [...state.rounds.values()].map((round) => ({
      round: round.number,
      baseRound: round.baseRound,
      state: round.final ? 'final' : round.proposed ? 'proposed' : round.skipped ? 'skipped' : 'open',
      submissions: round.submissions.size,
      expected: round.expectedTrainers,
      proposer: round.proposed?.proposer ?? null,
      modelRoot: round.proposed === undefined ? null : toHex(round.proposed.proposal.modelRoot),
    })),
  };
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
    ...status.trainers.map(member('trainer   ')),
    ...status.aggregators.map(member('aggregator')),
    table.toString(),
  ].join('\n');
}
