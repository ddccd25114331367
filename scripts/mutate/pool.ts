/** Worker processes, each with all test files loaded. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Reply, Request } from './protocol.ts';
import { environment } from './scratch.ts';

/** A worker that holds more is replaced: chains that tests leave behind take memory. */
const mostBytes = 1.5 * 2 ** 30;

export class Worker {
  readonly #files: string[];
  #process: ChildProcess | undefined;
  #bytes = 0;

  constructor(files: string[]) {
    this.#files = files;
  }

  /** @returns the reply, or undefined where none came in time: the worker is then a new one. */
  async ask(request: Request, limitMilliseconds: number): Promise<Reply | undefined> {
    await this.ready();
    return await new Promise((resolve) => {
      const child = this.#process!;
      const stop = () => {
        clearTimeout(timer);
        child.removeAllListeners();
      };
      const failed = () => {
        stop();
        this.end();
        resolve(undefined);
      };
      const timer = setTimeout(failed, limitMilliseconds);
      child.once('exit', failed);
      child.once('message', (reply: Reply) => {
        stop();
        this.#bytes = reply.bytes ?? 0;
        resolve(reply);
      });
      child.send(request);
    });
  }

  /** @returns the file of each test. */
  async ready(): Promise<{ file: string }[] | undefined> {
    if (this.#process !== undefined && this.#bytes < mostBytes) return undefined;
    this.end();
    this.#bytes = 0;
    const child = fork(join(import.meta.dirname, 'worker.ts'), this.#files, {
      env: environment,
      execArgv: ['--expose-gc', '--import', join(import.meta.dirname, 'mutatedCode.ts')],
      silent: true,
    });
    this.#process = child;
    // what tests print is read and dropped, else they would wait for a reader
    child.stdout?.resume();
    let said = '';
    child.stderr?.on('data', (chunk) => {
      said = (said + chunk).slice(-2000);
    });
    return await new Promise((resolve, reject) => {
      child.once('exit', () => reject(new Error(`A worker could not load the tests: ${said}`)));
      child.once('message', (reply: Reply) => {
        child.removeAllListeners();
        resolve(reply.kind === 'ready' ? reply.tests : []);
      });
    });
  }

  end(): void {
    this.#process?.removeAllListeners();
    this.#process?.kill('SIGKILL');
    this.#process = undefined;
  }
}
