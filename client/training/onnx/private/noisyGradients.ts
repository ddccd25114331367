/**
 * A step's gradients with differential privacy: the clipped gradients of a Poisson sample, summed, with noise, over the expected size of the
 * sample. A sample may be larger than a batch of the graph: sums are carried until the last of its batches applies them.
 */
import type { RecordPrivacy } from '../../engine.ts';
import type { GraphBuilder } from '../graph.ts';
import { addClippedGradients, type Clipping } from './clipping.ts';

export interface NoisyGradients {
  /** Of each trained parameter, by its name. */
  gradients: Map<string, string>;
  /** Names of the sums before and after the step, in the order of the trained parameters. */
  sums: readonly string[];
  sumsAfter: readonly string[];
  /** `after` where the step applies the gradients, else `before`. */
  settle(before: string, after: string): string;
}

export interface NoisyStep extends Omit<Clipping, 'clipNorm'> {
  privacy: Pick<RecordPrivacy, 'clipNorm'>;
  /** Samples in a Poisson sample on average, q·n. */
  expectedSamples: number;
  /** What a gradient is multiplied by. */
  scale: number;
  /** This step's noise for the trained parameter at `place`, and whether the step is its sample's last (a scalar bool). */
  noise(place: number): string;
  applies: string;
}

/** Errors: OPERATOR_UNSUPPORTED where gradients of single samples cannot be clipped. */
export function addNoisyGradients(graph: GraphBuilder, step: NoisyStep): NoisyGradients {
  const { trained, privacy, expectedSamples, scale, applies, noise } = step;
  const clipped = addClippedGradients(graph, { ...step, clipNorm: privacy.clipNorm });
  const sums = trained.map((_, place) => `train/sum.${place}`);
  const settle = (before: string, after: string) => graph.add('Where', [applies, after, before]);
  const gradients = new Map<string, string>();
  const sumsAfter = trained.map((name, place) => {
    const sum = graph.add('Add', [sums[place]!, clipped.get(name)!]);
    gradients.set(name, graph.scale(graph.add('Add', [sum, noise(place)]), scale / expectedSamples));
    return settle(sum, graph.scalar(0));
  });
  return { gradients, sums, sumsAfter, settle };
}
