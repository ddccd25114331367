/** The compiler, on sources of the checkout as it is: for what Hardhat's artifacts do not hold. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

const solc = createRequire(import.meta.url)('solc') as {
  compile(input: string, callbacks: { import(path: string): { contents: string } | { error: string } }): string;
};

/**
 * `paths` are those of the sources, from the checkout's root; what they import is found there, or in node_modules. `Output` is what the
 * settings select. Errors: what the compiler says.
 */
export function compileSolidity<Output>(paths: readonly string[], settings: object): Output {
  const sources = Object.fromEntries(paths.map((path) => [path, { content: readFileSync(join(root, path), 'utf8') }]));
  const input = JSON.stringify({ language: 'Solidity', sources, settings });
  const output = JSON.parse(solc.compile(input, { import: read })) as Output & {
    errors?: { severity: string; formattedMessage: string }[];
  };
  const errors = output.errors?.filter(({ severity }) => severity === 'error') ?? [];
  if (errors.length > 0) throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join('\n'));
  return output;
}

function read(path: string): { contents: string } | { error: string } {
  const file = [join(root, path), join(root, 'node_modules', path)].find((candidate) => existsSync(candidate));
  return file === undefined ? { error: `there is no ${path}` } : { contents: readFileSync(file, 'utf8') };
}
