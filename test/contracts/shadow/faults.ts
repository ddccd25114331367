/** The shadow of what faults cost. */
import { slashEvaluator } from './evaluators.ts';
import {
  expectOneFewer,
  hasSubmitted,
  isAggregator,
  isTrainer,
  removeAggregator,
  removeTrainer,
  requiredStakeWei,
  termsOf,
} from './membership.ts';
import { checkpoint, positionOf, slash } from './stake.ts';
import { must, type World } from './world.ts';

export function slashTrainer(world: World, account: string, round: number, challenger: string): void {
  const { federation } = world;
  must(!federation.slashedTrainers.has(`${account} ${round}`), 'AlreadySlashed');
  const open = federation.clock.round;
  const alsoOpen = round !== open && hasSubmitted(world, account, open);
  if (alsoOpen && !federation.slashedTrainers.has(`${account} ${open}`)) discard(world, account, open);
  discard(world, account, round);
  slashFor(world, account, federation.parameters.trainerStakeWei, challenger);
  if (isTrainer(world, account)) removeTrainer(world, account);
  removeWithoutStake(world, account);
}

function discard(world: World, account: string, round: number): void {
  const { federation } = world;
  federation.slashedTrainers.add(`${account} ${round}`);
  expectOneFewer(world, round);
  if (round === federation.clock.round) federation.clock.edition = (federation.clock.edition + 1) % 256;
}

export function slashSigner(world: World, account: string, round: number, challenger: string): void {
  const { federation } = world;
  must(round !== 0 && termsOf(world, round) !== undefined, 'Forgotten');
  must(!federation.slashedSigners.has(`${account} ${round}`), 'AlreadySlashed');
  federation.slashedSigners.add(`${account} ${round}`);
  if (federation.aggregators.has(account)) slashAggregator(world, account, challenger);
  slashEvaluator(world, account, challenger);
}

export function slashAggregator(world: World, account: string, challenger: string): void {
  slashFor(world, account, world.federation.parameters.aggregatorBondWei, challenger);
  if (isAggregator(world, account)) removeAggregator(world, account);
  removeWithoutStake(world, account);
}

function slashFor(world: World, account: string, wei: bigint, challenger: string): void {
  slash(world, 'federation', account, wei, challenger, world.federation.parameters.challengerBasisPoints);
}

function removeWithoutStake(world: World, account: string): void {
  const { bondedWei } = positionOf(world, 'federation', account);
  const lacks = () => bondedWei < requiredStakeWei(world, account);
  if (isAggregator(world, account) && lacks()) removeAggregator(world, account);
  if (isTrainer(world, account) && lacks()) removeTrainer(world, account);
  if (requiredStakeWei(world, account) !== 0n) checkpoint(world, 'federation', account);
}
