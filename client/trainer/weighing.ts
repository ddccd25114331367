/** What an update weighs in the mean. */
import { type TaskManifest, weightOfSamples } from '../core/task.ts';
import type { Participant } from '../participant/participant.ts';

/** Says, once for each number of samples, that an update cannot weigh so many. */
export function createWeighing({ parameters, report }: Pick<Participant, 'parameters' | 'report'>) {
  let saidOf = 0;
  return (samples: number, { samplesPerWeight }: TaskManifest, round: number): number => {
    const { maxWeight } = parameters();
    const most = maxWeight * samplesPerWeight;
    if (samples > most && samples !== saidOf) {
      saidOf = samples;
      report({ event: 'weightLimited', round, samples, most });
    }
    return weightOfSamples(samples, samplesPerWeight, maxWeight);
  };
}
