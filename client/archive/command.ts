import { Command } from 'commander';
import { addProcessOptions, retention } from '../node/options.ts';
import { runRole } from '../node/process.ts';
import { runArchive } from './archive.ts';

/** `tributary archive` runs the process; the command line adds what looks at its folder. */
export function createArchiveCommand(): Command {
  const run = new Command('run')
    .description('runs the archive (what `tributary archive` does by itself)')
    .option(
      '--keep <rounds>',
      'final rounds that are kept: a number, a time such as 36h or 365d, or all',
      retention,
      'all',
    );
  addProcessOptions(run).action(({ keep, ...options }: { keep: number | string }) =>
    runRole('archive', { ...options, keepUpdates: keep }, runArchive),
  );
  return new Command('archive')
    .description('keeps what every final round was made from, and serves it; it needs neither stake nor key')
    .addCommand(run, { isDefault: true });
}
