import { execFile, spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { endGroup, spawnGroup } from './processGroup.ts';

const module = new URL('./processGroup.ts', import.meta.url).href;
/** Starts a process of its own, and says which. */
const shell = ['-c', 'sleep 1000 & echo $!; wait'];

/** One that nobody has waited for yet is gone all the same. */
function runs(pid: number): boolean {
  const state = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
  return state !== '' && !state.startsWith('Z');
}

async function isGone(pid: number): Promise<void> {
  while (runs(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('processes that tests start', () => {
  it('end with what they have started', async () => {
    const child = spawnGroup('sh', shell, { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await new Promise<number>((resolve) => child.stdout!.once('data', (text) => resolve(Number(text))));
    expect(runs(pid)).to.equal(true);
    await endGroup(child);
    await isGone(pid);
  });

  it('end with a test process that fails', async () => {
    const program = `
      import { spawnGroup } from '${module}';
      const child = spawnGroup('sh', ${JSON.stringify(shell)}, { stdio: ['ignore', 'pipe', 'inherit'] });
      child.stdout.once('data', (pid) => { console.log(String(pid)); throw new Error('the test fails'); });`;
    const pid = await new Promise<number>((resolve) => {
      execFile(process.execPath, ['--input-type=module', '-e', program], (error, stdout) => {
        expect(error).not.to.equal(null);
        resolve(Number(stdout));
      });
    });
    expect(pid).to.be.above(0);
    await isGone(pid);
  });
});
