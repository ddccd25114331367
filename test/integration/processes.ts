/** Roles as separate operating-system processes, with what they say. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NodeEvent, Role } from '../../client/node/report.ts';

export interface RoleProcess {
  readonly child: ChildProcess;
  readonly events: NodeEvent[];
  readonly stderr: () => string;
  /** Settles when an event fits; fails when the process ends before, or after a minute. */
  event<E extends NodeEvent['event']>(
    name: E,
    fits?: (event: Extract<NodeEvent, { event: E }>) => boolean,
  ): Promise<Extract<NodeEvent, { event: E }>>;
  /** The exit code, once it has ended. */
  ended: Promise<number | null>;
  kill(signal?: NodeJS.Signals): Promise<void>;
}

const patienceMs = 60_000;

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'tributary-run-'));
}

export function startRole(
  role: Role | 'adversary',
  args: readonly string[],
  env: Record<string, string> = {},
): RoleProcess {
  const main = fileURLToPath(new URL(`../../client/${role}/main.ts`, import.meta.url));
  const child = spawn(process.execPath, [main, '--json', ...args], { env: { ...process.env, ...env } });
  const events: NodeEvent[] = [];
  const waiting = new Set<() => void>();
  let stderr = '';
  let buffer = '';
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  child.stdout.on('data', (data) => {
    buffer += data;
    const lines = buffer.split('\n');
    buffer = lines.pop()!;
    for (const line of lines) events.push(JSON.parse(line) as NodeEvent);
    for (const check of waiting) check();
  });
  const ended = once(child, 'close').then(([code]) => {
    for (const check of waiting) check();
    return code as number | null;
  });
  return {
    child,
    events,
    stderr: () => stderr,
    ended,
    event(name, fits = () => true) {
      return new Promise((resolve, reject) => {
        const stop = () => {
          clearTimeout(timer);
          waiting.delete(check);
        };
        const said = () => `${role} said: ${JSON.stringify(events.slice(-5))} ${stderr}`;
        const timer = setTimeout(() => {
          stop();
          reject(new Error(`No event ${name} within a minute. ${said()}`));
        }, patienceMs);
        const check = () => {
          const found = events.find((event) => event.event === name && fits(event as never));
          if (found !== undefined) {
            stop();
            resolve(found as never);
          } else if (child.exitCode !== null || child.signalCode !== null) {
            stop();
            reject(new Error(`The process ended before an event ${name}. ${said()}`));
          }
        };
        waiting.add(check);
        check();
      });
    },
    async kill(signal = 'SIGKILL') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
    },
  };
}
