/** A program in a process group of its own, so that nothing it starts outlives it. */
import { type ChildProcess, spawn } from 'node:child_process';

/** A line as a shell takes it, or a program and its arguments. */
export type EngineCommand = string | readonly string[];

/** What of a person's environment no program of others is to see. */
const secrets = ['TRIBUTARY_PRIVATE_KEY', 'TRIBUTARY_PASSWORD'];
const usualGraceMs = 2000;
/** A line that is longer is none. */
const longestLine = 2 ** 24;
/** So much of a line of standard error is heard. */
const longestSaid = 2000;

export interface Hearing {
  onOutput(line: string): void;
  /** Of its standard error. */
  onError(line: string): void;
  /** `problem` continues "The program …". */
  onEnd(problem: string): void;
}

export interface Launched {
  write(line: string): void;
  /** The group, at once. */
  kill(): void;
  /** Its input ends, and after a grace it does. Settles when nothing of it is left; answers whether nobody had to end it. */
  end(isBusy: boolean, graceMs?: number): Promise<boolean>;
}

export function launch(command: EngineCommand, { onOutput, onError, onEnd }: Hearing): Launched {
  const env = { ...process.env };
  for (const name of secrets) delete env[name];
  const options = { detached: true, stdio: 'pipe', env } as const;
  const child: ChildProcess =
    typeof command === 'string'
      ? spawn(command, { ...options, shell: true })
      : spawn(command[0]!, command.slice(1), options);
  let ended = false;
  let lastError = '';
  const closed = new Promise<void>((resolve) => {
    const end = (problem: string) => {
      if (ended) return;
      ended = true;
      process.off('exit', kill);
      onEnd(problem);
      resolve();
    };
    child.once('error', (error: NodeJS.ErrnoException) => end(`cannot be started (${error.code ?? error.message})`));
    child.once('close', (code, signal) => end(describeEnd(code, signal, lastError)));
    child.once('exit', (code, signal) => {
      signalGroup(child, 'SIGKILL'); // what it has started itself, which may hold its output open
      setTimeout(() => end(describeEnd(code, signal, lastError)), usualGraceMs).unref();
    });
  });
  const kill = () => signalGroup(child, 'SIGKILL');
  process.once('exit', kill);
  child.stdin!.on('error', () => undefined); // it has ended, which is said
  readLines(child.stdout!, onOutput);
  readLines(child.stderr!, (line) => {
    lastError = line.slice(0, longestSaid);
    onError(lastError);
  });
  return {
    write: (line) => child.stdin!.write(`${line}\n`),
    kill,
    async end(isBusy, graceMs = usualGraceMs) {
      let byItself = true;
      const terminate = () => {
        byItself = false;
        signalGroup(child, 'SIGTERM');
      };
      child.stdin!.end();
      if (isBusy) terminate();
      const timers = [setTimeout(terminate, graceMs), setTimeout(kill, graceMs + usualGraceMs)];
      await closed;
      for (const timer of timers) clearTimeout(timer);
      return byItself;
    },
  };
}

function describeEnd(code: number | null, signal: string | null, lastError: string): string {
  const said = lastError === '' ? '' : `; it said last: ${lastError}`;
  if (code === 127 || code === 126) return `cannot be started${said}`;
  return `ended by itself (${signal === null ? `exit code ${code}` : signal})${said}`;
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // nobody of it is left
  }
}

function readLines(stream: NodeJS.ReadableStream, hear: (line: string) => void): void {
  let buffer = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = `${buffer}${text}`.split('\n');
    buffer = lines.pop()!;
    if (buffer.length > longestLine) buffer = '';
    for (const line of lines) if (line.trim() !== '') hear(line.trimEnd());
  });
  stream.on('end', () => {
    if (buffer.trim() !== '') hear(buffer.trimEnd());
  });
}
