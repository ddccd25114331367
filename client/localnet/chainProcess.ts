/** A chain as a process of its own: Anvil, on a free port. It goes when its parent goes, and says where it answers on its first line. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { importOptional } from '../core/optional.ts';
import { fail } from '../node/process.ts';

/** Enough for whatever a run sends, and no more than a chain takes of one transaction (EIP-7825). */
const options = ['--host', '127.0.0.1', '--port', '0', '--chain-id', '31337', '--enable-tx-gas-limit'];

try {
  const child = spawn(await anvilBinary(), options, { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill('SIGKILL'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(0));
  child.once('error', (error) => process.exit(fail(error)));
  child.once('exit', (code) => process.exit(code ?? 1));
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const address = /^Listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (address === undefined) return;
    process.stdout.write(`http://${address}\n`);
    // what it says of each request nobody reads
    lines.close();
    child.stdout.resume();
  });
} catch (error) {
  process.exitCode = fail(error);
}

/** The binary itself: npm's command is a wrapper. Errors: PACKAGE_MISSING. */
async function anvilBinary(): Promise<string> {
  const require = createRequire(import.meta.url);
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const platform = process.platform === 'win32' ? 'win32' : process.platform;
  const name = `@foundry-rs/anvil-${platform}-${architecture}`;
  const file = process.platform === 'win32' ? 'anvil.exe' : 'anvil';
  return await importOptional('a chain of its own', ['@foundry-rs/anvil'], async () => {
    // its packages are dependencies of the wrapper
    const ofWrapper = createRequire(require.resolve('@foundry-rs/anvil/package.json'));
    return join(ofWrapper.resolve(`${name}/package.json`), '..', 'bin', file);
  });
}
