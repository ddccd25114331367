/**
 * Adds tokens to the pool that rewards are paid from, as `tributary fund` does. Run:
 *   TRIBUTARY_TOKENS=1000 npx hardhat run scripts/fund.ts --network localhost
 */
import { fund } from '../client/cli/fund.ts';
import { readVariable, runAsAccount } from './account.ts';

await runAsAccount((options) => fund(readVariable('TRIBUTARY_TOKENS', 'how many tokens'), options));
