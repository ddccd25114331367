/** The chain of a run: Hardhat's node as a process of its own, on a free port. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Supervisor } from './processes.ts';

const project = fileURLToPath(new URL('../../../', import.meta.url));
const hardhat = join(dirname(fileURLToPath(import.meta.resolve('hardhat/package.json'))), 'dist/src/cli.js');

/** Answers with its RPC address. Errors: CHAIN_UNREACHABLE. */
export async function startChain(supervisor: Supervisor): Promise<string> {
  const config = join(project, 'hardhat.config.ts');
  const command = [hardhat, '--config', config, 'node', '--hostname', '127.0.0.1', '--port', '0'];
  const ready = /server at (http:\/\/127\.0\.0\.1:\d+)/;
  return (await supervisor.startServer('chain', command, ready))[1]!;
}
