/** Stake and votes. */
import { encodeBytes32String } from 'ethers';
import * as policy from './policy.ts';
import { pick, rarely, type Stage, type Step } from './stage.ts';
import * as stake from './stake.ts';
import * as unbonding from './unbonding.ts';
import { must, type Parameters, type Place, type RewardParameters } from './world.ts';

const places: Place[] = ['federation', 'rewards'];

export const stakeActions: ((stage: Stage) => Step)[] = [
  (stage) => {
    const actor = pick(stage, stage.actors);
    const where = pick(stage, places);
    const wei = pick(stage, [0n, 100n, 600n, 1100n, 1100n]);
    const bank = stage.deployment.stake.connect(actor);
    return {
      name: `deposit(${where}, ${wei})`,
      send: () => bank.deposit(stage.world.addresses[where], wei),
      shadow: (world) => stake.deposit(world, actor.address, where, wei),
    };
  },
  (stage) => {
    const actor = pick(stage, stage.actors);
    const where = pick(stage, places);
    const { bondedWei } = stake.positionOf(stage.world, where, actor.address);
    const wei = pick(stage, [0n, 1n, 100n, bondedWei, bondedWei + 1n, bondedWei / 2n]);
    const bank = stage.deployment.stake.connect(actor);
    return {
      name: `requestUnbond(${where}, ${wei})`,
      send: () => bank.requestUnbond(stage.world.addresses[where], wei),
      shadow: (world) => unbonding.requestUnbond(world, actor.address, where, wei),
    };
  },
  (stage) => {
    const actor = pick(stage, stage.actors);
    const where = pick(stage, places);
    const bank = stage.deployment.stake.connect(actor);
    return {
      name: `withdraw(${where})`,
      send: () => bank.withdraw(stage.world.addresses[where]),
      shadow: (world) => unbonding.withdraw(world, actor.address, where),
    };
  },
  (stage) => {
    const actor = pick(stage, [...stage.actors, stage.owner]);
    const contract = pick(stage, [0, 1, 2]);
    const { stake: bank, rewards, challenges } = stage.deployment;
    const asked = [bank, rewards, challenges.openings][contract]!.connect(actor) as typeof rewards;
    return {
      name: `claimOwed of ${['stake', 'rewards', 'openings'][contract]}`,
      send: () => asked.claimOwed(),
      shadow: (world) => {
        const owed = [world.stake.owedWei, world.rewards.owedWei, world.openings.owedWei][contract]!;
        must((owed.get(actor.address) ?? 0n) !== 0n, 'NothingOwed');
        owed.set(actor.address, 0n);
      },
    };
  },
  ({ deployment }) => ({
    name: 'settleSlashed',
    send: () => deployment.stake.settleSlashed(),
    shadow: stake.settleSlashed,
  }),
  (stage) => {
    const actor = pick(stage, stage.actors);
    const where = pick(stage, places);
    return {
      name: `checkpoint(${where})`,
      send: () => stage.deployment.stake.checkpoint(stage.world.addresses[where], actor.address),
      shadow: (world) => stake.checkpoint(world, where, actor.address),
    };
  },
  (stage) => {
    const basisPoints = pick(stage, [0, 2500, 10_000, 10_001]);
    const sender = rarely(stage, 4) ? pick(stage, stage.actors) : stage.owner;
    return {
      name: `setTreasuryBasisPoints(${basisPoints})`,
      send: () => stage.deployment.stake.connect(sender).setTreasuryBasisPoints(basisPoints),
      shadow: (world) => {
        must(sender === stage.owner, 'NotTheTreasury');
        must(basisPoints <= 10_000, 'BasisPointsTooHigh');
        world.stake.treasuryBasisPoints = basisPoints;
      },
    };
  },
];

const bars = { eject: policy.eject, readmit: policy.readmit };

const choices: [keyof Parameters, (number | bigint)[]][] = [
  ['trainerStakeWei', [50n, 100n, 200n, 0n]],
  ['aggregatorBondWei', [500n, 1000n, 1500n]],
  ['minimumUpdates', [0, 1, 2]],
  ['attestationBasisPoints', [5000, 6700, 4999]],
  ['unbondingSeconds', [242, 260, 400, 900, 100]],
  ['answerSeconds', [10, 16, 17]],
  ['reputationFloorBasisPoints', [10_000, 5000]],
];
const rewardChoices: [keyof RewardParameters, (number | bigint)[]][] = [
  ['evaluatorStakeWei', [300n, 500n, 700n]],
  ['rewardGwei', [0n, 500n, 1000n]],
  ['scoringSeconds', [20, 40, 90]],
  ['unbondingSeconds', [200, 500]],
  ['committeeSize', [1, 2, 32, 0]],
];

export const voteActions: ((stage: Stage) => Step)[] = [
  (stage) => {
    const [name, values] = pick(stage, choices);
    const value = pick(stage, values);
    return {
      name: `setFederationParameter(${name}, ${value})`,
      send: () => stage.deployment.policy.setFederationParameter(encodeBytes32String(name), value),
      shadow: (world) => policy.setFederationParameter(world, name, value),
    };
  },
  (stage) => {
    const [name, values] = pick(stage, rewardChoices);
    const value = pick(stage, values);
    return {
      name: `setRewardParameter(${name}, ${value})`,
      send: () => stage.deployment.policy.setRewardParameter(encodeBytes32String(name), value),
      shadow: (world) => policy.setRewardParameter(world, name, value),
    };
  },
  (stage) => {
    const account = pick(stage, stage.actors).address;
    // who is barred comes back soon
    const name = stage.world.policy.barred.has(account) || rarely(stage, 3) ? 'readmit' : 'eject';
    return {
      name,
      send: () => stage.deployment.policy[name](account),
      shadow: (world) => bars[name](world, account),
    };
  },
  (stage) => {
    const seconds = pick(stage, [0, 50, 200, 8 * 24 * 3600]);
    const { policy: contract } = stage.deployment;
    if (!rarely(stage, 3)) {
      return {
        name: 'allowPause',
        send: () => contract.allowPause(),
        shadow: (world) => {
          world.policy.pauseSpent = false;
        },
      };
    }
    if (rarely(stage, 2)) return { name: 'unpause', send: () => contract.unpause(), shadow: policy.unpause };
    return {
      name: `pause(${seconds})`,
      send: () => contract.pause(seconds),
      shadow: (world) => policy.pause(world, seconds),
    };
  },
];
