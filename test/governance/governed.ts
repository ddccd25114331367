/** A small governed federation on a chain of its own. Accounts 1 to 3 hold 20 million tokens each: two of them make the quorum. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonRpcProvider } from 'ethers';
import type { Deployment } from '../../client/chain/deployment.ts';
import { createSender } from '../../client/chain/sender.ts';
import { defaultChoices, type FederationChoices } from '../../client/deployment/choices.ts';
import { deployFederation } from '../../client/deployment/deploy.ts';
import { findAction } from '../../client/governance/actions.ts';
import type { Call } from '../../client/governance/call.ts';
import { type GovernanceClient, openGovernance } from '../../client/governance/client.ts';
import type { Choice } from '../../client/governance/proposals.ts';
import { findProposal, type ProposalView, viewProposal } from '../../client/governance/view.ts';
import {
  castVote,
  delegateVotes,
  executeProposal,
  propose,
  queueProposal,
  type Voter,
  withProposer,
} from '../../client/governance/voting.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { type Anvil, startAnvil } from '../chain/anvil.ts';
import { smallManifest } from '../chain/federation.ts';

const voters = [1, 2, 3];
/** In seconds. */
export const governance = {
  votingDelaySeconds: 100,
  votingPeriodSeconds: 1000,
  lateQuorumSeconds: 200,
  timelockSeconds: 300,
  minimumSeconds: 1,
  proposalThreshold: 1,
};

export interface Governed {
  anvil: Anvil;
  file: string;
  deployment: Deployment;
  client: GovernanceClient;
  voter(account: number): Voter;
}

export async function openGoverned(choices: Partial<FederationChoices> = {}): Promise<Governed> {
  const anvil = await startAnvil();
  const file = join(mkdtempSync(join(tmpdir(), 'tributary-governed-')), 'deployment.json');
  const deployment = await deployFederation({
    provider: anvil.provider,
    wallet: developmentWallet(0),
    name: 'governed',
    rpcUrl: anvil.url,
    manifest: smallManifest,
    choices: { ...defaultChoices, ...choices },
    governance,
    grants: voters.map((index) => ({ account: developmentWallet(index).address, tokens: 20_000_000 })),
    file,
  });
  const client = openGovernance(anvil.provider, deployment, deployment.deployBlock);
  const voter = (account: number) => ({ client, sender: createSender(developmentWallet(account), anvil.provider) });
  for (const index of voters) await delegateVotes(voter(index), developmentWallet(index).address);
  await passTime(anvil.provider, 1);
  return { anvil, file, deployment, client, voter };
}

export async function passTime(provider: JsonRpcProvider, seconds: number): Promise<void> {
  await provider.send('evm_increaseTime', [seconds]);
  await provider.send('evm_mine', []);
}

export async function proposeAs(governed: Governed, account: number, calls: readonly Call[], reason = 'a reason') {
  const voter = governed.voter(account);
  const { id } = await propose(voter, calls, withProposer(reason, voter.sender.address));
  return await findProposal(governed.client, String(id));
}

/** Voted for by two, and carried out. */
export async function carry(governed: Governed, action: string, ...args: string[]): Promise<ProposalView> {
  const calls = await findAction(action).encode(args, governed.client);
  const proposal = await proposeAs(governed, 1, calls, `${action} ${args.join(' ')} ${Math.random()}`);
  const ballots: [number, Choice][] = [
    [1, 'for'],
    [2, 'for'],
  ];
  await passTime(governed.anvil.provider, governance.votingDelaySeconds + 1);
  for (const [account, choice] of ballots) await castVote(governed.voter(account), proposal, choice);
  await passTime(governed.anvil.provider, governance.votingPeriodSeconds);
  await queueProposal(governed.voter(1), proposal);
  await passTime(governed.anvil.provider, governance.timelockSeconds);
  await executeProposal(governed.voter(3), await findProposal(governed.client, String(proposal.id)));
  return await viewProposal(governed.client, await findProposal(governed.client, String(proposal.id)));
}
