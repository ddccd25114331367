/** How good the models of a federation's rounds are, as its evaluators say. */
import { askEvaluators, bestOf, type MedianOfRound, mediansOf, metricSaid } from '../participant/metrics/medians.ts';
import type { Reach } from '../storage/reach.ts';
import type { Followed } from './connect.ts';

/** Medians over the evaluators, as JSON shows them. */
export interface RoundMetrics {
  /** Null where no round has been measured by most of its evaluators. */
  best: MedianOfRound | null;
  /** Of the proposals that stand, ascending by round. */
  rounds: MedianOfRound[];
}

/** Asks the evaluators where they serve; who does not answer in a few seconds is left out. Errors: CHAIN_UNREACHABLE. */
export async function readRoundMetrics(
  { federation, rewards }: Followed,
  { signal, reach }: { signal: AbortSignal; reach?: Reach | undefined },
): Promise<RoundMetrics> {
  const said = await askEvaluators({ federation, rewards, signal, reach });
  const name = metricSaid(said);
  if (name === undefined) return { best: null, rounds: [] };
  const rounds = mediansOf(said, { federation: federation.state, rewards: rewards.state, metric: name });
  return { best: bestOf(rounds, { name, leastGain: 0 }) ?? null, rounds };
}
