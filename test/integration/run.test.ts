/** The main job, for real: one command, a chain, six processes, two rounds, and nothing left behind. */
import { type ChildProcess, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { readCheckpoint } from '../../client/actions/checkpoint.ts';
import { exitCodes } from '../../client/core/errors.ts';
import type { RunSummary } from '../../client/localnet/summary.ts';
import { readModel } from '../../client/training/onnx/read.ts';
import { spawnGroup } from '../processGroup.ts';

const launcher = fileURLToPath(new URL('../../bin/tributary.js', import.meta.url));

interface Line {
  event: string;
  process?: string;
  [field: string]: unknown;
}

interface Run {
  child: ChildProcess;
  lines: Line[];
  ended: Promise<number | null>;
  folder: string;
}

function start(args: readonly string[]): Run {
  const folder = join(mkdtempSync(join(tmpdir(), 'tributary-start-')), 'run');
  const options = ['--json', '--folder', folder, '--trainers', '3', '--aggregators', '2', '--model', 'logistic'];
  const child = spawnGroup(process.execPath, [launcher, 'start', ...options, ...args]);
  const lines: Line[] = [];
  let buffer = '';
  child.stdout!.on('data', (data) => {
    const parts = `${buffer}${data}`.split('\n');
    buffer = parts.pop()!;
    for (const part of parts) lines.push(JSON.parse(part) as Line);
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, lines, ended, folder };
}

async function seen({ lines, child }: Run, name: string): Promise<Line> {
  for (;;) {
    const line = lines.find(({ event }) => event === name);
    if (line !== undefined) return line;
    expect(child.exitCode, `ended without ${name}: ${JSON.stringify(lines.at(-1))}`).to.equal(null);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Processes whose command line names the run's folder; the chain's node does not, so its address is asked too. */
function leftovers(folder: string): string[] {
  const processes = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n');
  return processes.filter((line) => line.includes(folder));
}

async function chainAnswers(rpcUrl: string): Promise<boolean> {
  return await fetch(rpcUrl).then(
    () => true,
    () => false,
  );
}

describe('the main job', () => {
  it('runs its rounds, sums them up, exports the model and leaves no process', async () => {
    const run = start(['--rounds', '2']);
    expect(await run.ended, JSON.stringify(run.lines.at(-1))).to.equal(0);

    const summary = run.lines.at(-1) as unknown as RunSummary & { event: string };
    expect(summary).to.include({ event: 'summary', rounds: 2, trainers: 3, aggregators: 2, watchtowers: 1 });
    expect(summary.accuracy).to.have.lengthOf(2);
    expect(summary.accuracy[1]).to.be.above(0.8);
    expect(summary.perRound.map(({ round }) => round)).to.deep.equal([1, 2]);
    for (const round of summary.perRound) {
      expect(round).to.include({ updates: 3, final: true });
      expect(round.verifiedBy, 'every proposal is recomputed').to.deep.equal(['watchtower 1']);
      expect(round.proposer).to.match(/^aggregator [12]$/);
      expect(round.trainingSeconds).to.be.above(0).and.at.most(round.seconds);
      expect(round.gas).to.be.above(3 * round.gasPerSubmission);
    }
    expect(summary.wallSeconds).to.be.above(summary.trainingSeconds);
    expect(summary.overheadShare).to.be.within(0, 1);
    expect(summary.gasPerSubmission).to.be.within(21_000, 60_000);
    // 784 × 10 weights and 10 biases: 123 chunks of 64 coordinates, two bytes each
    expect(summary).to.include({ dimension: 7850, bytesPerUpdate: 123 * 128 });

    expect(run.lines.map(({ event }) => event)).not.to.include('unscored');
    expect(summary.rewards.finalRound).to.equal(2);
    const paid = Number(summary.rewards.paidGwei);
    expect(paid, 'the fees of the aggregators at least').to.be.within(20_000_000_000, 200_000_000_000);
    const earned = summary.rewards.earned.reduce((sum, { gwei }) => sum + Number(gwei), 0);
    // shares are rounded down
    expect(earned).to.be.within(paid - 100, paid);

    const trainers = new Set(run.lines.filter(({ event }) => event === 'trained').map((line) => line.process));
    expect(trainers).to.deep.equal(new Set(['trainer 1', 'trainer 2', 'trainer 3']));
    const checkpoint = readCheckpoint(readFileSync(summary.model.checkpoint, 'utf8'));
    expect(checkpoint).to.include({ round: 2, modelRoot: summary.modelRoot, modelCid: summary.modelCid });
    expect(readModel(new Uint8Array(readFileSync(summary.model.onnx!))).initializers.size).to.equal(2);
    expect(readFileSync(summary.model.safetensors).length).to.be.above(7850 * 4);

    expect(leftovers(run.folder)).to.deep.equal([]);
    expect(await chainAnswers(summary.rpcUrl)).to.equal(false);
  });

  it('starts a process again that was killed, and ends by a signal with nothing left behind', async () => {
    const run = start(['--rounds', '1000']);
    const { rpcUrl } = (await seen(run, 'chainStarted')) as unknown as { rpcUrl: string };
    await seen(run, 'evaluated');
    const victim = leftovers(run.folder).find((line) => line.includes('trainer/main.ts'))!;
    process.kill(Number.parseInt(victim, 10), 'SIGKILL');
    const restarted = await seen(run, 'restarted');
    const submitsAgain = () =>
      run.lines
        .slice(run.lines.indexOf(restarted))
        .some(({ event, process: name }) => event === 'submitted' && name === nameOf(victim));
    // rounds may have gone on without it meanwhile: it joins again
    while (!submitsAgain()) {
      expect(run.child.exitCode).to.equal(null);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }

    run.child.kill('SIGTERM');
    expect(await run.ended).to.equal(exitCodes.ABORTED);
    expect(leftovers(run.folder)).to.deep.equal([]);
    expect(await chainAnswers(rpcUrl)).to.equal(false);
  });

  it('whose starter is killed without a chance to clean up leaves nothing behind either', async () => {
    const run = start(['--rounds', '1000']);
    const { rpcUrl } = (await seen(run, 'chainStarted')) as unknown as { rpcUrl: string };
    await seen(run, 'joined');
    run.child.kill('SIGKILL');
    await run.ended;
    while (leftovers(run.folder).length > 0 || (await chainAnswers(rpcUrl))) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
});

/** `… --data <folder>/trainer-2 …` as `trainer 2`. */
function nameOf(processLine: string): string {
  return /(trainer)-(\d+)/.exec(processLine)!.slice(1).join(' ');
}
