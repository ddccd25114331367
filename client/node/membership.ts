/** Bringing the stake that a role needs, and joining. Each step is skipped where it has been done. */
import { formatEther } from 'ethers';
import { transact } from '../chain/federation.ts';
import { TributaryError } from '../core/errors.ts';
import { callFederation, type Node } from './node.ts';

/** Errors: NOT_ELIGIBLE (too few tokens), and those of `Sender.send`. */
export async function joinAsTrainer(node: Node): Promise<void> {
  if (node.federation.state.trainers.has(node.account)) return;
  await bringStake(node, node.parameters.trainerStakeWei);
  await join(node, 'joinAsTrainer');
}

export async function joinAsAggregator(node: Node): Promise<void> {
  if (node.federation.state.aggregators.has(node.account)) return;
  await bringStake(node, node.parameters.aggregatorBondWei);
  await join(node, 'joinAsAggregator');
}

async function join(node: Node, method: 'joinAsTrainer' | 'joinAsAggregator'): Promise<void> {
  await callFederation(node, 'joining', method, []);
  await node.federation.sync();
  node.report({ event: 'joined', account: node.account });
}

/** Deposits what is missing to `roleWei` more than the account's other roles need. */
async function bringStake(node: Node, roleWei: bigint): Promise<void> {
  const { addresses, sender, signal } = node;
  const { federation, stake, token } = node.federation.contracts;
  const [others, bonded, balance] = await Promise.all([
    federation.requiredStakeWei(node.account),
    stake.bondedWei(addresses.federation, node.account),
    token.balanceOf(node.account),
  ]);
  const missing = others + roleWei - bonded;
  if (missing <= 0n) return;
  if (balance < missing) {
    throw new TributaryError(
      'NOT_ELIGIBLE',
      `Taking part needs a stake of ${formatEther(missing)} tokens, but ${node.account} has ${formatEther(balance)}: send it the rest (token ${addresses.token}).`,
      { args: { missingWei: missing, balanceWei: balance } },
    );
  }
  await transact(
    sender,
    'approving the stake',
    addresses.token,
    'TributaryToken',
    'approve',
    [addresses.stake, missing],
    signal,
  );
  await transact(
    sender,
    'depositing the stake',
    addresses.stake,
    'Stake',
    'deposit',
    [addresses.federation, missing],
    signal,
  );
}
