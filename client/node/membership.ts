/** The stake that a role needs, an account, and joining. Each step is skipped where it has been done. */
import type { FederationClient } from '../chain/federation.ts';
import { callFederation, callRewards, type Node } from './node.ts';
import { isBarred } from './policy.ts';
import { depositStake } from './stake.ts';

/** `later`: it was removed and may not join again yet. `barred`: a vote has ejected it. */
export type Membership = 'member' | 'later' | 'barred';

/** Errors: NOT_ELIGIBLE (too few tokens), and those of `Sender.send`. */
export async function joinAsTrainer(node: Node): Promise<Membership> {
  const { federation, account } = node;
  if (federation.state.trainers.has(account)) return 'member';
  if (await isBarred(node)) return 'barred';
  const at = federation.state.mayJoinAt.get(account) ?? 0;
  if (federation.chainTime() < at) {
    sayOnce(node, `${new Date(1000 * at).toISOString()}: the account was removed, and joins again then`);
    return 'later';
  }
  await bringStake(node, federation.contracts.federation, node.parameters().trainerStakeWei);
  await enrol(node);
  return await join(node, 'joinAsTrainer');
}

/** As `joinAsTrainer`. */
export async function joinAsAggregator(node: Node): Promise<Membership> {
  if (node.federation.state.aggregators.has(node.account)) return 'member';
  if (await isBarred(node)) return 'barred';
  await bringStake(node, node.federation.contracts.federation, node.parameters().aggregatorBondWei);
  await enrol(node);
  return await join(node, 'joinAsAggregator');
}

/** As `joinAsTrainer`. */
export async function joinAsEvaluator(node: Node): Promise<Membership> {
  if (node.rewards.state.evaluators.has(node.account)) return 'member';
  if (await isBarred(node)) return 'barred';
  await bringStake(node, node.rewards.contract, node.rewardParametersOf().evaluatorStakeWei);
  await enrol(node);
  await callRewards(node, 'joining', 'joinAsEvaluator', []);
  await node.rewards.sync();
  node.report({ event: 'joined', account: node.account });
  return 'member';
}

const said = new WeakMap<Node['report'], string>();

function sayOnce({ report }: Pick<Node, 'report'>, reason: string): void {
  if (said.get(report) === reason) return;
  said.set(report, reason);
  report({ event: 'waiting', for: reason });
}

/** Without an account nobody is scored or paid; it takes a role's stake. */
async function enrol(node: Node): Promise<void> {
  if (node.rewards.state.accounts.has(node.account)) return;
  await callRewards(node, 'opening an account', 'enrol', [node.options.payee ?? node.account]);
  await node.rewards.sync();
}

async function join(node: Node, method: 'joinAsTrainer' | 'joinAsAggregator'): Promise<Membership> {
  await callFederation(node, 'joining', method, []);
  await node.federation.sync();
  node.report({ event: 'joined', account: node.account });
  return 'member';
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
