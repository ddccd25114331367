/** A federation whose trainers and evaluator are programs, in which one dies in the middle of a round: by one command, to its end. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { RunSummary } from '../../client/localnet/summary.ts';
import { createLayout } from '../../client/training/layout.ts';
import { floatsOf, floatTensorsOf, readSafetensors, writeSafetensors } from '../../client/training/safetensors.ts';
import { spawnGroup } from '../processGroup.ts';
import { fewProcesses } from './processes.ts';

const launcher = fileURLToPath(new URL('../../bin/tributary.js', import.meta.url));
const program = fileURLToPath(new URL('../training/process/program.js', import.meta.url));
const layout = createLayout([{ name: 'weight', shape: [70] }]);
const steps = { name: 'steps', dtype: 'I64', shape: [], bytes: new Uint8Array(8) } as const;

describe('a federation of programs', () => {
  it('trains, scores and exports named tensors; what a program that died did not do is done by the next', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-programs-'));
    const file = join(folder, 'start.safetensors');
    writeFileSync(file, writeSafetensors([steps, ...floatTensorsOf(layout, new Float32Array(70).fill(200))]));
    const engine = `process:'${process.execPath}' '${program}' --target 200.5 --fault dies --once '${join(folder, 'died')}'`;
    const sizes = [...fewProcesses, '--watchtowers', '1', '--rounds', '2'];
    const args = ['start', '--json', '--folder', join(folder, 'run'), '--model', file, '--engine', engine, ...sizes];
    const child = spawnGroup(process.execPath, [launcher, ...args]);
    let output = '';
    child.stdout!.on('data', (data) => {
      output += data;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    const lines = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; [field: string]: unknown });
    expect(code, JSON.stringify(lines.at(-1))).to.equal(0);
    const summary = lines.at(-1) as unknown as RunSummary;
    expect(summary.perRound.map(({ updates, final }) => [updates, final])).to.deep.equal([
      [2, true],
      [2, true],
    ]);
    const retried = lines.filter(({ event }) => event === 'retrying').map(({ reason }) => reason);
    expect(retried.filter((reason) => /ended by itself \(exit code 3\)/.test(String(reason)))).to.have.length(1);
    expect(lines.find(({ event }) => event === 'model')!.changes).to.deep.equal([
      'Frozen, since they hold no floating numbers: steps (I64).',
    ]);
    expect(lines.filter(({ event, metrics }) => event === 'trained' && metrics !== undefined)).to.have.length(4);
    expect(lines.some(({ event }) => event === 'scored')).to.equal(true);
    expect(summary.heldOutSamples).to.equal(10);
    // half of the way twice, and no more than a step of an update in its unit; exported in the tensor's own units
    const [kept, weight] = readSafetensors(readFileSync(summary.model.safetensors), 'It');
    expect(kept).to.deep.equal(steps);
    expect(floatsOf(weight!)[0]).to.be.closeTo(200.375, 0.01);
    expect(summary.model.onnx).to.equal(undefined);
    const left = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n');
    expect(left.filter((line) => line.includes(folder))).to.deep.equal([]);
  });
});
