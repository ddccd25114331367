/** Roles as separate operating-system processes, with what they say. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileCacheFolder } from '../../client/node/compileCache.ts';
import type { NodeEvent, Role } from '../../client/participant/events.ts';
import { endGroup, hasEnded, spawnGroup } from '../processGroup.ts';

export interface RoleProcess {
  readonly role: Role | 'adversary';
  readonly child: ChildProcess;
  readonly events: NodeEvent[];
  readonly stderr: () => string;
  /** Settles when an event fits; fails when the process ends before, or when no process has said anything for a long time. */
  event<E extends NodeEvent['event']>(
    name: E,
    fits?: (event: Extract<NodeEvent, { event: E }>) => boolean,
  ): Promise<Extract<NodeEvent, { event: E }>>;
  /** Settles when it has looked at the newest block, several times from now on, and found nothing to do. */
  rests(): Promise<void>;
  /** The exit code, once it has ended. */
  ended: Promise<number | null>;
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** For which nothing happens only where nothing will; far more than the slowest machine needs for one step. */
const patienceMs = 300_000;
let heardAt = Date.now();

/** Of `tributary start`: a federation of as few as make one. */
export const fewProcesses = ['--trainers', '2', '--evaluators', '1', '--aggregators', '1'];

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'tributary-run-'));
}

const leash = fileURLToPath(new URL('../../client/localnet/leash.ts', import.meta.url));
/** Compiled code is kept: processes start in half the time. */
const compileCache = compileCacheFolder();

export function startRole(
  role: Role | 'adversary',
  args: readonly string[],
  env: Record<string, string> = {},
): RoleProcess {
  const main = fileURLToPath(new URL(`../../client/${role}/main.ts`, import.meta.url));
  const child = spawnGroup(process.execPath, ['--import', leash, main, '--json', ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { NODE_COMPILE_CACHE: compileCache, ...process.env, ...env },
  });
  const events: NodeEvent[] = [];
  const waiting = new Set<() => void>();
  let stderr = '';
  let buffer = '';
  heardAt = Date.now();
  child.stderr!.on('data', (data) => {
    stderr += data;
  });
  child.stdout!.on('data', (data) => {
    heardAt = Date.now();
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
    role,
    child,
    events,
    stderr: () => stderr,
    ended,
    event(name, fits = () => true) {
      return new Promise((resolve, reject) => {
        const settle = (settled: () => void) => {
          clearInterval(timer);
          waiting.delete(check);
          settled();
        };
        const said = () => `${role} said: ${JSON.stringify(events.slice(-5))} ${stderr}`;
        const check = () => {
          const found = events.find((event) => event.event === name && fits(event as never));
          if (found !== undefined) settle(() => resolve(found as never));
          else if (hasEnded(child)) {
            settle(() => reject(new Error(`The process ended before an event ${name}. ${said()}`)));
          } else if (Date.now() - heardAt > patienceMs) {
            settle(() => reject(new Error(`No event ${name}, and nothing happens any more. ${said()}`)));
          }
        };
        const timer = setInterval(check, 1000);
        waiting.add(check);
        check();
      });
    },
    rests() {
      return new Promise((resolve) => {
        let looks = 0;
        const onMessage = () => {
          if (++looks < 5) return;
          child.off('message', onMessage);
          resolve();
        };
        child.on('message', onMessage);
      });
    },
    async kill(signal = 'SIGKILL') {
      if (!hasEnded(child)) await endGroup(child, signal);
      await ended;
    },
  };
}
