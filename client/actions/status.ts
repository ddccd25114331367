/** Rounds, members and newest model of a federation, from the chain; and what its rounds wait for. */
import { scoringOf } from '../chain/rewards.ts';
import { type ProposedRound, proposedRounds } from '../chain/rounds.ts';
import { toHex } from '../core/hash.ts';
import { formatRule } from '../core/rules/parseRule.ts';
import type { Awaited } from '../participant/awaited/awaited.ts';
import { takesNoMore } from '../participant/awaited/openRound.ts';
import { scorersOf } from '../participant/awaited/proposedRounds.ts';
import { awaitedNow, createAskedReader } from '../participant/awaited/watch.ts';
import { describeHalt, readHalt } from '../participant/policy.ts';
import type { Followed } from './connect.ts';
import { readWaitsFor, type WaitsFor } from './waitsFor.ts';

/** How far an evaluator has come with the scores of a round. */
export type ScoreState = 'awaited' | 'committed' | 'revealed' | 'demanded' | 'published' | 'forfeited' | 'missed';

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
  /** What every round waits for that is not over, for whom, and until when. */
  awaited: Awaited[];
  /** How far each evaluator has come with the rounds whose rewards are not final. */
  scores: { round: number; evaluator: string; state: ScoreState }[];
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
  const ask = createAskedReader({ federation });
  const [task, halt, asked] = await Promise.all([federation.readTask(), readHalt({ federation }), ask()]);
  const { rule } = federation.parameters();
  const waitsFor = await readWaitsFor({ federation, rewards });
  const open = state.openRound === undefined ? undefined : state.rounds.get(state.openRound);
  const wereAsked = waitsFor !== null && open !== undefined && takesNoMore(open, federation.chainTime());
  const electors = wereAsked
    ? { silent: waitsFor.electors, needed: Math.max(0, waitsFor.needed - waitsFor.attesting) }
    : undefined;
  const halted = describeHalt(halt, federation.chainTime()) ?? null;
  return {
    federation: addresses.federation,
    chainId: addresses.chainId,
    dimension: task.dimension,
    rule: formatRule(rule),
    halted,
    openRound: state.openRound ?? null,
    finalRound: state.finalRound,
    trainers: [...state.trainers.keys()],
    aggregators: [...state.aggregators],
    evaluators: [...rewards.state.evaluators.keys()],
    waitsFor,
    awaited: awaitedNow({ federation, rewards }, { ...asked, electors }),
    scores: proposedRounds(state)
      .filter(({ number }) => number > rewards.state.finalRound)
      .flatMap((round) => scoresOf(round, { federation, rewards })),
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

function scoresOf(round: ProposedRound, { federation, rewards }: Followed): FederationStatus['scores'] {
  const { number, proposed } = round;
  const { state } = rewards;
  const isOpen = scoringOf(state, round) !== undefined;
  const is = (scores: ReadonlyMap<number, { has(account: string): boolean }>, evaluator: string) =>
    isOpen && scores.get(number)?.has(evaluator) === true;
  const inTime = federation.chainTime() < proposed.proposedAt + rewards.parametersOf(number).scoringSeconds;
  const stateOf = (evaluator: string): ScoreState => {
    if (is(state.forfeited, evaluator)) return 'forfeited';
    if (is(state.published, evaluator)) return 'published';
    if (is(state.demanded, evaluator)) return 'demanded';
    if (is(state.revealed, evaluator)) return 'revealed';
    if (is(state.committed, evaluator)) return 'committed';
    return inTime ? 'awaited' : 'missed';
  };
  const view = { rewards: state, rewardParametersOf: rewards.parametersOf };
  return scorersOf(round, view).map((evaluator) => ({ round: number, evaluator, state: stateOf(evaluator) }));
}
