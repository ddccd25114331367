/** The ledger of privacy in a trainer's data folder, for who only looks: its process may be at work. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TributaryError } from '../core/errors.ts';
import { damagedLedger, decodeLedger, type Spending } from '../privacy/accounting/ledger.ts';
import { isSetAside } from '../storage/durable.ts';
import { unseal } from '../storage/seal.ts';

/** None where nothing was spent yet. Errors: CONFIG_INVALID where there is no such folder, PRIVACY_LEDGER_BEHIND where the ledger is damaged. */
export function readLedgerFile(dataFolder: string): Spending[] {
  if (!existsSync(dataFolder)) {
    throw new TributaryError(
      'CONFIG_INVALID',
      `--data: there is no folder ${dataFolder}: name a trainer's data folder.`,
    );
  }
  const folder = join(dataFolder, 'privacy');
  const path = join(folder, 'ledger.json');
  if (existsSync(path)) {
    const bytes = unseal(readFileSync(path));
    if (bytes === undefined) throw damagedLedger(path);
    return decodeLedger(bytes);
  }
  if (existsSync(folder) && readdirSync(folder).some(isSetAside)) throw damagedLedger(path);
  return [];
}
