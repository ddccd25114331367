/** The shadow of the policy. Its owner is who calls. */
import { openRound } from './boundary.ts';
import * as evaluators from './evaluators.ts';
import * as membership from './membership.ts';
import { sufficesAt } from './unbonding.ts';
import { must, type Parameters, type RewardParameters, type World } from './world.ts';

const maxPauseSeconds = 7 * 24 * 3600;
const maxEjections = 16;

function tellFederation(world: World): void {
  const { clock } = world.federation;
  clock.policyWaits = true;
  if (clock.round === 0) openRound(world, clock.baseRound);
}

function announce(world: World): void {
  world.policy.changeWaits = true;
  tellFederation(world);
}

export function setFederationParameter(world: World, name: keyof Parameters, value: number | bigint): void {
  const parameters = { ...world.policy.parameters, [name]: value };
  validate(parameters, world.policy.rewardParameters);
  world.policy.parameters = parameters;
  announce(world);
}

export function setRewardParameter(world: World, name: keyof RewardParameters, value: number | bigint): void {
  const rewardParameters = { ...world.policy.rewardParameters, [name]: value };
  validate(world.policy.parameters, rewardParameters);
  world.policy.rewardParameters = rewardParameters;
  evaluators.change(world, rewardParameters);
}

/** The bounds of what is voted on here. */
function validate(p: Parameters, r: RewardParameters): void {
  const within = (value: number | bigint, least: number | bigint, most: number | bigint) =>
    must(value >= least && value <= most, 'ParameterOutOfBounds');
  within(p.trainerStakeWei, 1, 2n ** 128n - 1n);
  within(p.aggregatorBondWei, 1, 2n ** 128n - 1n);
  within(p.answerSeconds, 1, Math.floor(p.challengeSeconds / 6));
  within(p.unbondingSeconds, 2 * p.challengeSeconds + p.turnSeconds + 2 * p.answerSeconds, 16 * 365 * 24 * 3600);
  within(p.minimumUpdates, 0, 65_535);
  within(p.attestationBasisPoints, 5_000, 9_999);
  within(p.reputationFloorBasisPoints, 1_000, 10_000);
  const scored = r.scoringSeconds + r.revealSeconds;
  within(r.publishSeconds, 1, Math.max(0, Math.floor((p.challengeSeconds - scored) / 2)));
  within(r.unbondingSeconds, 2 * p.challengeSeconds, 16 * 365 * 24 * 3600);
  within(r.committeeSize, 1, 128);
  within(r.evaluatorStakeWei, 1, 2n ** 128n - 1n);
}

export function eject(world: World, account: string): void {
  const { policy } = world;
  must(!policy.barred.has(account), 'AlreadyBarred');
  must(policy.ejections.length < maxEjections, 'TooManyEjections');
  policy.barred.add(account);
  policy.ejections.push(account);
  announce(world);
}

export function readmit({ policy }: World, account: string): void {
  must(policy.barred.delete(account), 'NotBarred');
}

export function retire(world: World): void {
  must(!world.policy.retired, 'AlreadyRetired');
  world.policy.retired = true;
  tellFederation(world);
}

export function pause(world: World, seconds: number): void {
  const { policy } = world;
  must(!policy.pauseSpent, 'PauseSpent');
  must(seconds <= maxPauseSeconds, 'PauseTooLong');
  policy.pauseSpent = true;
  policy.pausedUntil = world.now + seconds;
  tellFederation(world);
}

export function unpause(world: World): void {
  world.policy.pausedUntil = 0;
  tellFederation(world);
}

export function reportUnderstaked(world: World, account: string): void {
  const suffices = sufficesAt(world, 'federation', account);
  must(!(suffices && sufficesAt(world, 'rewards', account)), 'StakeSuffices');
  if (!suffices) membership.eject(world, account);
  else evaluators.eject(world, account);
}
