/** The chain of a run: a process of its own, on a free port. */
import { modulePath } from '../node/modulePath.ts';
import type { Supervisor } from './processes.ts';

/** Answers with its RPC address. Errors: CHAIN_UNREACHABLE; PACKAGE_MISSING says the chain's process. */
export async function startChain(supervisor: Supervisor): Promise<string> {
  const program = modulePath(import.meta.url, './chainProcess');
  return (await supervisor.startServer('chain', [program], /^http:\/\/127\.0\.0\.1:\d+$/))[0];
}
