/** Hardhat's way to deploy: with the code that is there, without a compiler. */
import { once } from 'node:events';
import { mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { startAnvil } from '../chain/anvil.ts';
import { endGroup, spawnGroup } from '../processGroup.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('hardhat run scripts/deploy.ts', () => {
  it('says each step, writes the deployment, and compiles nothing', async () => {
    const anvil = await startAnvil();
    const folder = mkdtempSync(join(tmpdir(), 'tributary-hardhat-'));
    const url = JSON.stringify(anvil.url);
    writeFileSync(
      join(folder, 'hardhat.config.ts'),
      `import base from ${JSON.stringify(join(root, 'hardhat.config.ts'))};
       export default { ...base, networks: { localhost: { type: 'http', chainType: 'l1', url: ${url} } } };`,
    );
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const hardhat = join(root, 'node_modules', 'hardhat', 'dist', 'src', 'cli.js');
    const args = [hardhat, 'run', join(root, 'scripts', 'deploy.ts'), '--network', 'localhost'];
    const child = spawnGroup(process.execPath, args, { cwd: folder });
    let said = '';
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on('data', (data) => {
        said += data;
      });
    }
    try {
      const [code] = (await once(child, 'close')) as [number];
      expect(said)
        .to.match(/ 1 of 43 {2}TributaryToken at 0x/)
        .and.to.match(/43 of 43 {2}Federation at 0x/);
      expect(said)
        .to.include('deployments/localhost.json')
        .and.not.to.match(/compil/i);
      expect(code).to.equal(0);
      expect(readdirSync(folder)).to.have.members(['deployments', 'hardhat.config.ts', 'node_modules', 'package.json']);
      expect(readdirSync(join(folder, 'deployments'))).to.have.members([
        'addresses.json',
        'localhost.blobs',
        'localhost.json',
      ]);
    } finally {
      await endGroup(child);
      await anvil.stop();
    }
  });
});
