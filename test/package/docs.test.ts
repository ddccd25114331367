/** What is exported says what it is: `npm run docs` makes its pages of that, and editors show it. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import { entryPoints } from '../../scripts/entryPoints.ts';
import { readNatSpec } from '../../scripts/natSpec.ts';

const root = join(import.meta.dirname, '..', '..');

describe('docstrings', () => {
  // names are looked up, nothing is type-checked: packages and the standard library are not even read
  const files = globSync('client/**/*.ts', { cwd: root }).map((path) => join(root, path));
  const module = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext };
  const options = { ...module, noResolve: true, noLib: true, types: [], allowImportingTsExtensions: true };
  const program = ts.createProgram(files, options);
  const checker = program.getTypeChecker();

  for (const [subpath, path] of Object.entries(entryPoints)) {
    it(`stand at all that ${subpath} exports`, () => {
      const exported = checker.getExportsOfModule(
        checker.getSymbolAtLocation(program.getSourceFile(join(root, path))!)!,
      );
      const origins = exported.map((symbol) =>
        symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
      );
      expect(exported).to.not.be.empty;
      expect(origins.filter(({ declarations }) => declarations === undefined)).to.deep.equal([]);
      const silent = origins.filter((symbol) => symbol.getDocumentationComment(checker).length === 0);
      expect(silent.map(({ name }) => name)).to.deep.equal([]);
    });
  }

  it('stand at every interface of the contracts, and at every function of it', () => {
    const interfaces = readNatSpec(globSync('contracts/interfaces/*.sol', { cwd: root }));
    const silent = interfaces.flatMap(({ name, title, notes, entries }) => [
      ...(title === undefined && notes.every(({ notice }) => notice === undefined) ? [name] : []),
      ...entries
        .filter((entry) => entry.type === 'function' && entry.notes.length === 0)
        .map((entry) => `${name}.${entry.name}`),
    ]);
    expect(interfaces).to.not.be.empty;
    expect(silent).to.deep.equal([]);
  });
});
