/**
 * Pays out what an account has earned, as `tributary claim` does. Run:
 *   npx hardhat run scripts/claim.ts --network localhost
 */
import { claimNow } from '../client/cli/claim.ts';
import { runAsAccount } from './account.ts';

await runAsAccount(claimNow);
