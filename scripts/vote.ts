/**
 * Votes on a proposal, as `tributary governance vote` does. Run:
 *   TRIBUTARY_PROPOSAL=1 TRIBUTARY_VOTE=for npx hardhat run scripts/vote.ts --network localhost
 */
import { vote } from '../client/cli/governance/acts.ts';
import { readVariable, runAsAccount } from './account.ts';

await runAsAccount((options) =>
  vote(
    readVariable('TRIBUTARY_PROPOSAL', "the proposal's number or id"),
    readVariable('TRIBUTARY_VOTE', 'for, against or abstain'),
    options,
  ),
);
