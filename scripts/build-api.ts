/** `npm run docs`: pages made of the docstrings, in build/docs: one for each subpath of the package and each contract, and an index. */
import { globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Application, type TypeDocOptions } from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';
import { entryPoints } from './entryPoints.ts';
import { declarationOf, type Entry, type Notes, readNatSpec } from './natSpec.ts';

const root = join(import.meta.dirname, '..');
const out = join(root, 'build', 'docs');

/** Returns the names of the pages. Errors: what the type checker says, and what a page refers to and is on none. */
async function writeTypeScript(): Promise<string[]> {
  const options: TypeDocOptions & PluginOptions = {
    entryPoints: Object.values(entryPoints).map((path) => join(root, path)),
    tsconfig: join(root, 'tsconfig.build.json'),
    plugin: ['typedoc-plugin-markdown'],
    outputs: [{ name: 'markdown', path: join(out, 'typescript') }],
    outputFileStrategy: 'modules',
    name: 'tributary',
    readme: 'none',
    basePath: join(root, 'client'),
    disableGit: true,
    sourceLinkTemplate: '../../../client/{path}#L{line}',
    // they serve the type checker only, or the inside of a graph
    intentionallyNotExported: [
      ...['Abis', 'Entry', 'Reads', 'taskManifestSchema', 'nodeOptionsSchema'],
      ...['AttributeProto', 'Operator'],
    ],
  };
  const app = await Application.bootstrapWithPlugins(options);
  const project = await app.convert();
  if (project === undefined) throw new Error('There is nothing to document: see above.');
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('The pages are not whole: see above.');
  return (project.children ?? []).map(({ name }) => name);
}

/** Returns the names of the pages, by folder of contracts/. */
function writeSolidity(): Map<string, string[]> {
  const paths = globSync('contracts/*/*.sol', { cwd: root, exclude: ['contracts/test', 'contracts/*/*.t.sol'] }).sort();
  const folders = new Map<string, string[]>();
  mkdirSync(join(out, 'solidity'), { recursive: true });
  for (const { path, name, title, notes, entries } of readNatSpec(paths)) {
    const source = `[${path}](../../../${path})`;
    const sections = (['function', 'event', 'error'] as const).flatMap((type) => {
      const texts = entries.filter((entry) => entry.type === type).map(describeEntry);
      return texts.length === 0 ? [] : [`## ${type[0]!.toUpperCase()}${type.slice(1)}s`, ...texts];
    });
    const head = [`# ${name}`, ...(title === undefined ? [] : [`**${title}.**`]), source, ...describeNotes(notes)];
    writeFileSync(join(out, 'solidity', `${name}.md`), `${[...head, ...sections].join('\n\n')}\n`);
    const folder = path.split('/')[1]!;
    folders.set(folder, [...(folders.get(folder) ?? []), name]);
  }
  return folders;
}

function describeEntry(entry: Entry): string {
  const declaration = `\`\`\`solidity\n${declarationOf(entry)}\n\`\`\``;
  return [`### ${entry.name}`, declaration, ...describeNotes(entry.notes)].join('\n\n');
}

function describeNotes(notes: readonly Notes[]): string[] {
  const named = (kind: 'params' | 'returns') =>
    notes
      .flatMap((note) => Object.entries(note[kind] ?? {}))
      // what has no name has a number
      .map(([name, text]) => (/^_\d+$/.test(name) ? `- returns: ${text}` : `- \`${name}\`: ${text}`));
  const texts = notes.flatMap(({ notice, details }) => [notice, details]).filter((text) => text !== undefined);
  const list = [...named('params'), ...named('returns')].join('\n');
  return list === '' ? texts : [...texts, list];
}

rmSync(out, { recursive: true, force: true });
const modules = await writeTypeScript();
const folders = writeSolidity();
const links = (folder: string, names: readonly string[]) => names.map((name) => `[${name}](${folder}/${name}.md)`);
writeFileSync(
  join(out, 'README.md'),
  `# Tributary's interfaces

Written by \`npm run docs\` from the docstrings.

## TypeScript

${links('typescript', modules).join(' · ')}

## Contracts

${[...folders].map(([folder, names]) => `- ${folder}: ${links('solidity', names).join(', ')}`).join('\n')}
`,
);
