import { Command } from 'commander';
import { addNodeOptions } from '../node/options.ts';
import { runRole } from '../node/process.ts';
import { runWatchtower } from './watchtower.ts';

export function createWatchtowerCommand(): Command {
  const command = new Command('watchtower').description(
    'recomputes every proposal and reward statement, and proves on chain what is wrong',
  );
  return addNodeOptions(command).action((options: unknown) => runRole('watchtower', options, runWatchtower));
}
