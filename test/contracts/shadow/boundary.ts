/** The shadow of the boundary between rounds: what was voted on takes hold, and the next round opens where it may. */
import * as evaluators from './evaluators.ts';
import * as membership from './membership.ts';
import { maxInputs, Refusal, type World } from './world.ts';

export function openRound(world: World, baseRound: number): void {
  const { federation, rewards, startTrainers, ringSize } = world;
  const { clock } = federation;
  const halted = clock.policyWaits && !followPolicy(world, baseRound);
  if (baseRound === federation.finalRound) federation.settledRound = federation.latestRound;
  const { parameters, trainerCount } = federation;
  const round = federation.latestRound + 1;
  const least = Math.max(1, parameters.minimumUpdates, round === 1 ? startTrainers : 0);
  const tooFew = trainerCount < least || membership.aggregatorsOf(world).length === 0;
  if (halted || tooFew || round >= federation.settledRound + ringSize) {
    Object.assign(clock, { round: 0, baseRound, submissionDeadline: 0 });
    return;
  }
  federation.latestRound = round;
  const expectedTrainers = Math.min(trainerCount, maxInputs);
  const submissionDeadline = world.now + parameters.submissionSeconds;
  const { maxWeight, maxSquaredNorm, rule, trimBasisPoints } = parameters;
  Object.assign(clock, { round, baseRound, expectedTrainers, submissionDeadline, maxWeight, maxSquaredNorm });
  Object.assign(clock, { rule, trimBasisPoints, policyWaits: false, reopened: false });
  membership.passTurn(world);
  const members = [...rewards.evaluators.values()].filter(({ member }) => member).length;
  federation.terms.set(round % ringSize, {
    round,
    openedAt: world.now,
    expectedTrainers,
    submissionDeadline,
    aggregators: membership.aggregatorsOf(world).length,
    evaluators: members,
  });
}

/** @returns whether a round may open. */
function followPolicy(world: World, baseRound: number): boolean {
  const { federation, policy } = world;
  const { opens, changed } = beforeRound(world, baseRound === federation.finalRound);
  if (!changed) return opens;
  const seconds = membership.unbondingSeconds(world);
  if (policy.parameters.unbondingSeconds < seconds) {
    federation.longerUnbonding = { seconds, finalRound: federation.finalRound };
  }
  federation.parameters = policy.parameters;
  return opens;
}

function beforeRound(world: World, nothingInFlight: boolean): { opens: boolean; changed: boolean } {
  const { policy } = world;
  const changed = policy.changeWaits && nothingInFlight;
  if (changed) {
    policy.changeWaits = false;
    removeEjected(world);
  }
  return { opens: !policy.changeWaits && !policy.retired && world.now >= policy.pausedUntil, changed };
}

function removeEjected(world: World): void {
  const { policy } = world;
  for (let account = policy.ejections.pop(); account !== undefined; account = policy.ejections.pop()) {
    if (!policy.barred.has(account)) continue;
    membership.eject(world, account);
    try {
      evaluators.eject(world, account);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }
}
