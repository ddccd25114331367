/**
 * Queues a proposal that has succeeded, as `tributary governance queue` does. Run:
 *   TRIBUTARY_PROPOSAL=1 npx hardhat run scripts/queue.ts --network localhost
 */
import { queue } from '../client/cli/governance/acts.ts';
import { readVariable, runAsAccount } from './account.ts';

await runAsAccount((options) => queue(readVariable('TRIBUTARY_PROPOSAL', "the proposal's number or id"), options));
