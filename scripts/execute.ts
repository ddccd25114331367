/**
 * Carries out a proposal whose delay is over, as `tributary governance execute` does. Run:
 *   TRIBUTARY_PROPOSAL=1 npx hardhat run scripts/execute.ts --network localhost
 */
import { execute } from '../client/cli/governance/acts.ts';
import { readVariable, runAsAccount } from './account.ts';

await runAsAccount((options) => execute(readVariable('TRIBUTARY_PROPOSAL', "the proposal's number or id"), options));
