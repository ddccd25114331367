/** A role as a process: options in, events out, one exit code for each kind of failure. */
import type { Command } from 'commander';
import { TributaryError } from '../core/errors.ts';
import { redactUrls } from '../core/redact.ts';
import { openNode } from '../node/openNode.ts';
import { reportJson, reportText } from '../node/print.ts';
import type { Report, Role } from '../participant/events.ts';
import type { Participant } from '../participant/participant.ts';
import { type NodeOptions, parseNodeOptions } from './options.ts';

/** Runs until done, failed, or told to stop by SIGINT or SIGTERM; a second signal ends the process at once. */
export async function runRole(
  role: Role,
  options: unknown,
  run: (node: Participant) => Promise<string>,
): Promise<void> {
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort(new TributaryError('ABORTED', 'Stopped by a signal.'));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const json = (options as { json?: boolean }).json === true;
  const report = json ? reportJson : reportText;
  let node: Participant | undefined;
  try {
    const parsed: NodeOptions = parseNodeOptions(options);
    node = await openNode(role, parsed, report, stop.signal);
    const reason = await run(node);
    report({ event: 'stopped', reason: stop.signal.aborted ? 'told to' : reason });
  } catch (error) {
    if (stop.signal.aborted) report({ event: 'stopped', reason: 'told to' });
    else process.exitCode = fail(error, json ? reportJson : undefined);
  } finally {
    await node?.close();
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

/** Says what failed, in one sentence on stderr or as the last event, and gives the exit code. */
export function fail(error: unknown, report?: Report): number {
  const known = error instanceof TributaryError;
  const unforeseen = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const message = known ? error.message : `An unforeseen failure: ${redactUrls(unforeseen)}`;
  const exitCode = known ? error.exitCode : 1;
  if (report) report({ event: 'failed', code: known ? error.code : 'UNFORESEEN', message, exitCode });
  else process.stderr.write(`${message}\n`);
  return exitCode;
}

/** For `main.ts` of a role. */
export async function runCommand(command: Command): Promise<void> {
  command.exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : 2);
  });
  hideCredentials(command);
  try {
    await command.parseAsync();
  } catch (error) {
    process.exitCode = fail(error);
  }
  // engines and sockets of libraries may keep the process alive
  setTimeout(() => process.exit(), 2000).unref();
}

/** What is wrong with a command line quotes it. */
function hideCredentials(command: Command): void {
  command.configureOutput({ writeErr: (text) => process.stderr.write(redactUrls(text)) });
  command.commands.forEach(hideCredentials);
}
