/** Whether the federation's models have stopped becoming better, by what its evaluators say. */
import type { Round } from '../chain/rounds.ts';
import type { TaskManifest } from '../core/task.ts';
import { askEvaluators, bestOf, mediansOf } from '../participant/metrics/medians.ts';
import type { Participant } from '../participant/participant.ts';
import { metricOf } from '../training/metrics/taskMetric.ts';

/**
 * Asked when a round opens. The model that it starts from is not looked at, since evaluators may not have measured it yet: so all
 * trainers see the same. Undefined where there is reason to go on.
 */
export async function reasonToEnd(
  node: Pick<Participant, 'federation' | 'rewards' | 'signal' | 'reach'>,
  { baseRound }: Pick<Round, 'baseRound'>,
  manifest: TaskManifest,
): Promise<string | undefined> {
  const metric = metricOf(manifest);
  const { patience } = metric;
  if (patience === undefined) return undefined;
  const said = await askEvaluators(node);
  const state = { federation: node.federation.state, rewards: node.rewards.state, metric: metric.name };
  const medians = mediansOf(said, state).filter(({ round }) => round < baseRound);
  const best = bestOf(medians, metric);
  if (best === undefined) return undefined;
  const since = medians.filter(({ round }) => round > best.round).length;
  if (since < patience) return undefined;
  return `no better round in the last ${since}: ${metric.name} was best in round ${best.round}, ${best.value} (\`tributary fetch-model --round best\` fetches that model)`;
}
