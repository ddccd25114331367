import { Command } from 'commander';
import { addNodeOptions } from '../node/options.ts';
import { runRole } from '../node/process.ts';
import { runAggregator } from './aggregator.ts';

export function createAggregatorCommand(): Command {
  const command = new Command('aggregator').description(
    'verifies the updates of each round and proposes the next model',
  );
  return addNodeOptions(command).action((options: unknown) => runRole('aggregator', options, runAggregator));
}
