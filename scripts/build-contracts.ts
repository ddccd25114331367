/**
 * Writes the modules of client/contracts from what `hardhat build` has compiled: `node scripts/build-contracts.ts`. With --check it compares
 * them, byte for byte, and changes nothing.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { argv, stderr } from 'node:process';
import { contractModules, modulePaths } from './contractModules.ts';

const written = await contractModules(new URL('../artifacts/contracts/', import.meta.url));
for (const [name, path] of Object.entries(modulePaths)) {
  const source = written[name as keyof typeof modulePaths];
  if (!argv.includes('--check')) await writeFile(path, source);
  else if ((await readFile(path, 'utf8')) !== source) {
    stderr.write(`client/contracts/${name}.ts is not what the contracts compile to: run \`npm run build\`.\n`);
    process.exitCode = 1;
  }
}
