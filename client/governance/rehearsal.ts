/** Tries calls as the treasury would make them, before anybody votes on them. */
import type { Result } from 'ethers';
import { explainChainFailure, revertName } from '../chain/failure.ts';
import type { TributaryError } from '../core/errors.ts';
import { outOfBounds } from './actions.ts';
import type { Call } from './call.ts';
import type { GovernanceClient } from './client.ts';
import { settings } from './settings.ts';

/**
 * Answers what would fail now and may be right by the time of the execution.
 * Errors: CONFIG_INVALID where a value is out of its bounds; CHAIN_UNREACHABLE.
 */
export async function rehearse(calls: readonly Call[], client: GovernanceClient): Promise<string[]> {
  const warnings: string[] = [];
  const { governor, treasury } = client.addresses;
  for (const [index, { target, data, valueWei }] of calls.entries()) {
    // the governor's own settings are changed only while it executes
    if (target === governor) continue;
    try {
      await client.provider.call({ from: treasury, to: target, data, value: valueWei });
    } catch (cause) {
      const error = explainChainFailure(cause, `call ${index + 1}`);
      if (error.code !== 'TRANSACTION_REVERTED') throw error;
      // what follows others stands on what they do
      if (index === 0) refuseOutOfBounds(error);
      warnings.push(error.message);
    }
  }
  return warnings;
}

function refuseOutOfBounds(error: TributaryError): void {
  if (revertName(error) !== 'ParameterOutOfBounds') return;
  const { parameter, value, minimum, maximum } = error.args as unknown as Result;
  const setting = settings.find(({ field }) => field === parameter);
  if (setting !== undefined) throw outOfBounds(setting, value as bigint, minimum as bigint, maximum as bigint);
}
