/** Running means and variances of normalisations: they move with the data and not with a learning rate, often from 0 and 1 in one round. */
import type { ParameterLayout } from '../engine.ts';
import type { Scales } from '../scales.ts';

/** By PyTorch's and by Keras' names. */
const isStatistic = /(^|[./])(running_(mean|var)|moving_(mean|variance))$/;
/** A round moves such a tensor by up to half of it. */
const scale = 8;

/** Scales for those among the tensors. */
export function scalesOfStatistics({ tensors }: ParameterLayout): Scales {
  return Object.fromEntries(tensors.filter(({ name }) => isStatistic.test(name)).map(({ name }) => [name, scale]));
}
