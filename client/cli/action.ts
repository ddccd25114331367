/** What every command but the roles does alike. */
import type { Command } from 'commander';
import { redactAll, redactUrls } from '../core/redact.ts';
import { reportJson } from '../node/print.ts';
import { fail } from '../node/process.ts';

/** Runs the command; failures become one sentence, or with --json one event, and an exit code of their own. */
export function action<O extends { json?: boolean | undefined }>(run: (options: O) => Promise<void>) {
  return async (options: O): Promise<void> => {
    try {
      await run(options);
    } catch (error) {
      process.exitCode = fail(error, options.json === true ? reportJson : undefined);
    }
  };
}

export function printJson(value: object): void {
  process.stdout.write(`${JSON.stringify(redactAll(value))}\n`);
}

export function print(text: string): void {
  process.stdout.write(`${redactUrls(text)}\n`);
}

export function addJsonOption(command: Command): Command {
  return command.option('--json', 'print JSON, for programs');
}
