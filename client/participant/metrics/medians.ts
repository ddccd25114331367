/**
 * How good the models of rounds are, by the lower median over the evaluators: whoever has less than half of them cannot move it out of
 * the range of what the others say.
 */
import type { RewardsState } from '../../chain/rewardState.ts';
import { documentEndpointsOf, type FederationState, proposedRounds } from '../../chain/rounds.ts';
import { TributaryError } from '../../core/errors.ts';
import { toHex } from '../../core/hash.ts';
import { lowerMedian } from '../../core/rewards/median.ts';
import type { MetricName } from '../../core/task.ts';
import { isBetter, type TaskMetric } from '../../training/metrics/taskMetric.ts';
import { firstDocument } from '../firstDocument.ts';
import type { Participant } from '../participant.ts';
import { type Measured, maxMetricsBytes, metricsPath, readMetrics } from './document.ts';

/** Until an evaluator is given up. */
const longestAskMs = 3000;

/** What most evaluators say of a round's model, in the middle. */
export interface MedianOfRound {
  round: number;
  metric: MetricName;
  value: number;
  /** Evaluators that have measured it, and those that could have. */
  measuredBy: number;
  evaluators: number;
}

/** By evaluator. */
export type Said = ReadonlyMap<string, readonly Measured[]>;

type Asking = Pick<Participant, 'federation' | 'rewards' | 'signal' | 'reach'>;

/** Asks all evaluators for what they have measured; who does not answer, or says what it has not signed, is left out. */
export async function askEvaluators({ federation, rewards, signal, reach }: Asking): Promise<Said> {
  const said = await Promise.all(
    [...rewards.state.evaluators.keys()].map(async (evaluator) => {
      const endpoints = documentEndpointsOf(federation.state, evaluator);
      const measured = await firstDocument(endpoints, metricsPath, {
        read: (document) => readMetrics(federation, evaluator, document),
        limits: { maxBytes: maxMetricsBytes, signal, reach },
        timeoutMs: longestAskMs,
      });
      return [evaluator, measured] as const;
    }),
  );
  return new Map(said.flatMap(([evaluator, measured]) => (measured === undefined ? [] : [[evaluator, measured]])));
}

/** Of the proposals that stand, ascending by round, where more than half of the evaluators of the round have measured the model. */
export function mediansOf(
  said: Said,
  {
    federation,
    rewards,
    metric,
  }: { federation: FederationState; rewards: Pick<RewardsState, 'evaluators'>; metric: MetricName },
): MedianOfRound[] {
  return proposedRounds(federation).flatMap(({ number, proposed }) => {
    const modelRoot = toHex(proposed.proposal.modelRoot);
    const able = [...rewards.evaluators]
      .filter(([, joinedAfter]) => joinedAfter < number)
      .map(([evaluator]) => evaluator);
    const values = able.flatMap((evaluator) => {
      const own = said.get(evaluator)?.find((each) => {
        return each.round === number && each.modelRoot === modelRoot && each.metric === metric;
      });
      return own === undefined ? [] : [Number(own.value)];
    });
    if (2 * values.length <= able.length) return [];
    const counts = { measuredBy: values.length, evaluators: able.length };
    return [{ round: number, metric, value: lowerMedian(values), ...counts }];
  });
}

/** The metric that most evaluators have measured last: who reads only the chain and the evaluators need not have the manifest. */
export function metricSaid(said: Said): MetricName | undefined {
  const votes = new Map<MetricName, number>();
  for (const measured of said.values()) {
    const newest = measured.at(-1)?.metric;
    if (newest !== undefined) votes.set(newest, (votes.get(newest) ?? 0) + 1);
  }
  return [...votes].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** The first of those that no later one betters by more than the least gain. */
export function bestOf(
  medians: readonly MedianOfRound[],
  metric: Pick<TaskMetric, 'name' | 'leastGain'>,
): MedianOfRound | undefined {
  return medians.reduce<MedianOfRound | undefined>((best, median) => {
    return best === undefined || isBetter(metric, median.value, best.value) ? median : best;
  }, undefined);
}

/** Errors: CONFIG_INVALID where no round has been measured by most evaluators. */
export function requireBest(best: MedianOfRound | null): MedianOfRound {
  if (best !== null) return best;
  throw new TributaryError(
    'CONFIG_INVALID',
    '--round: "best" is not known: no round has been measured by most of its evaluators, or they do not answer. Name a round.',
    { args: { field: '--round' } },
  );
}
