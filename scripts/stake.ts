/**
 * Deposits stakeTokens, as `tributary stake` does. Run:
 *   TRIBUTARY_ROLE=trainer TRIBUTARY_TOKENS=100 npx hardhat run scripts/stake.ts --network localhost
 */
import { stakeTokens } from '../client/cli/stake.ts';
import { readRole, readVariable, runAsAccount } from './account.ts';

await runAsAccount((options) =>
  stakeTokens(readVariable('TRIBUTARY_TOKENS', 'how many tokens'), { ...options, role: readRole() }),
);
