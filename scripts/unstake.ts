/**
 * Begins to unbond stake, as `tributary unstake` does; with TRIBUTARY_LEAVE=1 the role is given up first. Run:
 *   TRIBUTARY_ROLE=trainer TRIBUTARY_TOKENS=all npx hardhat run scripts/unstake.ts --network localhost
 */
import { unstakeTokens } from '../client/cli/unstake.ts';
import { readRole, readVariable, runAsAccount } from './account.ts';

await runAsAccount((options) =>
  unstakeTokens(readVariable('TRIBUTARY_TOKENS', 'how many tokens, or all'), {
    ...options,
    role: readRole(),
    leave: process.env.TRIBUTARY_LEAVE === '1',
  }),
);
