/** A run with faults staged in it, and before it the same without, so that one sees what they change. */
import { join } from 'node:path';
import type { StartOptions } from './options.ts';
import type { Output } from './output.ts';
import { newRunFolder, runFederation } from './run.ts';
import type { RunSummary } from './summary.ts';

/** Errors: as `runFederation`. */
export async function runAttacked(options: StartOptions, output: Output, signal: AbortSignal): Promise<RunSummary> {
  const folder = options.folder ?? newRunFolder();
  const honestOptions = { ...options, attack: [], keep: false, folder: join(folder, 'honest') };
  const honest = options.compare ? await runFederation(honestOptions, onlyAccuracy(output), signal) : undefined;
  return await runFederation({ ...options, folder }, output, signal, honest);
}

function onlyAccuracy(output: Output): Output {
  return {
    expect() {},
    run(event) {
      if (event.event === 'evaluated') output.run({ ...event, event: 'compared' });
    },
    process() {},
    rounds() {},
    summary() {},
    close() {},
  };
}
