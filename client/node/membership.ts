/** The stake that a role needs, an account, and joining. Each step is skipped where it has been done. */
import type { FederationClient } from '../chain/federation.ts';
import { callFederation, callRewards, type Node } from './node.ts';
import { isBarred } from './policy.ts';
import { depositStake } from './stake.ts';

/** Answers false for an account that a vote has ejected. Errors: NOT_ELIGIBLE (too few tokens), and those of `Sender.send`. */
export async function joinAsTrainer(node: Node): Promise<boolean> {
  if (node.federation.state.trainers.has(node.account)) return true;
  if (await isBarred(node)) return false;
  await bringStake(node, node.federation.contracts.federation, node.parameters().trainerStakeWei);
  await enrol(node);
  return await join(node, 'joinAsTrainer');
}

/** As `joinAsTrainer`. */
export async function joinAsAggregator(node: Node): Promise<boolean> {
  if (node.federation.state.aggregators.has(node.account)) return true;
  if (await isBarred(node)) return false;
  await bringStake(node, node.federation.contracts.federation, node.parameters().aggregatorBondWei);
  await enrol(node);
  return await join(node, 'joinAsAggregator');
}

/** As `joinAsTrainer`. */
export async function joinAsEvaluator(node: Node): Promise<boolean> {
  if (node.rewards.state.evaluators.has(node.account)) return true;
  if (await isBarred(node)) return false;
  await bringStake(node, node.rewards.contract, node.rewardParametersOf().evaluatorStakeWei);
  await enrol(node);
  await callRewards(node, 'joining', 'joinAsEvaluator', []);
  await node.rewards.sync();
  node.report({ event: 'joined', account: node.account });
  return true;
}

/** Without an account nobody is scored or paid; it takes a role's stake. */
async function enrol(node: Node): Promise<void> {
  if (node.rewards.state.accounts.has(node.account)) return;
  await callRewards(node, 'opening an account', 'enrol', [node.options.payee ?? node.account]);
  await node.rewards.sync();
}

async function join(node: Node, method: 'joinAsTrainer' | 'joinAsAggregator'): Promise<true> {
  await callFederation(node, 'joining', method, []);
  await node.federation.sync();
  node.report({ event: 'joined', account: node.account });
  return true;
}

type StakeHolder = Pick<FederationClient['contracts']['federation'], 'requiredStakeWei' | 'getAddress'>;

/** Deposits what is missing to `roleWei` more than the account's other roles at the same contract need. */
async function bringStake(node: Node, holder: StakeHolder, roleWei: bigint): Promise<void> {
  const address = await holder.getAddress();
  const [others, bonded] = await Promise.all([
    holder.requiredStakeWei(node.account),
    node.federation.contracts.stake.bondedWei(address, node.account),
  ]);
  const missing = others + roleWei - bonded;
  if (missing > 0n) await depositStake(node, address, missing);
}
