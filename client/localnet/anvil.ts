/** Anvil, the chain of a run on one machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { TributaryError } from '../core/errors.ts';
import { importOptional } from '../core/optional.ts';

/** As the development chain is known everywhere, with the cap on a transaction's gas that chains have (EIP-7825). */
const options = ['--host', '127.0.0.1', '--chain-id', '31337', '--accounts', '20', '--enable-tx-gas-limit'];

export interface StartedChain {
  rpcUrl: string;
  process: ChildProcess;
}

/** Port 0 takes a free one. Answers when it answers. Errors: PACKAGE_MISSING, CHAIN_UNREACHABLE where it ends at once. */
export async function startAnvil(port: number): Promise<StartedChain> {
  const child = spawn(await anvilBinary(), ['--port', String(port), ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (data: Buffer) => {
    said = `${said}${data}`.slice(-500);
  });
  return await new Promise((resolve, reject) => {
    const fail = (cause?: unknown) => {
      const message = `The chain's process ended by itself: ${said.trim().split('\n')[0] || 'it said nothing'}. Choose another port than ${port} if that is in use.`;
      reject(new TributaryError('CHAIN_UNREACHABLE', message, { cause }));
    };
    child.once('error', fail).once('exit', () => fail());
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      const address = /^Listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address === undefined) return;
      // what it says of each request nobody reads
      lines.close();
      child.stdout.resume();
      resolve({ rpcUrl: `http://${address}`, process: child });
    });
  });
}

/** The binary itself: npm's command is a wrapper, whose child would survive it. Errors: PACKAGE_MISSING. */
export function anvilBinary(): Promise<string> {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const manifest = `@foundry-rs/anvil-${process.platform}-${architecture}/package.json`;
  const file = process.platform === 'win32' ? 'anvil.exe' : 'anvil';
  return importOptional('a chain on this machine', ['@foundry-rs/anvil'], async () => {
    // its packages are dependencies of the wrapper
    const wrapper = createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json');
    return join(createRequire(wrapper).resolve(manifest), '..', 'bin', file);
  });
}
