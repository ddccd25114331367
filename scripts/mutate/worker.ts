/** Runs tests against one mutant after the other in one process: what is loaded once need not be loaded again. */
import { relative } from 'node:path';
import process from 'node:process';
import hre from 'hardhat';
import Mocha, { type Hook, type Suite, type Test } from 'mocha';
import { root } from './compiler.ts';
import type { Recorded, Reply, Request } from './protocol.ts';
import { original, recording, reportedBy } from './schemata.ts';

let active = original;
/** Who is credited with what the chain reports. */
let credited: Set<number> | undefined;

const addressOf = (mutant: number) => `0x${mutant.toString(16).padStart(40, '0')}`;

hre.hooks.registerHandlers('network', {
  newConnection: async (context, next) => {
    const connection = await next(context);
    await connection.provider.request({ method: 'hardhat_setCoinbase', params: [addressOf(active)] });
    return connection;
  },
});

/** The garbage collector does not see how large a chain is that no test holds any more. */
function collectChains(): void {
  globalThis.gc?.();
}

const coverage = {
  onCoverageData: async (_: unknown, tags: string[]) => {
    for (const tag of tags) for (const mutant of reportedBy(Number(`0x${tag}`))) credited?.add(mutant);
  },
};

function silent(): void {}

const mocha = new Mocha({ ...hre.config.test.mocha, reporter: silent as never });
mocha.cleanReferencesAfterRun(false);
// files from the command line; what a test leaves behind when it fails must not end the worker
for (const file of process.argv.slice(2)) mocha.addFile(file);
process.on('unhandledRejection', silent);
await mocha.loadFilesAsync();

const suites: { suite: Suite; own: Test[] }[] = [];
collect(mocha.suite);
const tests = suites.flatMap(({ own }) => own);
const numberOf = new Map(tests.map((test, index) => [test, index]));

function collect(suite: Suite): void {
  suites.push({ suite, own: suite.tests });
  for (const child of suite.suites) collect(child);
}

function choose(numbers: number[]): void {
  const chosen = new Set(numbers.map((number) => tests[number]!));
  for (const { suite, own } of suites) suite.tests = own.filter((test) => chosen.has(test));
}

async function record(numbers: number[]): Promise<Reply> {
  choose(numbers);
  active = recording;
  mocha.bail(false);
  const reachedBy = new Map<Test | Suite, Set<number>>();
  const credit = (to: Test | Suite) => {
    credited = reachedBy.get(to) ?? new Set();
    reachedBy.set(to, credited);
  };
  hre.hooks.registerHandlers('network', coverage);
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => resolve());
    runner.on('test', credit).on('test end', collectChains);
    runner.on('hook', (hook: Hook) => {
      if (hook.title.startsWith('"before all"')) credit(hook.parent!);
    });
  });
  hre.hooks.unregisterHandlers('network', coverage);
  return { kind: 'recorded', tests: numbers.map((number) => recorded(number, reachedBy)) };
}

function recorded(number: number, reachedBy: Map<Test | Suite, Set<number>>): Recorded {
  const test = tests[number]!;
  const reached = new Set(reachedBy.get(test));
  for (let suite = test.parent; suite; suite = suite.parent) {
    for (const mutant of reachedBy.get(suite) ?? []) reached.add(mutant);
  }
  return {
    test: number,
    title: test.fullTitle(),
    milliseconds: test.duration ?? 0,
    passed: test.state === 'passed',
    reached: [...reached],
  };
}

async function run(mutant: number, numbers: number[]): Promise<Reply> {
  choose(numbers);
  active = mutant;
  mocha.bail(true);
  let killer: number | undefined;
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.on('test end', collectChains).on('fail', (test: Test) => {
      killer ??= numberOf.get(test);
    });
  });
  return { kind: 'ran', failed: failures > 0, ...(killer !== undefined && { killer }) };
}

/** Hardhat's own tests in Solidity; their chain pays the same address. */
async function runSolidity(mutant: number, files: string[]): Promise<Reply> {
  hre.config.test.solidity.profiles.default!.coinbase = addressOf(mutant);
  try {
    const task = hre.tasks.getTask(['test', 'solidity']);
    const result = (await task.run({ testFiles: files, noCompile: true })) as { success: boolean };
    return { kind: 'ran', failed: !result.success };
  } catch {
    return { kind: 'ran', failed: true };
  }
}

const answer = (reply: Reply) => process.send!({ ...reply, bytes: process.memoryUsage.rss() });

process.on('message', async (request: Request) => {
  if (request.kind === 'record') answer(await record(request.tests));
  else if (request.kind === 'run') answer(await run(request.mutant, request.tests));
  else answer(await runSolidity(request.mutant, request.files));
});
// the command is gone: so is the worker
process.on('disconnect', () => process.exit());
answer({ kind: 'ready', tests: tests.map((test) => ({ file: relative(root, test.file ?? '') })) });
