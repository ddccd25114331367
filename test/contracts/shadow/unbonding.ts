/** The shadow of how stake leaves: what a place requires stays, and what is vouched for is locked. */
import { evaluatorStakeWei, evaluatorUnbondingSeconds } from './evaluators.ts';
import { requiredStakeWei, unbondingSeconds, vouchedRound } from './membership.ts';
import { positionOf, write } from './stake.ts';
import { must, type Place, type World } from './world.ts';

export function requestUnbond(world: World, account: string, where: Place, wei: bigint): void {
  must(wei !== 0n, 'ZeroAmount');
  const position = positionOf(world, where, account);
  must(wei <= position.bondedWei, 'InsufficientStake');
  const isFederation = where === 'federation';
  const requiredWei = isFederation ? requiredStakeWei(world, account) : requiredOfEvaluator(world, account);
  must(position.bondedWei - wei >= requiredWei, 'StakeRequired');
  position.bondedWei -= wei;
  position.unbondingWei += wei;
  position.releaseAt = world.now + (isFederation ? unbondingSeconds(world) : evaluatorUnbondingSeconds(world));
  position.vouchedRound = isFederation ? vouchedRound(world, account) : 0;
  write(world, position);
}

function requiredOfEvaluator(world: World, account: string): bigint {
  return world.rewards.evaluators.get(account)?.member ? evaluatorStakeWei(world) : 0n;
}

/** Whether the place needs as much of it as is bonded. */
export function sufficesAt(world: World, where: Place, account: string): boolean {
  const isFederation = where === 'federation';
  const requiredWei = isFederation ? requiredStakeWei(world, account) : requiredOfEvaluator(world, account);
  return positionOf(world, where, account).bondedWei >= requiredWei;
}

export function withdraw(world: World, account: string, where: Place): void {
  const position = positionOf(world, where, account);
  must(position.unbondingWei !== 0n, 'ZeroAmount');
  must(world.now >= position.releaseAt, 'StillUnbonding');
  const settled = where === 'federation' ? world.federation.settledRound : 0;
  must(settled >= position.vouchedRound, 'StakeLocked');
  position.unbondingWei = 0n;
}
