/** The shadow of who has an account, and who scores. */
import { aggregatorOf, isAggregator } from './membership.ts';
import { checkpoint, positionOf, requireStake, slash } from './stake.ts';
import { least, must, type RewardParameters, type World } from './world.ts';

export function enrol(world: World, account: string, payee: string): void {
  const { rewards, federation } = world;
  must(!rewards.accounts.has(account), 'AlreadyEnrolled');
  const { trainerStakeWei, aggregatorBondWei } = federation.parameters;
  const leastWei = least(trainerStakeWei, aggregatorBondWei);
  const evaluates = positionOf(world, 'rewards', account).bondedWei >= rewards.parameters.evaluatorStakeWei;
  must(positionOf(world, 'federation', account).bondedWei >= leastWei || evaluates, 'InsufficientStake');
  rewards.accounts.set(account, { payee, claimedGwei: 0n, number: rewards.accounts.size + 1 });
}

export function requireAccountOrPayee({ rewards }: World, sender: string, account: string) {
  const owner = rewards.accounts.get(account);
  must(owner !== undefined, 'NotEnrolled');
  must(sender === account || sender === owner.payee, 'NotAccountOrPayee');
  return owner;
}

export function setPayee(world: World, sender: string, account: string, payee: string): void {
  requireAccountOrPayee(world, sender, account).payee = payee;
}

export function memberCount({ rewards }: World): number {
  return [...rewards.evaluators.values()].filter(({ member }) => member).length;
}

export function joinAsEvaluator(world: World, account: string): void {
  const { rewards, policy } = world;
  must(!policy.barred.has(account), 'Barred');
  must(!rewards.evaluators.get(account)?.member, 'AlreadyAnEvaluator');
  must(rewards.accounts.has(account), 'NotEnrolled');
  requireStake(world, 'rewards', account, evaluatorStakeWei(world));
  rewards.evaluators.set(account, { member: true, joinedAfter: world.federation.latestRound });
}

export function remove({ rewards }: World, account: string): void {
  rewards.evaluators.get(account)!.member = false;
}

export function leaveAsEvaluator(world: World, account: string): void {
  must(world.rewards.evaluators.get(account)?.member === true, 'NotAnEvaluator');
  remove(world, account);
}

export function slashEvaluator(world: World, account: string, challenger: string): void {
  const evaluator = world.rewards.evaluators.get(account);
  if (evaluator === undefined) return;
  const leastWei = evaluatorStakeWei(world);
  slash(world, 'rewards', account, leastWei, challenger, world.federation.parameters.challengerBasisPoints);
  checkpoint(world, 'rewards', account);
  if (evaluator.member && positionOf(world, 'rewards', account).bondedWei < leastWei) remove(world, account);
}

export function electorWeight(world: World, account: string, round: number): number {
  const evaluator = world.rewards.evaluators.get(account);
  const aggregates = isAggregator(world, account) && aggregatorOf(world, account).joinedAfter < round;
  const evaluates = evaluator?.member === true && evaluator.joinedAfter < round;
  return Number(aggregates) + Number(evaluates);
}

// what votes decide

function earlierOpen({ rewards, federation }: World): boolean {
  const last = rewards.changedFrom - 1;
  if (rewards.finalRound >= last) return false;
  return federation.settledRound < last || federation.finalRound > rewards.finalRound;
}

export function evaluatorStakeWei(world: World): bigint {
  const { evaluatorStakeWei } = world.rewards.parameters;
  const earlierWei = earlierOpen(world) ? world.rewards.earlier.at(-1)!.parameters.evaluatorStakeWei : 0n;
  return earlierWei > evaluatorStakeWei ? earlierWei : evaluatorStakeWei;
}

export function evaluatorUnbondingSeconds(world: World): number {
  const { unbondingSeconds } = world.rewards.parameters;
  const earlier = earlierOpen(world) ? world.rewards.earlier.at(-1)!.parameters.unbondingSeconds : 0;
  return Math.max(unbondingSeconds, earlier);
}

export function change(world: World, parameters: RewardParameters): void {
  const { rewards } = world;
  const fromRound = world.federation.latestRound + 1;
  if (fromRound !== rewards.changedFrom) {
    must(!earlierOpen(world), 'ChangeInFlight');
    rewards.earlier.push({ until: fromRound, parameters: rewards.parameters });
  }
  Object.assign(rewards, { parameters, changedFrom: fromRound });
}

export function eject(world: World, account: string): void {
  if (!world.rewards.evaluators.get(account)?.member) return;
  must(world.policy.barred.has(account) || !earlierOpen(world), 'ChangeInFlight');
  remove(world, account);
}

export function parametersOf({ rewards }: World, round: number): RewardParameters {
  if (round >= rewards.changedFrom) return rewards.parameters;
  return rewards.earlier.find(({ until }) => round < until)?.parameters ?? rewards.parameters;
}
