/** What the actions of a shadowed sequence share: the chain, its shadow, and a seeded choice of everything. */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { id } from 'ethers';
import type { Random } from '../../../client/core/random.ts';
import { type Deployment, deploy, parameters, rewardParameters, task } from '../deployment.ts';
import type { ProposalStruct } from '../faults.ts';
import { type World, zeroHash } from './world.ts';

/** A transaction, and what it does to the shadow. */
export interface Step {
  name: string;
  send: () => Promise<unknown>;
  /** @param observed What `observe` has read from the chain after the transaction. */
  shadow: (world: World, observed: bigint) => void;
  observe?: () => Promise<bigint>;
}

export interface Stage {
  deployment: Deployment;
  world: World;
  random: Random;
  owner: HardhatEthersSigner;
  /** By ascending address. */
  actors: HardhatEthersSigner[];
  /** The federation as its challenge contracts, and the rewards as theirs, see them. */
  judge: HardhatEthersSigner;
  statementJudge: HardhatEthersSigner;
  /** Every proposal that was sent, and the leaves of its model. */
  proposals: ProposalStruct[];
  leaves: Map<string, string[]>;
  /** A proposal that was claimed before it was made. */
  drafts: Map<string, ProposalStruct>;
  /** What a balances root says that each account has earned. */
  books: Map<string, bigint[]>;
  salt: number;
}

const actorCount = 6;

/** Short times and few seats: rounds follow each other fast, and much is refused. */
const federationTerms = {
  ...parameters,
  submissionSeconds: 100,
  turnSeconds: 10,
  challengeSeconds: 100,
  answerSeconds: 15,
  unbondingSeconds: 260,
  minimumUpdates: 0,
};
const rewardTerms = {
  ...rewardParameters,
  evaluatorStakeWei: 500n,
  rewardGwei: 1000n,
  scoringSeconds: 40,
  revealSeconds: 20,
  publishSeconds: 20,
  unbondingSeconds: 200,
  committeeSize: 2,
};
const treasuryBasisPoints = 5000;

export async function createStage(random: Random, ringSize: number): Promise<Stage> {
  const startTrainers = 2;
  const overrides = { task: { ringSize, startTrainers }, parameters: federationTerms, rewards: rewardTerms };
  const deployment = await deploy(overrides);
  const { accounts, token, stake, rewards, challenges, rewardChallenges, networkHelpers, ethers } = deployment;
  const owner = accounts[0]!;
  const actors = accounts.slice(1, 1 + actorCount);
  actors.sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
  for (const actor of actors) {
    await token.transfer(actor.address, 10n ** 9n);
    await token.connect(actor).approve(stake, 10n ** 9n);
  }
  await token.approve(rewards, 10n ** 27n);
  const judges: HardhatEthersSigner[] = [];
  for (const contract of [challenges.inputs, rewardChallenges]) {
    const address = await contract.getAddress();
    await networkHelpers.setBalance(address, 10n ** 18n);
    judges.push(await ethers.getImpersonatedSigner(address));
  }
  return {
    deployment,
    world: await createWorld(deployment, ringSize, startTrainers),
    random,
    owner,
    actors,
    judge: judges[0]!,
    statementJudge: judges[1]!,
    proposals: [],
    leaves: new Map(),
    drafts: new Map(),
    books: new Map([[zeroHash, []]]),
    salt: 0,
  };
}

async function createWorld(deployment: Deployment, ringSize: number, startTrainers: number): Promise<World> {
  const { ethers, federation, rewards, accounts, time } = deployment;
  const { chainId } = await ethers.provider.getNetwork();
  return {
    now: await time.latest(),
    chainId,
    ringSize,
    startTrainers,
    addresses: {
      federation: await federation.getAddress(),
      rewards: await rewards.getAddress(),
      treasury: accounts[0]!.address,
    },
    stake: { positions: new Map(), owedWei: new Map(), slashedWei: 0n, treasuryBasisPoints },
    policy: {
      parameters: federationTerms,
      rewardParameters: rewardTerms,
      changeWaits: false,
      retired: false,
      pausedUntil: 0,
      pauseSpent: false,
      barred: new Set(),
      ejections: [],
    },
    federation: createFederation(),
    rewards: createRewards(),
    openings: { demands: [], forfeitedAt: new Map(), owedWei: new Map() },
  };
}

function createFederation(): World['federation'] {
  return {
    clock: {
      round: 0,
      baseRound: 0,
      expectedTrainers: 0,
      submissionDeadline: 0,
      maxWeight: 0,
      maxSquaredNorm: 0n,
      rule: 0,
      trimBasisPoints: 0,
      policyWaits: false,
      reopened: false,
      edition: 0,
    },
    finalRound: 0,
    latestRound: 0,
    settledRound: 0,
    skippedRound: 0,
    voidedAt: 0,
    trainerCount: 0,
    parameters: federationTerms,
    longerUnbonding: { seconds: 0, finalRound: 0 },
    slots: new Map(),
    proposals: new Map(),
    terms: new Map(),
    base: { modelRoot: task.genesisModelRoot, reputations: zeroHash },
    turns: [],
    aggregators: new Map(),
    attendance: new Map(),
    slashedTrainers: new Set(),
    slashedSigners: new Set(),
  };
}

function createRewards(): World['rewards'] {
  return {
    parameters: rewardTerms,
    changedFrom: 1,
    earlier: [],
    statedRound: 0,
    finalRound: 0,
    accounts: new Map(),
    evaluators: new Map(),
    scorings: new Map(),
    scores: new Map(),
    demands: new Map(),
    owedWei: new Map(),
    fundedGwei: 0n,
    finalGwei: 0n,
    allocatedGwei: 0n,
    finalAccounts: 0,
    statements: 0,
    fundings: [],
    balancesRoot: zeroHash,
    records: new Map(),
    heldGwei: 0n,
  };
}

export function pick<T>({ random }: Stage, values: readonly T[]): T {
  return values[random.below(values.length)]!;
}

/** True once in so many times. */
export function rarely({ random }: Stage, times: number): boolean {
  return random.below(times) === 0;
}

/** Some hash that was never seen before. */
export function freshHash(stage: Stage, what: string): string {
  return id(`${what} ${stage.salt++}`);
}
