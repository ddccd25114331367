/** Roles, and who loses them. */
import { attest } from '../round.ts';
import * as evaluators from './evaluators.ts';
import * as faults from './faults.ts';
import * as joining from './joining.ts';
import * as membership from './membership.ts';
import * as policy from './policy.ts';
import { reportAbsence } from './scores.ts';
import { pick, rarely, type Stage, type Step } from './stage.ts';
import * as stake from './stake.ts';
import { must, type Place, type World, zeroAddress } from './world.ts';

const joins = {
  joinAsTrainer: joining.joinAsTrainer,
  joinAsAggregator: joining.joinAsAggregator,
};
const leaves = {
  leaveAsTrainer: membership.leaveAsTrainer,
  leaveAsAggregator: membership.leaveAsAggregator,
};
const reports = {
  reportAbsence: membership.reportAbsence,
  reportIdle: membership.reportIdle,
};

export const joinActions: ((stage: Stage) => Step)[] = [
  (stage) => ofMember(stage, joins),
  (stage) => {
    const actor = pick(stage, stage.actors);
    return {
      name: 'joinAsEvaluator',
      send: () => stage.deployment.rewards.connect(actor).joinAsEvaluator(),
      shadow: (world) => evaluators.joinAsEvaluator(world, actor.address),
    };
  },
  (stage) => {
    const actor = pick(stage, stage.actors);
    const payee = pick(stage, stage.actors).address;
    return {
      name: 'enrol',
      send: () => stage.deployment.rewards.connect(actor).enrol(payee),
      shadow: (world) => evaluators.enrol(world, actor.address, payee),
    };
  },
];

export const leaveActions: ((stage: Stage) => Step)[] = [
  (stage) => ofMember(stage, leaves),
  (stage) => {
    const actor = pick(stage, stage.actors);
    return {
      name: 'leaveAsEvaluator',
      send: () => stage.deployment.rewards.connect(actor).leaveAsEvaluator(),
      shadow: (world) => evaluators.leaveAsEvaluator(world, actor.address),
    };
  },
  (stage) => {
    const [actor, account, payee] = [pick(stage, stage.actors), pick(stage, stage.actors), pick(stage, stage.actors)];
    return {
      name: 'setPayee',
      send: () => stage.deployment.rewards.connect(actor).setPayee(account.address, payee.address),
      shadow: (world) => evaluators.setPayee(world, actor.address, account.address, payee.address),
    };
  },
];

export const reportActions: ((stage: Stage) => Step)[] = [
  (stage) => {
    const name = pick(stage, Object.keys(reports) as (keyof typeof reports)[]);
    const account = pick(stage, stage.actors).address;
    return {
      name,
      send: () => stage.deployment.federation[name](account),
      shadow: (world) => reports[name](world, account),
    };
  },
  (stage) => {
    const account = pick(stage, stage.actors).address;
    const last = stage.world.federation.finalRound;
    const most = Math.min(4, stage.world.ringSize - 1) - (rarely(stage, 12) ? 1 : 0);
    const rounds = [3, 2, 1, 0].slice(-most).map((age) => Math.max(1, last - age - (rarely(stage, 9) ? 1 : 0)));
    return {
      name: `reportAbsence(${rounds.join()}) of an evaluator`,
      send: () => stage.deployment.rewards.reportAbsence(account, rounds),
      shadow: (world) => reportAbsence(world, account, rounds),
    };
  },
  (stage) => {
    const account = pick(stage, stage.actors).address;
    return {
      name: 'reportUnderstaked',
      send: () => stage.deployment.policy.reportUnderstaked(account),
      shadow: (world) => policy.reportUnderstaked(world, account),
    };
  },
];

/** An aggregator or evaluator, or nobody, that signs two roots. */
export async function accuse(stage: Stage): Promise<Step> {
  const { federation, challenges } = stage.deployment;
  const [signer, other] = [pick(stage, stage.actors), pick(stage, stage.actors)];
  const round = Math.max(0, stage.world.federation.latestRound - stage.random.below(5));
  const edition = stage.random.below(3);
  const roots = [0, 1].map((index) => `0x${`${index + 1}`.repeat(64)}`);
  if (rarely(stage, 10)) roots[1] = roots[0]!;
  const forged = rarely(stage, 10) && other !== signer;
  const [first] = await attest(federation, { round, edition, inputsRoot: roots[0]! }, [signer]);
  const [second] = await attest(federation, { round, edition, inputsRoot: roots[1]! }, [forged ? other : signer]);
  const shown = { signer: signer.address, signature: second!.signature };
  return {
    name: `refuteSignatures(${round})`,
    send: () => challenges.inputs.refuteSignatures(federation, round, edition, roots[0]!, roots[1]!, first!, shown),
    shadow: (world) => {
      must(roots[0] !== roots[1], 'SameInputs');
      must(!forged, 'WrongSignature');
      faults.slashSigner(world, signer.address, round, zeroAddress);
    },
  };
}

/** Whoever holds a submission in its ring. */
export function slashSubmission(stage: Stage): Step | undefined {
  const { world, deployment, judge } = stage;
  const held = stage.actors.flatMap(({ address }) =>
    membership.slotsOf(world, address).flatMap((slot) => (slot?.digest === undefined ? [] : [{ address, slot }])),
  );
  if (held.length === 0) return undefined;
  const { address, slot } = pick(stage, held);
  const challenger = pick(stage, [zeroAddress, address, ...stage.actors.map((actor) => actor.address)]);
  return {
    name: `slashTrainer(${slot.round})`,
    send: () => deployment.federation.connect(judge).slashTrainer(address, slot.round, challenger),
    shadow: (world) => faults.slashTrainer(world, address, slot.round, challenger),
  };
}

type MemberCall = 'joinAsTrainer' | 'joinAsAggregator' | 'leaveAsTrainer' | 'leaveAsAggregator';

function ofMember(stage: Stage, calls: Partial<Record<MemberCall, (typeof joins)['joinAsTrainer']>>): Step {
  const name = pick(stage, Object.keys(calls) as MemberCall[]);
  const is = name.endsWith('Trainer') ? membership.isTrainer : membership.isAggregator;
  // mostly who may
  const fit = stage.actors.filter(({ address }) => is(stage.world, address) === name.startsWith('leave'));
  const actor = fit.length > 0 && !rarely(stage, 5) ? pick(stage, fit) : pick(stage, stage.actors);
  return {
    name,
    send: () => stage.deployment.federation.connect(actor)[name](),
    shadow: (world) => calls[name]!(world, actor.address),
  };
}

/** Everybody is almost everything: how each sequence begins. */
export function foundingSteps(stage: Stage): Step[] {
  const { federation, rewards, stake: bank } = stage.deployment;
  return stage.actors.flatMap((actor, index) => {
    const { address } = actor;
    const deposit = (where: Place, wei: bigint) => ({
      name: `deposit(${where}, ${wei})`,
      send: () => bank.connect(actor).deposit(stage.world.addresses[where], wei),
      shadow: (world: World) => stake.deposit(world, address, where, wei),
    });
    const enrol = {
      name: 'enrol',
      send: () => rewards.connect(actor).enrol(address),
      shadow: (world: World) => evaluators.enrol(world, address, address),
    };
    const evaluate = {
      name: 'joinAsEvaluator',
      send: () => rewards.connect(actor).joinAsEvaluator(),
      shadow: (world: World) => evaluators.joinAsEvaluator(world, address),
    };
    const train = {
      name: 'joinAsTrainer',
      send: () => federation.connect(actor).joinAsTrainer(),
      shadow: (world: World) => joining.joinAsTrainer(world, address),
    };
    const aggregate = {
      name: 'joinAsAggregator',
      send: () => federation.connect(actor).joinAsAggregator(),
      shadow: (world: World) => joining.joinAsAggregator(world, address),
    };
    // a slash ends some, and leaves others in their roles
    const times = index % 2 === 0 ? 10n : 1n;
    const stakes = [deposit('federation', 2_500n * times), deposit('rewards', 900n * times), enrol];
    return [...stakes, ...(index % 3 === 0 ? [] : [evaluate]), train, ...(index % 2 === 0 ? [aggregate] : [])];
  });
}
