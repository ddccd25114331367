/** Scores. */
import { id } from 'ethers';
import { fromHex, toHex } from '../../../client/core/hash.ts';
import { commitScores, scoresRoot, scoresToBytes, timeCommitment } from '../../../client/core/rewards/scores.ts';
import { parametersOf } from './evaluators.ts';
import { recordOf } from './rounds.ts';
import * as scoring from './scores.ts';
import { pick, rarely, type Stage, type Step } from './stage.ts';
import { must, rewardRing } from './world.ts';

const salt = fromHex(id('salt'));
const scores = Int16Array.of(5);

function someRound(stage: Stage): number {
  const proposed = [...stage.world.federation.proposals.values()].map(({ round }) => round);
  if (proposed.length > 0 && !rarely(stage, 6)) return Math.max(...proposed);
  return Math.max(rarely(stage, 20) ? 0 : 1, stage.world.federation.latestRound - stage.random.below(3));
}

/** To scores of what is proposed of a round now. */
function commitmentOf(stage: Stage, evaluator: string, round: number, proposedAt: number): string {
  const { chainId, addresses } = stage.world;
  const root = scoresRoot(salt, scores);
  return toHex(
    timeCommitment(commitScores({ chainId, rewards: addresses.rewards, round, evaluator }, root), proposedAt),
  );
}

export const scoreActions: ((stage: Stage) => Step)[] = [
  (stage) => {
    const round = someRound(stage);
    return {
      name: `openScoring(${round})`,
      send: () => stage.deployment.rewards.openScoring(round),
      shadow: (world) => {
        scoring.openScoring(world, round);
      },
    };
  },
  commit,
  commit,
  (stage) => {
    const { actor, round } = committed(stage);
    const { proposedAt = 0 } = scoring.scoreSlotOf(stage.world, actor.address, round) ?? {};
    const commitment = BigInt(commitmentOf(stage, actor.address, round, proposedAt));
    const right = !rarely(stage, 8);
    const root = right ? toHex(scoresRoot(salt, scores)) : id('other scores');
    return {
      name: `revealScores(${round})`,
      send: () => stage.deployment.rewards.connect(actor).revealScores(round, root),
      shadow: (world) => scoring.revealScores(world, actor.address, round, right ? commitment : 0n),
    };
  },
  (stage) => {
    const { actor, round } = committed(stage);
    const sender = pick(stage, stage.actors);
    const value = parametersOf(stage.world, round).demandBondWei + (rarely(stage, 10) ? 1n : 0n);
    return {
      name: `demandScores(${round})`,
      send: () => stage.deployment.rewards.connect(sender).demandScores(round, actor.address, { value }),
      shadow: (world) => scoring.demandScores(world, sender.address, round, actor.address, value),
    };
  },
  publish,
  (stage) => {
    const { actor, round } = committed(stage);
    const sender = pick(stage, stage.actors);
    return {
      name: `forfeit(${round})`,
      send: () => stage.deployment.rewards.connect(sender).forfeit(round, actor.address),
      shadow: (world) => scoring.forfeitScores(world, sender.address, round, actor.address),
    };
  },
];

/** Somebody who has committed, where there is one, and to which round. */
function committed(stage: Stage) {
  const slots = stage.actors.flatMap((actor) =>
    [...Array(rewardRing).keys()].flatMap((index) => {
      const slot = scoring.scoreSlotOf(stage.world, actor.address, index);
      return slot === undefined ? [] : [{ actor, round: slot.round }];
    }),
  );
  if (slots.length === 0 || rarely(stage, 15)) return { actor: pick(stage, stage.actors), round: someRound(stage) };
  return pick(stage, slots.slice(-6));
}

function commit(stage: Stage): Step {
  const actor = pick(stage, stage.actors);
  const round = someRound(stage);
  const proposedAt = (recordOf(stage.world, round)?.proposedAt ?? 0) + (rarely(stage, 10) ? 1 : 0);
  const commitment = commitmentOf(stage, actor.address, round, proposedAt);
  return {
    name: `commitScores(${round})`,
    send: () => stage.deployment.rewards.connect(actor).commitScores(round, commitment),
    shadow: (world) => scoring.commitScores(world, actor.address, round, BigInt(commitment)),
  };
}

function publish(stage: Stage): Step {
  const { rewards } = stage.deployment;
  const { actor, round } = committed(stage);
  const sender = pick(stage, stage.actors);
  const { proposedAt = 0 } = scoring.scoreSlotOf(stage.world, actor.address, round) ?? {};
  const commitment = BigInt(commitmentOf(stage, actor.address, round, proposedAt));
  const demanded = stage.world.rewards.demands.get(`${actor.address} ${round}`);
  const owedBefore = stage.world.rewards.owedWei.get(sender.address) ?? 0n;
  const bytes = scoresToBytes(scores);
  return {
    name: `publishScores(${round})`,
    send: () => rewards.connect(sender).publishScores(round, actor.address, salt, bytes),
    observe: async () => (await rewards.owedWei(sender.address)) - owedBefore,
    shadow: (world, observed) => {
      const costWei = demanded?.demander === sender.address ? demanded.bondWei : observed;
      scoring.publishScores(world, sender.address, { round, account: actor.address, commitment }, costWei);
      must(costWei > 0n && costWei <= demanded!.bondWei, 'paid of the bond what it has not cost');
    },
  };
}
