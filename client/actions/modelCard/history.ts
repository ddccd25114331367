/** Whose updates a model was made of. */
import { type FederationState, isProposed, type ProposedRound } from '../../chain/rounds.ts';
import type { MetricName } from '../../core/task.ts';

/** What came into a model, from the first round to its own. */
export interface ModelHistory {
  rounds: { round: number; updates: number; totalWeight: number; metric?: { name: MetricName; value: number } }[];
  /** Who trained, most weight first: a weight is a number of samples in units of the task's `samplesPerWeight`, at most `maxWeight` a round. */
  trainers: { account: string; rounds: number; weight: number }[];
}

/** `metrics` by round, where any are known. */
export function historyOf(
  { rounds }: Pick<FederationState, 'rounds'>,
  last: number,
  metrics: ReadonlyMap<number, { name: MetricName; value: number }> = new Map(),
): ModelHistory {
  const line: ProposedRound[] = [];
  for (let round = rounds.get(last); isProposed(round); round = rounds.get(round.baseRound)) line.unshift(round);
  const trainers = new Map<string, { rounds: number; weight: number }>();
  for (const { proposed, submissions } of line) {
    for (const account of proposed.included) {
      const before = trainers.get(account) ?? { rounds: 0, weight: 0 };
      const weight = before.weight + (submissions.get(account)?.weight ?? 0);
      trainers.set(account, { rounds: before.rounds + 1, weight });
    }
  }
  return {
    rounds: line.map(({ number, proposed: { included, proposal } }) => {
      const metric = metrics.get(number);
      return { round: number, updates: included.length, totalWeight: proposal.totalWeight, ...(metric && { metric }) };
    }),
    trainers: [...trainers]
      .map(([account, of]) => ({ account, ...of }))
      .sort((a, b) => b.weight - a.weight || (a.account < b.account ? -1 : 1)),
  };
}
