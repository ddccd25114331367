/** `bin/tributary.js` on a Node that is too old, which it is told that it runs on. */
import { expect } from 'chai';
import { type Outcome, tributary } from './tributary.ts';

async function runOn(version: string, ...args: string[]): Promise<Outcome> {
  const fake = `
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });
    Object.defineProperty(process, 'version', { value: 'v${version}' });`;
  const preload = `data:text/javascript,${encodeURIComponent(fake)}`;
  return await tributary(args, {}, undefined, ['--import', preload]);
}

describe('the launcher', () => {
  it('says in one sentence which Node it needs where it runs on an older one', async () => {
    for (const version of ['20.2.9', '18.20.4', '9.11.2']) {
      expect(await runOn(version, '--version')).to.deep.equal({
        code: 1,
        stdout: '',
        stderr: `Tributary needs Node 20.3 or newer, this is v${version}: install a newer one from https://nodejs.org.\n`,
      });
    }
  });

  it('runs on the oldest that will do, and on newer ones', async () => {
    for (const version of ['20.3.0', '21.0.0', '24.21.0']) {
      const { code, stdout, stderr } = await runOn(version, '--version');
      expect({ code, stderr }, version).to.deep.equal({ code: 0, stderr: '' });
      expect(stdout).to.match(/^\d+\.\d+\.\d+\n$/);
    }
  });
});
