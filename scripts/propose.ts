/**
 * Proposes a change, as `tributary governance propose` does; what is to be done, and what it needs, are words of one variable. Run:
 *   TRIBUTARY_PROPOSAL='set-parameter minimumStake 200' npx hardhat run scripts/propose.ts --network localhost
 * TRIBUTARY_REASON says why.
 */
import { propose } from '../client/cli/governance/acts.ts';
import { readVariable, runAsAccount } from './account.ts';

await runAsAccount((options) => {
  const [what = '', ...args] = readVariable('TRIBUTARY_PROPOSAL', 'what is to be done, such as set-rule median')
    .trim()
    .split(/\s+/);
  const reason = process.env.TRIBUTARY_REASON;
  return propose(what, args, reason === undefined ? options : { ...options, reason });
});
