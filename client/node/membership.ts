/** The stake that a role needs, an account, and joining. Each step is skipped where it has been done. */
import type { FederationClient } from '../chain/federation.ts';
import { callFederation, callRewards, type Node } from './node.ts';
import { depositStake } from './stake.ts';

/** Errors: NOT_ELIGIBLE (too few tokens), and those of `Sender.send`. */
export async function joinAsTrainer(node: Node): Promise<void> {
  if (node.federation.state.trainers.has(node.account)) return;
  await bringStake(node, node.federation.contracts.federation, node.parameters().trainerStakeWei);
  await enrol(node);
  await join(node, 'joinAsTrainer');
}

export async function joinAsAggregator(node: Node): Promise<void> {
  if (node.federation.state.aggregators.has(node.account)) return;
  await bringStake(node, node.federation.contracts.federation, node.parameters().aggregatorBondWei);
  await enrol(node);
  await join(node, 'joinAsAggregator');
}

/** Errors: as `joinAsTrainer`. */
export async function joinAsEvaluator(node: Node): Promise<void> {
  if (node.rewards.state.evaluators.has(node.account)) return;
  await bringStake(node, node.rewards.contract, node.rewardParametersOf().evaluatorStakeWei);
  await enrol(node);
  await callRewards(node, 'joining', 'joinAsEvaluator', []);
  await node.rewards.sync();
  node.report({ event: 'joined', account: node.account });
}

/** Without an account nobody is scored or paid; it takes a role's stake. */
async function enrol(node: Node): Promise<void> {
  if (node.rewards.state.accounts.has(node.account)) return;
  await callRewards(node, 'opening an account', 'enrol', [node.options.payee ?? node.account]);
  await node.rewards.sync();
}

async function join(node: Node, method: 'joinAsTrainer' | 'joinAsAggregator'): Promise<void> {
  await callFederation(node, 'joining', method, []);
  await node.federation.sync();
  node.report({ event: 'joined', account: node.account });
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
