/** The contracts with the mutants in them, in a folder of their own, compiled once. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { contractModules } from '../contractModules.ts';
import { analyse, type Complaint, readSources, root } from './compiler.ts';
import { type Mutant, mutantsOf } from './mutants.ts';
import { schemataOf, switchFile, switchSource } from './schemata.ts';

export const scratch = join(root, 'cache', 'mutants');
export const environment = {
  ...process.env,
  HARDHAT_CONFIG: join(import.meta.dirname, 'hardhat.config.ts'),
};

/** What money, membership and proofs depend on. */
const targets = /^contracts\/(federation|staking|challenges|rewards|libraries|types)\/[^.]*\.sol$/;

/** Every mutant that there is, in the order of the files. */
export function findMutants(): { sources: Map<string, string>; mutants: Mutant[] } {
  const sources = readSources(join(root, 'contracts'));
  const { trees } = analyse(sources);
  const mutants = [...sources].flatMap(([file, content]) =>
    targets.test(file) ? mutantsOf(file, content, trees.get(file)!) : [],
  );
  return { sources, mutants };
}

/** Numbers the mutants, leaves out those that are no valid Solidity, and writes the sources that hold the others. */
export function writeSchemata(sources: Map<string, string>, selected: Mutant[]): Mutant[] {
  let mutants = selected.map((mutant, index) => ({ ...mutant, id: index + 1 }));
  for (;;) {
    const written = new Map([[switchFile, switchSource]]);
    for (const [file, content] of sources) {
      written.set(
        file,
        schemataOf(
          file,
          content,
          mutants.filter((mutant) => mutant.file === file),
        ),
      );
    }
    const { complaints } = analyse(written);
    if (complaints.length === 0) {
      write(written);
      return mutants;
    }
    const invalid = new Set(complaints.map((complaint) => culprit(complaint, written)));
    mutants = mutants.filter(({ id }) => !invalid.has(id));
  }
}

/** The mutant that the compiler complains of: the choice that begins there, else the nearest one before. */
function culprit({ file, start, formatted }: Complaint, written: Map<string, string>): number {
  const bytes = Buffer.from(written.get(file) ?? '');
  const here = /^[\s({]*(?:if \(!|if iszero\()?isMutant_?\((\d+)\)/.exec(bytes.toString('utf8', start, start + 80));
  const before = [...bytes.toString('utf8', 0, start).matchAll(/(?:isMutant_?|choose_)\((\d+)/g)].at(-1);
  const found = here ?? before;
  if (found === null || found === undefined) throw new Error(`The mutated sources do not compile: ${formatted}`);
  return Number(found[1]);
}

function write(sources: Map<string, string>): void {
  rmSync(join(scratch, 'contracts'), { recursive: true, force: true });
  for (const [file, content] of sources) {
    mkdirSync(dirname(join(scratch, file)), { recursive: true });
    writeFileSync(join(scratch, file), content);
  }
}

/** Minutes, on one core: the compiler makes code for every choice. Tests that deploy as the command line does get it too, see mutatedCode.ts. */
export async function compile(): Promise<void> {
  build('--no-tests');
  const artifacts = new URL('artifacts/cache/mutants/contracts/', pathToFileURL(`${scratch}/`));
  const { creationCode } = await contractModules(artifacts);
  writeFileSync(join(scratch, 'creationCode.ts'), creationCode);
}

/** With the tests in Solidity. */
export function compileTests(): void {
  build();
}

function build(...args: string[]): void {
  const { status, signal, stdout, stderr } = hardhat('build', '--quiet', ...args);
  if (signal !== null) throw new Error(`The compiler was ended by ${signal}: start again, with a smaller share.`);
  if (status !== 0)
    throw new Error(`The mutated contracts do not compile:\n${stdout.slice(-4000)}${stderr.slice(-4000)}`);
}

function hardhat(...args: string[]) {
  const cli = join(root, 'node_modules', 'hardhat', 'dist', 'src', 'cli.js');
  return spawnSync(process.execPath, [cli, ...args], { cwd: root, env: environment, encoding: 'utf8' });
}
