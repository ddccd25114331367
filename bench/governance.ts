/** Gas of what voters do, from receipts; part of `node bench/gas.ts`. */
import type { ContractTransactionResponse } from 'ethers';
import {
  callOf,
  oneToken,
  operationOf,
  propose,
  running,
  support,
  untilDecided,
  untilVote,
} from '../test/contracts/governance/system.ts';
import { playRound } from '../test/contracts/round.ts';

async function gasOf(transaction: Promise<ContractTransactionResponse>): Promise<number> {
  return Number((await (await transaction).wait())!.gasUsed);
}

/** Voters hold, stake and fund: every source of votes is read. */
export async function measureGovernance(): Promise<Record<string, number>> {
  const gas: Record<string, number> = {};
  const system = await running();
  const { governor, policy, federation, stake, token, votingPower, rewards, treasury, voters, time } = system;
  for (const voter of voters) {
    await token.connect(voter).approve(stake, oneToken);
    await stake.connect(voter).deposit(federation, oneToken);
    await token.connect(voter).approve(votingPower, oneToken);
    gas['governance.fund'] = await gasOf(votingPower.connect(voter).fund(rewards, oneToken));
  }
  gas['governance.delegate'] = await gasOf(token.connect(system.founder).delegate(system.founder.address));

  const call = await callOf(policy, 'setRule', [1, 0]);
  const description = 'the median, as it withstands half of all trainers';
  const operation = operationOf([call], description);
  const [targets, values, data] = operation;
  gas['governance.propose'] = await gasOf(governor.connect(voters[0]!).propose(targets, values, data, description));
  const id = await governor.hashProposal(...operation);
  await untilVote(system, { id, operation });
  for (const [index, name] of ['vote.first', 'vote', 'vote.late'].entries()) {
    if (name === 'vote.late') await time.increaseTo((await governor.proposalDeadline(id)) - 2n);
    gas[`governance.${name}`] = await gasOf(governor.connect(voters[index]!).castVote(id, support.for));
  }
  await untilDecided(system, { id, operation });
  gas['governance.queue'] = await gasOf(governor.queue(...operation));
  await time.increaseTo(await governor.proposalEta(id));
  gas['governance.execute'] = await gasOf(governor.execute(...operation));
  await playRound(federation, system.trainers, system.aggregators);
  await time.increase(500);
  gas['governance.finalizeRound.changesRule'] = await gasOf(federation.finalizeRound(1));

  const nothing = await callOf(token, 'transfer', [await treasury.getAddress(), 0n]);
  // always the same, as the zero bytes of its id cost less
  const late = await propose(system, [nothing], 'nothing at all, decided at the last moment');
  await time.increaseTo((await governor.proposalDeadline(late.id)) - 2n);
  gas['governance.vote.reachesQuorumLate'] = await gasOf(governor.connect(voters[0]!).castVote(late.id, support.for));
  gas['governance.vote.afterLateQuorum'] = await gasOf(governor.connect(voters[1]!).castVote(late.id, support.for));
  return gas;
}
