/**
 * Gives the votes of an account to another, or to itself, as `tributary governance delegate` does. Run:
 *   TRIBUTARY_DELEGATE=0x… npx hardhat run scripts/delegate.ts --network localhost
 */
import { delegate } from '../client/cli/governance/acts.ts';
import { runAsAccount } from './account.ts';

await runAsAccount((options) => delegate(process.env.TRIBUTARY_DELEGATE, options));
