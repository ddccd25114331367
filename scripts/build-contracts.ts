/**
 * Compiles the contracts and writes the modules of client/contracts: `node scripts/build-contracts.ts`. With --check it compares them, byte
 * for byte, and writes nothing.
 */
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { argv, execPath, exit, stderr } from 'node:process';
import { contractModules, modulePaths } from './contractModules.ts';

const root = join(import.meta.dirname, '..');

compile();
const modules = await contractModules(new URL('../artifacts/contracts/', import.meta.url));
for (const [name, path] of Object.entries(modulePaths)) {
  const source = modules[name as keyof typeof modulePaths];
  if (!argv.includes('--check')) await writeFile(path, source);
  else if ((await readFile(path, 'utf8').catch(() => '')) !== source) {
    stderr.write(`client/contracts/${name}.ts is not what the contracts compile to: run \`npm run build\`.\n`);
    process.exitCode = 1;
  }
}

/** The compiler's warnings are about other people's contracts: they are shown where something fails. */
function compile(): void {
  const hardhat = join(root, 'node_modules', 'hardhat', 'dist', 'src', 'cli.js');
  const built = spawnSync(execPath, [hardhat, 'build', '--no-tests', '--quiet'], { cwd: root, encoding: 'utf8' });
  if (built.status === 0) return;
  stderr.write(
    `${built.stdout}${built.stderr}\nThe contracts could not be compiled: above is what the compiler says.\n`,
  );
  exit(1);
}
