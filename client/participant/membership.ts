/** The stake that a role needs, an account, and joining. Each step is skipped where it has been done. */
import { formatEther } from 'ethers';
import { depositStake, type StakeRole, stakedFor } from '../chain/stake.ts';
import { formatTime } from '../core/format.ts';
import { readLosses } from './losses.ts';
import { callFederation, callRewards, type Participant } from './participant.ts';
import { isBarred } from './policy.ts';

/**
 * `later`: it was removed and may not join again yet. `barred`: a vote has ejected the account. `short`: of its stake some was lost, and it is
 * not to be replaced unasked.
 */
export type Membership = 'member' | 'later' | 'barred' | 'short';

/** `joined`: it has become a member by this call. */
type Join = (node: Participant) => Promise<Membership | 'joined' | Obstacle>;

/** What is in the way, to be said to who runs the node. */
interface Obstacle {
  membership: 'later' | 'short';
  reason: string;
}

/**
 * A step of a role: joins, and says so, also where it was told of a failure and the chain had let it in. Where something is in the way,
 * says once what it is, and goes on with what there is to do.
 */
export function createMembership(node: Participant, join: Join): () => Promise<Membership> {
  let said: string | undefined;
  let shortAt: number | undefined;
  let joining = false;
  return async () => {
    const { number } = node.federation.head();
    if (shortAt === number) return 'short';
    const joined = await join(node).catch((error: unknown) => {
      joining = true;
      throw error;
    });
    if (joined === 'joined' || (joined === 'member' && joining)) {
      joining = false;
      node.report({ event: 'joined', account: node.account });
      return 'member';
    }
    if (typeof joined === 'string') return joined;
    const { membership, reason } = joined;
    if (membership === 'short') shortAt = number;
    if (reason !== said) node.report({ event: 'waiting', for: reason });
    said = reason;
    return membership;
  };
}

/** Errors: NOT_ELIGIBLE (too few tokens), and those of `Sender.send`. */
export async function joinAsTrainer(node: Participant): ReturnType<Join> {
  const { federation, account } = node;
  if (federation.state.trainers.has(account)) return 'member';
  if (await isBarred(node)) return 'barred';
  const at = federation.state.mayJoinAt.get(account) ?? 0;
  if (federation.chainTime() < at) {
    const reason = `${formatTime(at)}: the account was removed, and joins again then`;
    return { membership: 'later', reason };
  }
  return await join(node, 'trainer', node.parameters().trainerStakeWei, () => joinFederation(node, 'joinAsTrainer'));
}

/** As `joinAsTrainer`. */
export async function joinAsAggregator(node: Participant): ReturnType<Join> {
  if (node.federation.state.aggregators.has(node.account)) return 'member';
  if (await isBarred(node)) return 'barred';
  const { aggregatorBondWei } = node.parameters();
  return await join(node, 'aggregator', aggregatorBondWei, () => joinFederation(node, 'joinAsAggregator'));
}

/** As `joinAsTrainer`. */
export async function joinAsEvaluator(node: Participant): ReturnType<Join> {
  if (node.rewards.state.evaluators.has(node.account)) return 'member';
  if (await isBarred(node)) return 'barred';
  const { evaluatorStakeWei } = node.rewardParametersOf();
  return await join(node, 'evaluator', evaluatorStakeWei, async () => {
    await callRewards(node, 'joining', 'joinAsEvaluator', []);
    await node.rewards.sync();
  });
}

async function join(node: Participant, role: StakeRole, roleWei: bigint, enter: () => Promise<void>): ReturnType<Join> {
  const address = stakedFor(node.addresses, role);
  const holder = role === 'evaluator' ? node.rewards.contract : node.federation.contracts.federation;
  const [others, bonded] = await Promise.all([
    holder.requiredStakeWei(node.account),
    node.federation.contracts.stake.bondedWei(address, node.account),
  ]);
  // more than the account's other roles at the same contract need
  const missingWei = others + roleWei - bonded;
  if (missingWei > 0n) {
    if (!node.options.topUp && (await hasLost(node, role))) return shortage(role, missingWei);
    await depositStake(node, address, missingWei);
  }
  await enrol(node);
  await enter();
  return 'joined';
}

function shortage(role: StakeRole, missingWei: bigint): Obstacle {
  const tokens = formatEther(missingWei);
  const reason = `${tokens} tokens of stake that were lost: add them with \`tributary stake ${tokens} --role ${role}\`, or start with --top-up`;
  return { membership: 'short', reason };
}

/** Without an account nobody is scored or paid; it takes a role's stake. */
async function enrol(node: Participant): Promise<void> {
  if (node.rewards.state.accounts.has(node.account)) return;
  await callRewards(node, 'opening an account', 'enrol', [node.options.payee ?? node.account]);
  await node.rewards.sync();
}

async function joinFederation(node: Participant, method: 'joinAsTrainer' | 'joinAsAggregator'): Promise<void> {
  await callFederation(node, 'joining', method, []);
  await node.federation.sync();
}

/** Who deposits for the first time, or after having withdrawn it, has asked for that by starting the role. */
async function hasLost(node: Participant, role: StakeRole): Promise<boolean> {
  return (await readLosses(node, [role], node.deployBlock)).length > 0;
}
