/** `npm run demo:governance`: four votes on a running federation, each with its timeline. Exits non-zero if anything did not happen. */
import { demonstrateGovernance } from '../client/localnet/demo/governance.ts';
import { fail } from '../client/node/process.ts';

const startedAt = performance.now();

function say(line: string): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(6);
  process.stdout.write(`${seconds} s  ${line}\n`);
}

try {
  const missing = await demonstrateGovernance(say);
  for (const what of missing) process.stderr.write(`This did not happen: ${what}.\n`);
  process.exitCode = missing.length === 0 ? 0 : 1;
} catch (error) {
  process.exitCode = fail(error);
}
process.exit();
