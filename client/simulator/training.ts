/** Rounds without a chain: what becomes of the model alone. */
import { aggregate } from '../core/aggregate.ts';
import { decodeModel } from '../core/codec.ts';
import type { Rule } from '../core/rules/rule.ts';
import { prepareUpdate } from '../core/verify.ts';
import type { ScoringRound } from '../evaluator/score.ts';
import { makeUpdates, type RoundStart, type Training } from './localTraining.ts';
import { keepScores } from './reputations.ts';

export interface TrainingRun extends Training {
  genesis: Int32Array;
  rule: Rule;
  rounds: number;
  /** Seats that deviate. */
  deviating: readonly number[];
  /** Seats that send nothing at all. */
  absent?: readonly number[];
  /** How much of its weight an update without reputation keeps under the mean; 10,000 where past scores do not weigh. */
  reputationFloorBasisPoints?: number;
}

/** The model after the rounds, [d]. Errors: those of training. */
export async function trainRounds({ genesis, rule, rounds, deviating, ...rest }: TrainingRun): Promise<Int32Array> {
  const { absent = [], reputationFloorBasisPoints = 10_000, ...training } = rest;
  const { shards, validation } = training.population;
  const seats = shards.map((_, seat) => ({ seat, address: `0x${seat.toString(16).padStart(40, '0')}` }));
  const senders = seats.filter(({ seat }) => !absent.includes(seat));
  const addresses = seats.map(({ address }) => address);
  const weighs = rule.name === 'mean' && reputationFloorBasisPoints < 10_000;
  const scores = weighs ? keepScores(reputationFloorBasisPoints, addresses, validation) : undefined;
  let start: RoundStart = { round: 1, model: genesis, previousModel: undefined, history: [] };
  for (; start.round <= rounds; ) {
    const made = await makeUpdates(training, start, senders, ({ seat }) => deviating.includes(seat));
    const updates = made.map(([{ address, seat }, values]) => {
      const { count } = shards[seat]!;
      return prepareUpdate(address, scores?.weigh(address, count) ?? count, values);
    });
    const { model, updates: included } = aggregate(rule, start.model, updates);
    await scores?.settle(scoringOf(training, start, included));
    const history = [included.map(({ trainer, values }) => ({ trainer, values }))];
    start = { round: start.round + 1, model, previousModel: start.model, history };
  }
  return start.model;
}

function scoringOf({ compiled }: Training, start: RoundStart, updates: ScoringRound['updates']) {
  const { model, previousModel, history } = start;
  return {
    model: compiled,
    base: decodeModel(model),
    previousBase: previousModel && decodeModel(previousModel),
    earlierUpdates: history.at(-1) ?? [],
    updates,
  };
}
