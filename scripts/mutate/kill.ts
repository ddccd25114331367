/** Which mutants the tests tell from the original. */
import type { Mutant } from './mutants.ts';
import { Worker } from './pool.ts';
import type { Recorded } from './protocol.ts';
import { original } from './schemata.ts';

export interface Verdict {
  mutant: Mutant;
  outcome: 'killed' | 'timeout' | 'survived' | 'unreached';
  /** The test that failed. */
  by?: string;
}

/** So many of the tests that killed the last mutants of a file go first. */
const firstTests = 12;
/** Tests run in turns of so much of their usual time: the first failure ends all. */
const turnMilliseconds = 5_000;
/** Recording takes much memory: after so many tests a worker may be replaced. */
const testsPerPart = 12;
const recordingMilliseconds = 3_600_000;
const solidityMilliseconds = 300_000;

export class Killers {
  readonly #workers: Worker[];
  readonly #budgetMilliseconds: number;
  #tests: Recorded[] = [];
  #reaching = new Map<number, number[]>();
  /** Tests that killed mutants of a file, the latest first. */
  #killers = new Map<string, number[]>();

  /** @param budgetSeconds How much of the tests' usual time one mutant may take. */
  constructor(files: string[], jobs: number, budgetSeconds: number) {
    this.#budgetMilliseconds = 1000 * budgetSeconds;
    this.#workers = Array.from({ length: jobs }, () => new Worker(files));
  }

  /** Runs every test once without a mutant. @returns those that fail all the same: they judge nothing. */
  async record(): Promise<{ count: number; failing: string[]; seconds: number }> {
    const startedAt = Date.now();
    const all = (await this.#workers[0]!.ready())!;
    const waiting = partsOf(all.map(({ file }) => file));
    await this.#inParallel(async (worker) => {
      for (let tests = waiting.shift(); tests !== undefined; tests = waiting.shift()) {
        const reply = await worker.ask({ kind: 'record', tests }, recordingMilliseconds);
        if (reply?.kind !== 'recorded')
          throw new Error(`A worker ended while it ran ${all[tests[0]!]!.file} without a mutant.`);
        for (const recorded of reply.tests) this.#tests[recorded.test] = recorded;
      }
    });
    for (const { test, reached, passed } of this.#tests) {
      for (const id of passed ? reached : []) this.#reaching.set(id, [...(this.#reaching.get(id) ?? []), test]);
    }
    const failing = this.#tests.filter(({ passed }) => !passed).map(({ title }) => title);
    return { count: this.#tests.length, failing, seconds: (Date.now() - startedAt) / 1000 };
  }

  async judge(mutants: Mutant[], report: (verdict: Verdict) => void): Promise<Verdict[]> {
    const waiting = [...mutants];
    const verdicts: Verdict[] = [];
    await this.#inParallel(async (worker) => {
      for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
        const verdict = await this.#judgeOne(worker, mutant);
        verdicts.push(verdict);
        report(verdict);
      }
    });
    return verdicts;
  }

  async #judgeOne(worker: Worker, mutant: Mutant): Promise<Verdict> {
    const reaching = this.#reaching.get(mutant.id) ?? [];
    if (reaching.length === 0) return { mutant, outcome: 'unreached' };
    const killers = this.#killers.get(mutant.file) ?? [];
    for (const tests of this.#inTurn(reaching, killers)) {
      const reply = await worker.ask({ kind: 'run', mutant: mutant.id, tests }, 60_000 + 4 * this.#usual(tests));
      if (reply?.kind !== 'ran') return { mutant, outcome: 'timeout' };
      if (!reply.failed) continue;
      if (reply.killer === undefined) return { mutant, outcome: 'killed', by: 'a hook' };
      this.#killers.set(mutant.file, [reply.killer, ...killers.filter((test) => test !== reply.killer)]);
      return { mutant, outcome: 'killed', by: this.#tests[reply.killer]!.title };
    }
    return { mutant, outcome: 'survived' };
  }

  /** What killed neighbours, then what is most about it: the tests that reach the fewest mutants. Up to the budget of time. */
  #inTurn(reaching: number[], killers: number[]): number[][] {
    const first = killers.filter((test) => reaching.includes(test)).slice(0, firstTests);
    const rest = reaching.filter((test) => !first.includes(test));
    rest.sort((a, b) => this.#tests[a]!.reached.length - this.#tests[b]!.reached.length);
    const turns = first.length === 0 ? [] : [first];
    let turn: number[] = [];
    let spent = 0;
    for (const test of rest) {
      if (spent > this.#budgetMilliseconds) break;
      spent += this.#tests[test]!.milliseconds;
      turn.push(test);
      if (this.#usual(turn) < turnMilliseconds) continue;
      turns.push(turn);
      turn = [];
    }
    return turn.length === 0 ? turns : [...turns, turn];
  }

  #usual(tests: number[]): number {
    return tests.reduce((sum, test) => sum + this.#tests[test]!.milliseconds, 0);
  }

  /** Those that are left, against the tests in Solidity. @returns files that fail without a mutant, and judge nothing. */
  async judgeBySolidity(verdicts: Verdict[], filesOf: (mutant: Mutant) => string[]): Promise<string[]> {
    const waiting = verdicts.filter(({ outcome }) => outcome === 'survived' || outcome === 'unreached');
    const failing: string[] = [];
    const files = [...new Set(waiting.flatMap(({ mutant }) => filesOf(mutant)))];
    await this.#inParallel(async (worker) => {
      for (let file = files.shift(); file !== undefined; file = files.shift()) {
        if ((await failsInSolidity(worker, original, [file])) !== 'survived') failing.push(file);
      }
    });
    await this.#inParallel(async (worker) => {
      for (let verdict = waiting.shift(); verdict !== undefined; verdict = waiting.shift()) {
        const judges = filesOf(verdict.mutant).filter((file) => !failing.includes(file));
        if (judges.length === 0) continue;
        const outcome = await failsInSolidity(worker, verdict.mutant.id, judges);
        if (outcome !== 'survived') Object.assign(verdict, { outcome, by: 'tests in Solidity' });
      }
    });
    return failing;
  }

  async #inParallel(work: (worker: Worker) => Promise<void>): Promise<void> {
    await Promise.all(this.#workers.map(work));
  }

  end(): void {
    for (const worker of this.#workers) worker.end();
  }
}

async function failsInSolidity(worker: Worker, mutant: number, files: string[]): Promise<Verdict['outcome']> {
  const reply = await worker.ask({ kind: 'solidity', mutant, files }, solidityMilliseconds);
  if (reply?.kind !== 'ran') return 'timeout';
  return reply.failed ? 'killed' : 'survived';
}

/** Neighbours in one file, so that what a file prepares once is seldom prepared twice. */
function partsOf(files: string[]): number[][] {
  const parts: number[][] = [];
  for (const [test, file] of files.entries()) {
    const last = parts.at(-1);
    if (last !== undefined && last.length < testsPerPart && files[last[0]!] === file) last.push(test);
    else parts.push([test]);
  }
  return parts;
}
