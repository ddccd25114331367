/**
 * The processes of a run. Each is its own process group, so that nothing it starts outlives it; each is restarted a few
 * times when it dies, for all it knows is on chain and on its disk.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type ErrorCode, exitCodes, TributaryError } from '../core/errors.ts';
import { compileCacheFolder } from '../node/compileCache.ts';
import { modulePath } from '../node/modulePath.ts';
import type { NodeEvent } from '../participant/events.ts';

export interface ProcessSpec {
  /** As it is shown: `trainer 1`. */
  name: string;
  /** Path of the program, then its arguments. */
  command: readonly string[];
  env?: Record<string, string>;
  /** It ends only when it is told to: nobody waits for it. */
  stays?: boolean;
}

/** An event as a process printed it; `at` is the wall clock in seconds since 1970. */
export type TimedEvent = NodeEvent & { at: number };

export interface Supervisor {
  start(spec: ProcessSpec): void;
  /** A process that is no role: answers with the first line that `ready` accepts; when it ends later, the run fails. */
  startServer(name: string, command: readonly string[], ready: RegExp): Promise<RegExpExecArray>;
  /** Rejects when a process has failed for good. */
  readonly failed: Promise<never>;
  /** Settles when every process that was started with `start` has ended by itself. */
  finished(): Promise<void>;
  /** SIGTERM to all groups, SIGKILL after a grace; settles when nobody is left. */
  stopAll(): Promise<void>;
  /** At once, without waiting: for the moment of exit. */
  killAll(): void;
}

export interface SupervisorOptions {
  onEvent(process: string, event: TimedEvent): void;
  onRestart(process: string, reason: string, attempt: number): void;
  /** It is being started, also once more. */
  onLaunch?(process: string): void;
  /** What it tells besides its events. */
  onMessage?(process: string, message: unknown): void;
  /** It has ended by itself, for good. */
  onEnd?(process: string): void;
}

const mostRestarts = 3;
const graceMs = 6000;
const leash = modulePath(import.meta.url, './leash');
/** Compiled code is kept: processes start a quarter faster. */
const compileCache = compileCacheFolder();

/** What may heal when the process starts again; everything else is a mistake that stays. */
const transientCodes: ReadonlySet<number> = new Set<number>([
  1,
  ...(['CHAIN_UNREACHABLE', 'TRANSACTION_TIMEOUT', 'FOLDER_IN_USE', 'BLOB_UNAVAILABLE'] as const).map(
    (code) => exitCodes[code],
  ),
]);

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { onEvent, onRestart } = options;
  const alive = new Set<ChildProcess>();
  const unfinished = new Set<string>();
  const waiters: (() => void)[] = [];
  let stopping = false;
  let fail: (error: TributaryError) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);

  function spawnLeashed(command: readonly string[], env: Record<string, string> = {}): ChildProcess {
    const child = spawn(process.execPath, ['--import', leash, ...command], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { NODE_COMPILE_CACHE: compileCache, ...process.env, ...env },
    });
    alive.add(child);
    child.once('close', () => alive.delete(child));
    return child;
  }

  function launch(spec: ProcessSpec, attempt: number): void {
    if (stopping) return;
    options.onLaunch?.(spec.name);
    const child = spawnLeashed(spec.command, spec.env);
    child.on('message', (message) => options.onMessage?.(spec.name, message));
    const complaints = lastLines(child);
    let failure: Extract<NodeEvent, { event: 'failed' }> | undefined;
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const event = parseEvent(line);
      if (event === undefined) return;
      if (event.event === 'failed') failure = event;
      onEvent(spec.name, event);
    });
    child.once('close', (code, signal) => {
      if (stopping) return;
      if (code === 0) return finish(spec.name);
      // it is waited for until it runs again
      options.onLaunch?.(spec.name);
      const reason = failure?.message ?? (signal ? `killed by ${signal}` : complaints() || `exit code ${code}`);
      const maybeHeals = signal !== null || transientCodes.has(code ?? 1);
      if (maybeHeals && attempt < mostRestarts) {
        onRestart(spec.name, reason, attempt + 1);
        setTimeout(launch, 500 * 2 ** attempt, spec, attempt + 1);
        return;
      }
      const code_ = (failure?.code ?? 'INVARIANT') as ErrorCode;
      const known = code_ in exitCodes ? code_ : 'INVARIANT';
      fail(new TributaryError(known, `${spec.name}: ${reason}`, { args: { process: spec.name } }));
    });
  }

  function finish(name: string): void {
    options.onEnd?.(name);
    unfinished.delete(name);
    if (unfinished.size === 0) for (const waiter of waiters.splice(0)) waiter();
  }

  function killAll(): void {
    for (const child of alive) signalGroup(child, 'SIGKILL');
  }

  return {
    failed,
    killAll,
    start(spec) {
      if (spec.stays !== true) unfinished.add(spec.name);
      launch(spec, 0);
    },
    startServer(name, command, ready) {
      const child = spawnLeashed(command);
      const complaints = lastLines(child);
      return new Promise((resolve, reject) => {
        createInterface({ input: child.stdout! }).on('line', (line) => {
          const match = ready.exec(line);
          if (match) resolve(match);
        });
        child.once('close', (code) => {
          const reason = complaints() || `exit code ${code}`;
          const error = new TributaryError('CHAIN_UNREACHABLE', `The ${name}'s process ended by itself: ${reason}`);
          reject(error);
          if (!stopping) fail(error);
        });
      });
    },
    finished: () => (unfinished.size === 0 ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve))),
    async stopAll() {
      stopping = true;
      for (const child of alive) signalGroup(child, 'SIGTERM');
      const force = setTimeout(killAll, graceMs);
      await Promise.all([...alive].map((child) => new Promise((resolve) => child.once('close', resolve))));
      clearTimeout(force);
    },
  };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // the group is gone already
  }
}

/** The last lines that the process wrote to stderr. */
function lastLines(child: ChildProcess): () => string {
  const lines: string[] = [];
  createInterface({ input: child.stderr! }).on('line', (line) => {
    lines.push(line);
    if (lines.length > 20) lines.shift();
  });
  return () => lines.join('\n').trim();
}

function parseEvent(line: string): TimedEvent | undefined {
  try {
    const event = JSON.parse(line) as TimedEvent;
    return typeof event.event === 'string' ? event : undefined;
  } catch {
    // a library's own chatter
    return undefined;
  }
}
