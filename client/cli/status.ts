import Table from 'cli-table3';
import { Command } from 'commander';
import { allSubmitted, skippedFrom } from '../chain/rounds.ts';
import { toHex } from '../core/hash.ts';
import { formatRule } from '../core/rules/parseRule.ts';
import { askForAttestations } from '../node/attestations.ts';
import { createElectorsReader, weightOf } from '../node/electors.ts';
import { describeHalt, readHalt } from '../node/policy.ts';
import { action, print, printJson } from './action.ts';
import { addReaderOptions, type ReaderOptions, type ReadRewards, withRewards } from './reader.ts';

/** How long nodes are asked what they attest. */
const longestAskMs = 5000;

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

export interface WaitsFor {
  /** That have not submitted. */
  trainers: string[];
  /** That show no attestation of its inputs, and what it takes: of those that do, more than a half must agree. */
  electors: string[];
  attesting: number;
  needed: number;
  /** From then on it is skipped, in seconds since 1970. */
  skippedAt: number;
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
  evaluators: string[];
  /** For whom the open round waits; null where none is open. */
  waitsFor: WaitsFor | null;
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

async function readStatus({ federation, rewards }: ReadRewards): Promise<FederationStatus> {
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
    evaluators: [...rewards.state.evaluators.keys()],
    waitsFor: await readWaitsFor({ federation, rewards }),
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

async function readWaitsFor({ federation, rewards }: ReadRewards): Promise<WaitsFor | null> {
  const { state, addresses, parameters } = federation;
  const round = state.openRound === undefined ? undefined : state.rounds.get(state.openRound);
  if (round === undefined) return null;
  const { number, edition, submissions } = round;
  const node = { federation, rewards, addresses, parameters, account: '', signal: AbortSignal.timeout(longestAskMs) };
  const electors = await createElectorsReader(node).read(number);
  const isClosed = allSubmitted(round) || federation.chainTime() >= round.submissionDeadline;
  // before that there is nothing to attest
  const shown = isClosed ? await askForAttestations(node, number) : [];
  const signers = new Set(shown.filter((one) => one.edition === edition).map(({ signer }) => signer));
  const awaited = [...state.trainers].filter(([, fromRound]) => fromRound <= number).map(([trainer]) => trainer);
  return {
    trainers: awaited.filter((trainer) => !submissions.has(trainer)),
    electors: isClosed ? [...electors.weights.keys()].filter((elector) => !signers.has(elector)) : [],
    attesting: weightOf(electors, signers),
    needed: electors.quorum,
    skippedAt: skippedFrom(round, parameters()),
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
