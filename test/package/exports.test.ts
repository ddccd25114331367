/** What the package exports: a name that disappears breaks somebody's program. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';

const root = new URL('../../', import.meta.url);
const { exports, files, dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(
  readFileSync(new URL('package.json', root), 'utf8'),
) as Record<string, Record<string, unknown>>;
const listed = JSON.parse(readFileSync(new URL('exports.json', import.meta.url), 'utf8')) as Record<string, string[]>;

describe('the package', () => {
  const subpaths = Object.entries(exports!).filter(([, target]) => typeof target === 'object');

  for (const [subpath, target] of subpaths) {
    const { default: module, types } = target as { default: string; types: string };
    it(`exports what is listed as ${subpath}`, async () => {
      expect(types).to.equal(module.replace(/\.js$/, '.d.ts'));
      const source = module.replace('./dist/', 'client/').replace(/\.js$/, '.ts');
      const names = Object.keys((await import(new URL(source, root).href)) as object).sort();
      expect(names).to.deep.equal(listed[subpath]);
    });
  }

  it('lists no subpath that is not exported', () => {
    expect(Object.keys(listed).sort()).to.deep.equal(subpaths.map(([subpath]) => subpath).sort());
  });

  it('needs no development tool, and names what is optional', () => {
    const needed = Object.keys({ ...dependencies, ...optionalDependencies });
    expect(
      needed.filter((name) => /hardhat|mocha|chai|typescript|ts-node|tsx|biome|knip|solc|solhint/.test(name)),
    ).to.deep.equal([]);
    expect(needed.filter((name) => name in peerDependencies!)).to.deep.equal([]);
    expect(Object.keys(peerDependenciesMeta!)).to.deep.equal(Object.keys(peerDependencies!));
    expect(files).to.include('dist').and.to.include('contracts').and.to.include('bin');
  });
});
