/**
 * Pays out stake that has unbonded, as `tributary withdraw` does. Run:
 *   TRIBUTARY_ROLE=trainer npx hardhat run scripts/withdraw.ts --network localhost
 */
import { withdrawTokens } from '../client/cli/withdraw.ts';
import { readRole, runAsAccount } from './account.ts';

await runAsAccount((options) => withdrawTokens({ ...options, role: readRole() }));
