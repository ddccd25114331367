/** The ledger of privacy in a trainer's data folder, for who only looks: its process may be at work. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TributaryError } from '../core/errors.ts';
import { decodeLedger, type Spending } from '../privacy/accounting/ledger.ts';
import { unseal } from '../storage/seal.ts';

/** None where nothing was spent yet. Errors: CONFIG_INVALID where there is no such folder, PRIVACY_LEDGER_BEHIND where the ledger is damaged. */
export function readLedgerFile(folder: string): Spending[] {
  if (!existsSync(folder)) {
    throw new TributaryError('CONFIG_INVALID', `--data: there is no folder ${folder}: name a trainer's data folder.`);
  }
  const path = join(folder, 'privacy', 'ledger.json');
  if (!existsSync(path)) return [];
  const bytes = unseal(readFileSync(path));
  if (bytes !== undefined) return decodeLedger(bytes);
  throw new TributaryError(
    'PRIVACY_LEDGER_BEHIND',
    `${path} is not as it was written, so what was spent of the budget is not known: put it back from a backup.`,
    { args: { path } },
  );
}
