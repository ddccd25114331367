/** `npm start`: a whole federation on this machine, by one command. */
import { Command } from 'commander';
import { createColors } from 'picocolors';
import { TributaryError } from '../core/errors.ts';
import { redactUrls } from '../core/redact.ts';
import { complaintOf } from '../localnet/attackSummary.ts';
import { addStartOptions, parseStartOptions } from '../localnet/options.ts';
import type { Output } from '../localnet/output.ts';
import { createJsonOutput } from '../localnet/outputJson.ts';
import { createLinesOutput } from '../localnet/outputLines.ts';
import { createTerminalOutput } from '../localnet/outputTerminal.ts';
import { runFederation } from '../localnet/run.ts';
import { runAttacked } from '../localnet/runAttacked.ts';
import { action } from './action.ts';

export function createStartCommand(): Command {
  const command = new Command('start').description(
    'starts a chain and a federation on this machine, and runs its rounds',
  );
  return addStartOptions(command).action(action(start));
}

async function start(given: { json?: boolean }): Promise<void> {
  const options = parseStartOptions(given);
  const stop = new AbortController();
  const onSignal = () => {
    // once more: at once; leaving kills what is left
    if (stop.signal.aborted) process.exit(130);
    stop.abort(new TributaryError('ABORTED', 'Stopped: no process is left.'));
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  // whoever read the output has gone
  process.stdout.on('error', onSignal);
  try {
    const run = options.attack.length > 0 ? runAttacked : runFederation;
    const { attack } = await run(options, createOutput(options.json), stop.signal);
    const complaint = attack && complaintOf(attack);
    if (complaint !== undefined) {
      process.stderr.write(`${complaint}\n`);
      process.exitCode = 1;
    }
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}

function createOutput(json: boolean): Output {
  const write = (text: string) => process.stdout.write(redactUrls(text));
  if (json) return createJsonOutput(write);
  if (process.stdout.isTTY) return createTerminalOutput(process.stdout, createColors(!process.env.NO_COLOR));
  return createLinesOutput(write, createColors(false));
}
