/** What a person promises to those in the data, and the noise that keeps the promise. */
import { validateArgument } from '../../core/errors.ts';
import { composeLosses, epsilonOfLosses, lossesOfSampledGaussian } from './privacyLoss.ts';
import { composeRenyi, epsilonOfRenyi, renyiOfSampledGaussian, type SampledGaussian } from './renyi.ts';

/** (ε, δ)-differential privacy: who is in the data changes the odds of anything that is seen by e^ε at most, but for a chance of δ. */
export interface Budget {
  epsilon: number;
  delta: number;
}

/** Steps of the Gaussian mechanism on Poisson samples. */
export interface Steps extends SampledGaussian {
  times: number;
}

/** The ε of all these together with `delta`: the smaller of what both accountants prove. */
export function epsilonOf(steps: readonly Steps[], delta: number): number {
  const together = combine(steps);
  if (together.length === 0) return 0;
  if (together.some(({ noiseMultiplier }) => noiseMultiplier === 0)) return Number.POSITIVE_INFINITY;
  const renyi = composeRenyi(divergencesOf(together));
  const losses = together.map((one) => ({ both: lossesOf(one), times: one.times }));
  const tight = [0, 1].map((way) =>
    epsilonOfLosses(composeLosses(losses.map(({ both, times }) => ({ losses: both[way]!, times }))), delta),
  );
  return Math.min(epsilonOfRenyi(renyi, delta), Math.max(...tight));
}

/** Distributions of the mechanisms that were asked for last: a round asks for the same as the one before. */
const known = new Map<string, ReturnType<typeof lossesOfSampledGaussian>>();
const mostKnown = 4;

function lossesOf(mechanism: SampledGaussian): ReturnType<typeof lossesOfSampledGaussian> {
  const key = `${mechanism.noiseMultiplier}/${mechanism.samplingRate}`;
  const losses = known.get(key) ?? lossesOfSampledGaussian(mechanism);
  known.delete(key);
  known.set(key, losses);
  if (known.size > mostKnown) known.delete(known.keys().next().value!);
  return losses;
}

function divergencesOf(steps: readonly Steps[]) {
  return combine(steps).map((one) => ({ divergences: renyiOfSampledGaussian(one), times: one.times }));
}

/** Equal mechanisms are one, so many times. */
function combine(steps: readonly Steps[]): Steps[] {
  const byMechanism = new Map<string, Steps>();
  for (const { noiseMultiplier, samplingRate, times } of steps) {
    if (samplingRate === 0 || times === 0) continue;
    const key = `${noiseMultiplier}/${samplingRate}`;
    const before = byMechanism.get(key)?.times ?? 0;
    byMechanism.set(key, { noiseMultiplier, samplingRate, times: before + times });
  }
  return [...byMechanism.values()];
}

const [leastNoise, mostNoise] = [0.3, 1e4];
/** How near to the budget the noise comes, as a share of it. */
const nearness = 0.005;

/**
 * The least noise multiplier, to half a percent of ε, with which `times` steps stay within the budget, after those that were `spent`.
 * Errors: ARGUMENT_INVALID where none up to 10,000 does.
 */
export function calibrateNoise(
  { epsilon, delta }: Budget,
  samplingRate: number,
  times: number,
  spent: readonly Steps[] = [],
): number {
  validateArgument(
    epsilon > 0 && delta > 0 && delta < 1,
    `A budget wants ε above 0 and δ between 0 and 1, not ${epsilon} and ${delta}.`,
  );
  const before = divergencesOf(spent);
  const byRenyi = (noiseMultiplier: number) => {
    const divergences = renyiOfSampledGaussian({ noiseMultiplier, samplingRate });
    return epsilonOfRenyi(composeRenyi([...before, { divergences, times }]), delta);
  };
  validateArgument(
    byRenyi(mostNoise) <= epsilon,
    `No noise keeps ${times} steps within ε = ${epsilon} and δ = ${delta}: train fewer rounds, or allow more.`,
  );
  // Rényi's bound is quick, and wants a little more noise than is needed
  const enough = findNoise(byRenyi, epsilon, mostNoise);
  return findNoise(
    (noise) => epsilonOf([...spent, { noiseMultiplier: noise, samplingRate, times }], delta),
    epsilon,
    enough,
  );
}

/** The least noise at which the ε of it is no higher than `most`, to `nearness` of that; `enough` is. ε falls about as one over the noise, or faster. */
function findNoise(epsilonWith: (noise: number) => number, most: number, enough: number): number {
  let above: { noise: number; epsilon: number } | undefined;
  let below = { noise: enough, epsilon: epsilonWith(enough) };
  while (below.epsilon < (1 - nearness) * most && below.noise > leastNoise) {
    const noise = Math.max(
      leastNoise,
      above === undefined ? below.noise * Math.max(0.5, below.epsilon / most) : between(above, below),
    );
    const epsilon = epsilonWith(noise);
    if (epsilon > most) above = { noise, epsilon };
    else below = { noise, epsilon };
    if (above !== undefined && below.noise / above.noise < 1 + nearness / 100) break;
  }
  return below.noise;

  /** Where the line between both, in logarithms, is a little below `most`; in their middle where it leads to no new place. */
  function between(high: { noise: number; epsilon: number }, low: { noise: number; epsilon: number }): number {
    const aim = Math.log((1 - nearness / 3) * most);
    const share = (Math.log(high.epsilon) - aim) / (Math.log(high.epsilon) - Math.log(Math.max(low.epsilon, 1e-9)));
    const within = Math.min(0.9, Math.max(0.1, share));
    return Math.exp(Math.log(high.noise) + within * (Math.log(low.noise) - Math.log(high.noise)));
  }
}
