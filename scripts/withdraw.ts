/**
 * Pays out stake that has unbonded, as `tributary withdraw` does. Run:
 *   TRIBUTARY_ROLE=trainer npx hardhat run scripts/withdraw.ts --network localhost
 */
import { withdraw } from '../client/cli/withdraw.ts';
import { readRole, runAsAccount } from './account.ts';

await runAsAccount((options) => withdraw({ ...options, role: readRole() }));
