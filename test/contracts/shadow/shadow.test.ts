/**
 * Random sequences of all that accounts can do, refused or not, on the contracts and on a plain model of them: both agree on every
 * number that can be read, and on what is refused and why. `TRIBUTARY_SHADOW_STEPS` makes the sequences longer.
 */
import { env } from 'node:process';
import { expect } from 'chai';
import { Interface } from 'ethers';
import { createRandom } from '../../../client/core/random.ts';
import type { Deployment } from '../deployment.ts';
import { compare, viewsOf } from './compare.ts';
import * as demands from './demandActions.ts';
import { accuse, foundingSteps, joinActions, leaveActions, reportActions, slashSubmission } from './memberActions.ts';
import * as policy from './policy.ts';
import * as rounds from './roundActions.ts';
import { scoreActions } from './scoreActions.ts';
import { createStage, pick, type Stage, type Step } from './stage.ts';
import { stakeActions, voteActions } from './stakeActions.ts';
import { statementActions } from './statementActions.ts';
import { Refusal, type World } from './world.ts';

const steps = Number(env.TRIBUTARY_SHADOW_STEPS ?? 240);
/** Small rings come round often. */
const ringSizes = [3, 4, 5];
/** A longer one ends with nobody who has stake left. */
const stepsOfSequence = 150;
const sequences = Array.from(
  { length: Math.max(ringSizes.length, Math.ceil(steps / stepsOfSequence)) },
  (_, index) => index,
);

type Choose = (stage: Stage) => Promise<Step | undefined> | Step | undefined;

/** How often each kind of action is chosen. */
const kinds: [number, Choose][] = [
  [3, (stage) => pick(stage, stakeActions)(stage)],
  [10, (stage) => pick(stage, joinActions)(stage)],
  [1, (stage) => pick(stage, leaveActions)(stage)],
  [3, (stage) => pick(stage, reportActions)(stage)],
  [1, accuse],
  [1, slashSubmission],
  [1, (stage) => pick(stage, voteActions)(stage)],
  [12, rounds.submit],
  [2, rounds.claimTurn],
  [20, rounds.propose],
  [10, rounds.finalizeOrSkip],
  [2, demands.refute],
  [3, demands.demand],
  [4, demands.settleDemand],
  [2, demands.reportUnserved],
  [20, (stage) => pick(stage, scoreActions)(stage)],
  [12, (stage) => pick(stage, statementActions)(stage)],
];
/** What goes through at least once, whatever the sequences are. */
const expectedAlways = ['joinAsTrainer', 'joinAsEvaluator', 'proposeAggregate', 'finalizeRound', 'retire'];

const choices = kinds.flatMap(([times, choose]) => Array.from({ length: times }, () => choose));

/** Some time later, often at a moment from which something may or may not be done. */
function laterThan({ world, random, actors }: Stage): number {
  const { clock, parameters } = world.federation;
  const { scoringSeconds, revealSeconds } = world.rewards.parameters;
  const proposed = [...world.federation.proposals.values()];
  const moments = [
    clock.submissionDeadline,
    clock.submissionDeadline + parameters.turnSeconds,
    clock.submissionDeadline + parameters.submissionSeconds + 2 * parameters.turnSeconds,
    ...proposed.flatMap(({ closesAt, proposedAt }) => [
      closesAt,
      proposedAt + scoringSeconds,
      proposedAt + scoringSeconds + revealSeconds,
    ]),
    ...world.openings.demands.map(({ answerBy }) => answerBy + 1),
    ...[...world.stake.positions.values()].map(({ releaseAt }) => releaseAt),
  ].filter((moment) => moment >= world.now && moment < world.now + 400);
  const kind = random.below(12);
  if (kind < 10) return world.now + random.below(3);
  if (kind < 11 || moments.length === 0) return world.now + random.below(30 + actors.length);
  return moments[random.below(moments.length)]! - (random.below(6) === 0 && moments[0]! > world.now ? 1 : 0);
}

/** The name of what a transaction was refused with. */
async function refusalOf(
  send: () => Promise<unknown>,
  errors: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  try {
    await send();
    return undefined;
  } catch (error) {
    return errors.get(dataOf(error)?.slice(0, 10) ?? '') ?? (error as Error).message;
  }
}

/** What the chain returned with the error, however deep it is wrapped. */
function dataOf(error: unknown): string | undefined {
  if (typeof error === 'string') return error;
  if (typeof error !== 'object' || error === null) return undefined;
  const { data, cause } = error as { data?: unknown; cause?: unknown };
  return dataOf(data) ?? dataOf(cause);
}

function errorsOf(deployment: Deployment): Map<string, string> {
  const { federation, rewards, stake, policy: policyContract, challenges } = deployment;
  const all = [federation, rewards, stake, policyContract, ...Object.values(challenges)];
  const names = new Map<string, string>([['0x4e487b71', 'Panic']]);
  for (const contract of all) {
    (contract.interface as Interface).forEachError(({ selector, name }) => names.set(selector, name));
  }
  const bounds = new Interface(['error ParameterOutOfBounds(string,uint256,uint256,uint256)']);
  bounds.forEachError(({ selector, name }) => names.set(selector, name));
  return names;
}

/** What the shadow refuses leaves no trace in it. */
function follow(stage: Stage, step: Step, observed: bigint): string | undefined {
  const before: World = structuredClone(stage.world);
  try {
    step.shadow(stage.world, observed);
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    stage.world = before;
    return error.message;
  }
}

async function play(stage: Stage, count: number): Promise<Map<string, number>> {
  const { deployment } = stage;
  const reader = await deployment.ethers.deployContract('Views');
  const errors = errorsOf(deployment);
  const accounts = [...stage.actors, stage.owner].map(({ address }) => address);
  const outcomes = new Map<string, number>();
  stage.world.now = await deployment.time.latest();
  const founding = foundingSteps(stage);
  for (let index = -founding.length; index < count; index++) {
    stage.world.now = laterThan(stage);
    const chosen = index === Math.floor(count * 0.9) ? retire(stage) : await pick(stage, choices)(stage);
    const step = index < 0 ? founding[index + founding.length] : chosen;
    if (step === undefined) continue;
    await deployment.time.setNextBlockTimestamp(stage.world.now);
    const actual = await refusalOf(step.send, errors);
    const observed = (await step.observe?.()) ?? 0n;
    const label = `step ${index}, ${step.name} at ${stage.world.now}`;
    expect(actual, label).to.equal(follow(stage, step, observed));
    await compare(deployment, reader, viewsOf(stage.world, accounts), label);
    const outcome = `${step.name.replace(/[( ].*/, '')}${actual === undefined ? '' : ` ${actual}`}`;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  return outcomes;
}

function retire({ deployment }: Stage): Step {
  return { name: 'retire', send: () => deployment.policy.retire(), shadow: policy.retire };
}

describe('the contracts, beside a plain model of them', () => {
  /** How often each call went through, or was refused with which error. */
  const all = new Map<string, number>();
  for (const sequence of sequences) {
    const ringSize = ringSizes[sequence % ringSizes.length]!;
    it(`agree on every number and every refusal in sequence ${sequence}, with a ring of ${ringSize}`, async function () {
      this.timeout(600_000);
      const stage = await createStage(createRandom('shadow', sequence), ringSize);
      const outcomes = await play(stage, Math.ceil(steps / sequences.length));
      for (const [outcome, times] of outcomes) all.set(outcome, (all.get(outcome) ?? 0) + times);
    });
  }

  it('have taken and refused, in all sequences together, every kind of call that is expected', () => {
    if (env.TRIBUTARY_SHADOW_REPORT) console.log([...all].sort().join('\n'));
    for (const name of expectedAlways) expect(all.get(name), name).to.be.greaterThan(0);
  });
});
