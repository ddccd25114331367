/** A chain as a process of its own: it goes when its parent goes, and says where it answers on its first line. */
import { fail } from '../node/process.ts';
import { startAnvil } from './anvil.ts';

try {
  const { rpcUrl, process: child } = await startAnvil(0);
  process.once('exit', () => child.kill('SIGKILL'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(0));
  child.once('exit', (code) => process.exit(code ?? 1));
  process.stdout.write(`${rpcUrl}\n`);
} catch (error) {
  process.exitCode = fail(error);
}
