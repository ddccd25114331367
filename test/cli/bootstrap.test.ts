import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { decideInstall, lockDiffers, nativePackageOf } from '../../scripts/bootstrap.js';

const ready = {
  nodeVersion: 'v22.13.0',
  modulesExist: true,
  lockIsNewer: false,
  nativePackage: '@nomicfoundation/edr-linux-x64-gnu',
  nativeExists: true,
};

describe('bootstrap', () => {
  it('refuses a Node that is too old, and says which it needs', () => {
    for (const nodeVersion of ['v18.20.4', 'v19.9.0']) {
      const { action, reason } = decideInstall({ ...ready, nodeVersion });
      expect(action).to.equal('refuse');
      expect(reason).to.include('Node 20').and.to.include(nodeVersion);
    }
  });

  it('does nothing where everything is there', () => {
    for (const nodeVersion of ['v20.0.0', 'v22.13.0', 'v24.21.0']) {
      expect(decideInstall({ ...ready, nodeVersion })).to.deep.equal({ action: 'nothing' });
    }
  });

  it('installs, and says why', () => {
    const missing = decideInstall({ ...ready, modulesExist: false, lockIsNewer: false });
    expect(missing).to.deep.equal({ action: 'install', command: ['npm', 'ci'], reason: 'node_modules is missing' });
    expect(decideInstall({ ...ready, lockIsNewer: true }).reason).to.include('package-lock.json is newer');
    expect(decideInstall({ ...ready, nativeExists: false }).reason).to.include('edr-linux-x64-gnu is missing');
  });

  it('lets a newer Node install where the own is older than 22.13', () => {
    const throughNpx = ['npx', '-y', '-p', 'node@24', '-c', 'npm ci'];
    for (const [nodeVersion, command] of [
      ['v20.20.2', throughNpx],
      ['v22.12.9', throughNpx],
      ['v22.13.0', ['npm', 'ci']],
      ['v23.0.0', ['npm', 'ci']],
    ] as const) {
      expect(decideInstall({ ...ready, nodeVersion, modulesExist: false }).command, nodeVersion).to.deep.equal(command);
    }
  });

  it('compares versions, not times: optional packages may be absent', () => {
    const lock = {
      packages: {
        '': { version: '0.1.0' },
        'node_modules/a': { version: '1.0.0' },
        'node_modules/b': { version: '2.0.0', optional: true },
      },
    };
    expect(lockDiffers(lock, { packages: { 'node_modules/a': { version: '1.0.0' } } })).to.equal(false);
    expect(lockDiffers(lock, { packages: { 'node_modules/a': { version: '1.0.1' } } })).to.equal(true);
    expect(lockDiffers(lock, { packages: {} })).to.equal(true);
  });

  it("knows the native part of Hardhat's chain for each machine", () => {
    const names = [
      nativePackageOf('linux', 'x64', false),
      nativePackageOf('linux', 'arm64', true),
      nativePackageOf('darwin', 'arm64', false),
      nativePackageOf('win32', 'x64', false),
    ];
    expect(names.map((name) => name.replace('@nomicfoundation/edr-', ''))).to.deep.equal([
      'linux-x64-gnu',
      'linux-arm64-musl',
      'darwin-arm64',
      'win32-x64-msvc',
    ]);
  });

  it('never lets npm download CUDA: the lock file hides the script that would, and .npmrc names nothing that npm warns of', () => {
    const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
    const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, object> };
    expect(packages['node_modules/onnxruntime-node']).to.include({ version: '1.30.0' });
    expect(packages['node_modules/onnxruntime-node']).not.to.have.property('hasInstallScript');
    const options = read('.npmrc').matchAll(/^([\w-]+)=/gm);
    expect([...options].map(([, name]) => name)).to.deep.equal(['omit-lockfile-registry-resolved', 'fund', 'audit']);
  });
});
