/** Rounds, members and newest model of a federation, from the chain; and for whom its open round waits. */
import { allSubmitted, skippedFrom } from '../chain/rounds.ts';
import { toHex } from '../core/hash.ts';
import { formatRule } from '../core/rules/parseRule.ts';
import { describeHalt, readHalt } from '../participant/policy.ts';
import { askForAttestations } from '../participant/rounds/attestations.ts';
import { createElectorsReader, weightOf } from '../participant/rounds/electors.ts';
import type { Followed } from './connect.ts';

/** How long nodes are asked what they attest. */
const longestAskMs = 5000;

/** For whom a round waits. */
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

/** A federation and its newest rounds, as JSON shows them. */
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

/** Errors: CHAIN_UNREACHABLE (retryable). */
export async function readStatus({ federation, rewards }: Followed): Promise<FederationStatus> {
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

async function readWaitsFor({ federation, rewards }: Followed): Promise<WaitsFor | null> {
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
