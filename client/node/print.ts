/** Events on standard output, one a line: as JSON for programs, as sentences for people. */
import { fstatSync, writeSync } from 'node:fs';
import { redactAll } from '../core/redact.ts';
import { describeEvent } from '../participant/describeEvent.ts';
import type { NodeEvent } from '../participant/events.ts';
import { diskFailureCode } from '../storage/diskFailure.ts';

/** `at` is the wall clock, in seconds since 1970. */
export function reportJson(event: NodeEvent): void {
  writeLine(JSON.stringify({ at: Date.now() / 1000, ...redactAll(event) }));
}

export function reportText(event: NodeEvent): void {
  const sentence = describeEvent(event);
  if (sentence !== undefined) writeLine(`${new Date().toISOString().slice(11, 19)}  ${sentence}`);
}

let output: { isFile: boolean } | undefined;

/** A log on a full disk ends no process: lines are lost until there is room. */
function writeLine(line: string): void {
  output ??= { isFile: fstatSync(process.stdout.fd).isFile() };
  if (!output.isFile) {
    process.stdout.write(`${line}\n`);
    return;
  }
  try {
    writeSync(process.stdout.fd, `${line}\n`);
  } catch (error) {
    if (diskFailureCode(error) === undefined) throw error;
  }
}
