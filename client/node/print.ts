/** Events on standard output, one a line: as JSON for programs, as sentences for people. */
import { redactAll } from '../core/redact.ts';
import { describeEvent } from '../participant/describeEvent.ts';
import type { NodeEvent } from '../participant/events.ts';

/** `at` is the wall clock, in seconds since 1970. */
export function reportJson(event: NodeEvent): void {
  process.stdout.write(`${JSON.stringify({ at: Date.now() / 1000, ...redactAll(event) })}\n`);
}

export function reportText(event: NodeEvent): void {
  const sentence = describeEvent(event);
  if (sentence !== undefined) process.stdout.write(`${new Date().toISOString().slice(11, 19)}  ${sentence}\n`);
}
