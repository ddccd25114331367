/** A round whose electors are three aggregators and two evaluators: three of the five make a quorum. */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { aggregatorBondWei, type Deployment, type Founded, found, joinAsTrainer } from './deployment.ts';
import { joinAsEvaluator } from './rewards/settledRound.ts';
import { turnHolderOf } from './round.ts';

export interface Convened extends Founded {
  evaluators: HardhatEthersSigner[];
  /** Whose turn it is. */
  proposer: HardhatEthersSigner;
  /** The other aggregators. */
  others: HardhatEthersSigner[];
}

/** Round 1 of five trainers is open. `before` happens just before it opens. */
export async function convene(before: (founded: Founded) => Promise<void> = async () => {}): Promise<Convened> {
  const founded = await found(4, 3, { task: { startTrainers: 5 } });
  const { federation, accounts, trainers, aggregators } = founded;
  const evaluators = accounts.slice(12, 14);
  for (const evaluator of evaluators) await joinAsEvaluator(founded, evaluator);
  await before(founded);
  await joinAsTrainer(founded, accounts[14]!);
  const proposer = await turnHolderOf(federation, aggregators);
  const others = aggregators.filter((aggregator) => aggregator !== proposer);
  return { ...founded, trainers: [...trainers, accounts[14]!], evaluators, proposer, others };
}

/** An account that is a contract, signs by its owner's key, and is an aggregator. */
export async function joinAsContract(deployment: Deployment, owner: HardhatEthersSigner) {
  const { ethers, federation, stake, token } = deployment;
  const account = await ethers.deployContract('ContractAccount', owner);
  await token.transfer(account, aggregatorBondWei);
  const approve = token.interface.encodeFunctionData('approve', [await stake.getAddress(), aggregatorBondWei]);
  const deposit = [await federation.getAddress(), aggregatorBondWei] as [string, bigint];
  await account.execute(token, approve);
  await account.execute(stake, stake.interface.encodeFunctionData('deposit', deposit));
  await account.execute(federation, federation.interface.encodeFunctionData('joinAsAggregator'));
  return account;
}
