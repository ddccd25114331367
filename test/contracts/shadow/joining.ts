/** The shadow of who joins the federation: it may open the round that waits for it. */
import { openRound } from './boundary.ts';
import {
  aggregatorOf,
  attendanceOf,
  isAggregator,
  isNeeded,
  isTrainer,
  requiredStakeWei,
  slotsOf,
} from './membership.ts';
import { requireStake } from './stake.ts';
import { must, type World } from './world.ts';

export function joinAsTrainer(world: World, account: string): void {
  const { federation } = world;
  must(!isTrainer(world, account), 'AlreadyATrainer');
  must(world.now >= attendanceOf(world, account).mayJoinAt, 'TooSoonToRejoin');
  requireAdmitted(world, account, federation.parameters.trainerStakeWei);
  const slots = slotsOf(world, account);
  for (const [index, slot] of slots.entries()) {
    if (isNeeded(world, slot)) slot!.retired = false;
    else slots[index] = { round: newestRoundAt(world, index), digest: undefined, retired: false };
  }
  federation.trainerCount++;
  if (federation.clock.round === 0) openRound(world, federation.clock.baseRound);
}

export function joinAsAggregator(world: World, account: string): void {
  const { federation } = world;
  must(!isAggregator(world, account), 'AlreadyAnAggregator');
  requireAdmitted(world, account, federation.parameters.aggregatorBondWei);
  const before = aggregatorOf(world, account);
  federation.aggregators.set(account, { ...before, joinedAfter: federation.latestRound });
  const place = federation.turns.find((one) => one.account === account);
  if (place === undefined) federation.turns.push({ account, left: false });
  else place.left = false;
  if (federation.clock.round === 0) openRound(world, federation.clock.baseRound);
}

function requireAdmitted(world: World, account: string, moreWei: bigint): void {
  must(!world.policy.barred.has(account), 'Barred');
  requireStake(world, 'federation', account, requiredStakeWei(world, account) + moreWei);
}

function newestRoundAt({ federation, ringSize }: World, index: number): number {
  for (let round = federation.latestRound; round > 0; round--) if (round % ringSize === index) return round;
  return 0;
}
