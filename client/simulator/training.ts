/** Rounds without a chain: what becomes of the model alone. */
import { aggregate } from '../core/aggregate.ts';
import type { Rule } from '../core/rules/rule.ts';
import { prepareUpdate } from '../core/verify.ts';
import { makeUpdates, type RoundStart, type Training } from './localTraining.ts';

export interface TrainingRun extends Training {
  genesis: Int32Array;
  rule: Rule;
  rounds: number;
  /** Seats that deviate. */
  deviating: readonly number[];
}

/** The model after the rounds, [d]. Errors: those of training. */
export async function trainRounds({ genesis, rule, rounds, deviating, ...training }: TrainingRun): Promise<Int32Array> {
  const { shards } = training.population;
  const senders = shards.map((_, seat) => ({ seat, address: `0x${seat.toString(16).padStart(40, '0')}` }));
  let start: RoundStart = { round: 1, model: genesis, previousModel: undefined, history: [] };
  for (; start.round <= rounds; ) {
    const made = await makeUpdates(training, start, senders, ({ seat }) => deviating.includes(seat));
    const updates = made.map(([{ address, seat }, values]) => prepareUpdate(address, shards[seat]!.count, values));
    const { model, updates: included } = aggregate(rule, start.model, updates);
    const history = [included.map(({ trainer, values }) => ({ trainer, values }))];
    start = { round: start.round + 1, model, previousModel: start.model, history };
  }
  return start.model;
}
