/**
 * `npm test`: the contracts are compiled, compared with what the client holds of them, and tested; beside that all other tests run, which need
 * no compiler.
 * What a part says is shown when it has ended; the first that fails ends its lane, and the exit code is 1.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { globSync } from 'node:fs';

type Part = readonly [command: string, ...args: string[]];

/** Those that take long begin first: none is left alone at the end. */
const longest = ['simulator', 'integration', 'evaluator'].map((folder) => `test/${folder}/*.test.ts`);
const inOrder = [...longest, 'test/**/*.test.ts'].flatMap((pattern) => globSync(pattern).sort());
const files = [...new Set(inOrder)].filter((file) => !file.startsWith('test/contracts/'));

const lanes: readonly (readonly Part[])[] = [
  [
    ['node', 'scripts/build-contracts.ts', '--check'],
    ['hardhat', 'test', 'solidity'],
    ['hardhat', 'test', 'mocha', '--no-compile'],
  ],
  [['mocha', '--parallel', '--jobs', '2', ...files]],
];

const running = new Set<ChildProcess>();

/** Without the many files. */
function nameOf(part: Part): string {
  return part.filter((word) => !word.endsWith('.test.ts')).join(' ');
}

/** Answers whether it succeeded. Each leads a group of its own, so that nothing it starts outlives it. */
async function run([command, ...args]: Part): Promise<boolean> {
  const startedAt = performance.now();
  const child = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => said.push(data));
  const code = await new Promise((resolve) => child.once('close', resolve).once('error', resolve));
  running.delete(child);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  process.stdout.write(
    `${Buffer.concat(said)}\n${nameOf([command, ...args])}: ${code === 0 ? 'passed' : 'FAILED'} in ${seconds} s\n`,
  );
  return code === 0;
}

async function runLane(parts: readonly Part[]): Promise<boolean> {
  for (const part of parts) if (!(await run(part))) return false;
  return true;
}

/** Time for the tests to end what they have started. */
const graceMs = 5000;

function endAll(signal: NodeJS.Signals): void {
  for (const { pid } of running) {
    try {
      process.kill(-pid!, signal);
    } catch {
      // it has ended meanwhile
    }
  }
}
process.once('exit', () => endAll('SIGKILL'));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    endAll('SIGTERM');
    setTimeout(() => process.exit(130), graceMs);
  });
}

const passed = await Promise.all(lanes.map(runLane));
process.exitCode = passed.every(Boolean) ? 0 : 1;
