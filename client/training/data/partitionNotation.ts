/** The command line's notation for partitions: `iid`, `dirichlet:0.5`, `shards:2`, `sizes:5,3,1,1`. */
import { TributaryError } from '../../core/errors.ts';
import { type Partitioner, partitionBySize, partitionDirichlet, partitionIid, partitionShards } from './partition.ts';

/** Errors: CONFIG_INVALID. */
export function parsePartition(text: string): Partitioner {
  const [name, argument, ...rest] = text.split(':');
  const numbers = argument === undefined ? [] : argument.split(',').map(toNumber);
  const [first] = numbers;
  if (rest.length === 0) {
    if (name === 'iid' && argument === undefined) return partitionIid;
    if (name === 'dirichlet' && numbers.length === 1 && isPositive(first)) return partitionDirichlet(first);
    if (name === 'shards' && numbers.length === 1 && isPositive(first) && Number.isInteger(first)) {
      return partitionShards(first);
    }
    if (name === 'sizes' && numbers.length > 0 && numbers.every(isPositive)) return partitionBySize(numbers);
  }
  throw new TributaryError(
    'CONFIG_INVALID',
    `partition: "${text}" is not one of iid, dirichlet:<alpha above 0>, shards:<whole number above 0>, sizes:<size>,<size>,….`,
    { args: { field: 'partition', value: text } },
  );
}

function toNumber(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

function isPositive(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value) && value > 0;
}
