import { once } from 'node:events';
import { Command, InvalidArgumentError } from 'commander';
import { startAnvil } from '../localnet/anvil.ts';
import { integer } from '../node/options.ts';
import { action, addJsonOption, print, printJson } from './action.ts';

export function createChainCommand(): Command {
  const command = new Command('chain')
    .description('starts a chain for development on this machine, whose accounts everybody knows, until it is stopped')
    .option('--port <port>', 'where it answers; 0 takes a free one', port, 8545);
  return addJsonOption(command).action(action(runChain));
}

function port(text: string): number {
  const number = integer(text);
  if (number > 65_535)
    throw new InvalidArgumentError('There is no such port: choose one up to 65535, or 0 for a free one.');
  return number;
}

async function runChain({ port, json }: { port: number; json?: boolean }): Promise<void> {
  const { rpcUrl, process: child } = await startAnvil(port);
  process.once('exit', () => child.kill('SIGKILL'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => child.kill('SIGTERM'));
  if (json) printJson({ event: 'chainStarted', rpcUrl });
  else print(`A chain answers at ${rpcUrl}. It forgets everything when it stops.`);
  await once(child, 'exit');
}
