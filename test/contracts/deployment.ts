/** A federation on the in-process chain, and short ways to act on it. Amounts in wei, times in seconds. */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { type Addressable, resolveAddress } from 'ethers';
import type {
  AggregateChallenges,
  Federation,
  InputChallenges,
  Openings,
  Policy,
  RewardChallenges,
  Rewards,
  Stake,
  TrainerChallenges,
  TributaryToken,
} from '../../types/ethers-contracts/index.js';
import { type Connection, connect } from './connection.ts';
import { deployFederationLibraries, deployRewardLibraries } from './libraries.ts';

export const trainerStakeWei = 100n;
export const aggregatorBondWei = 1000n;
export const ringSize = 4;

export const task = {
  manifestCid: `0x${'01'.repeat(32)}`,
  genesisModelRoot: `0x${'02'.repeat(32)}`,
  genesisModelCid: `0x${'03'.repeat(32)}`,
  dimension: 1000n,
  ringSize,
  startTrainers: 2,
};

export const parameters = {
  trainerStakeWei,
  aggregatorBondWei,
  submissionSeconds: 1000,
  turnSeconds: 100,
  challengeSeconds: 500,
  unbondingSeconds: 1700,
  minimumUpdates: 2,
  maxWeight: 300,
  maxSquaredNorm: 2n ** 40n,
  rule: 0,
  trimBasisPoints: 0,
  answerSeconds: 60,
  challengerBasisPoints: 5000,
  attestationBasisPoints: 5000,
  demandBondWei: 10n ** 12n,
  reputationFloorBasisPoints: 10_000,
};

export const rewardParameters = {
  evaluatorStakeWei: 100n * 10n ** 18n,
  rewardGwei: 1000n * 10n ** 9n,
  scoringSeconds: 200,
  revealSeconds: 100,
  publishSeconds: 100,
  unbondingSeconds: 1000,
  committeeSize: 32,
  aggregatorBasisPoints: 1000,
  evaluatorBasisPoints: 2000,
  missedRevealBasisPoints: 1000,
  demandBondWei: 10n ** 15n,
};

export const documents = {
  manifestCid: task.manifestCid,
  licenceCid: `0x${'04'.repeat(32)}`,
  termsCid: `0x${'05'.repeat(32)}`,
};

export interface Challenges {
  aggregate: AggregateChallenges;
  inputs: InputChallenges;
  trainers: TrainerChallenges;
  openings: Openings;
}

export interface Deployment extends Connection {
  token: TributaryToken;
  stake: Stake;
  policy: Policy;
  federation: Federation;
  challenges: Challenges;
  rewards: Rewards;
  rewardChallenges: RewardChallenges;
  accounts: HardhatEthersSigner[];
}

/** `accounts[0]` holds the supply, and votes and guards; nobody has joined. */
export async function deploy(
  overrides: {
    task?: Partial<typeof task>;
    parameters?: Partial<typeof parameters>;
    rewards?: Partial<typeof rewardParameters>;
  } = {},
): Promise<Deployment> {
  const connection = await connect();
  const { ethers } = connection;
  const accounts = await ethers.getSigners();
  const token = await ethers.deployContract('TributaryToken', [accounts[0]!.address, 10n ** 27n]);
  const stake = await ethers.deployContract('Stake', [await token.getAddress(), accounts[0]!.address, 5000]);
  const challenges = {
    aggregate: await ethers.deployContract('AggregateChallenges'),
    inputs: await ethers.deployContract('InputChallenges'),
    trainers: await ethers.deployContract('TrainerChallenges'),
    openings: await ethers.deployContract('Openings'),
  };
  const rewardChallenges = await ethers.deployContract('RewardChallenges');
  const libraries = await deployRewardLibraries(connection);
  const federationLibraries = await deployFederationLibraries(connection);
  // policy, federation and rewards know each other
  const from = accounts[0]!.address;
  const nonce = await ethers.provider.getTransactionCount(from);
  const federationAddress = ethers.getCreateAddress({ from, nonce: nonce + 1 });
  const rewardsAddress = ethers.getCreateAddress({ from, nonce: nonce + 2 });
  const federationParameters = { ...parameters, ...overrides.parameters };
  const rewardTerms = { ...rewardParameters, ...overrides.rewards };
  const policy = await deployPolicy(
    connection,
    { federation: federationAddress, rewards: rewardsAddress },
    federationParameters,
    rewardTerms,
  );
  const judges = Object.values(challenges);
  const federation = await deployFederation(
    { ...connection, stake, policy },
    overrides.task ?? {},
    judges,
    federationLibraries,
  );
  const rewards = await deployRewards(connection, { policy, stake, token, rewardChallenges }, libraries);
  return { ...connection, token, stake, policy, federation, challenges, rewards, rewardChallenges, accounts };
}

type Libraries = Awaited<ReturnType<typeof deployRewardLibraries>>;

/** In one transaction, besides those of its libraries. */
export async function deployFederation(
  connection: Connection & Record<'stake' | 'policy', Addressable | string>,
  changes: Partial<typeof task>,
  judges: readonly (Addressable | string)[],
  libraries?: Awaited<ReturnType<typeof deployFederationLibraries>>,
): Promise<Federation> {
  const linked = libraries ?? (await deployFederationLibraries(connection));
  const { ethers, stake, policy } = connection;
  const args = [
    stake,
    policy,
    { ...task, ...changes },
    await Promise.all(judges.map((judge) => resolveAddress(judge))),
  ];
  return await ethers.deployContract('Federation', args, { libraries: linked });
}

/** `accounts[0]` votes and guards. In one transaction. */
export async function deployPolicy(
  { ethers }: Connection,
  at: { federation: string; rewards: string },
  federationParameters = parameters,
  rewardTerms = rewardParameters,
): Promise<Policy> {
  const { address } = (await ethers.getSigners())[0]!;
  const { federation, rewards } = at;
  return await ethers.deployContract('Policy', [
    address,
    address,
    federation,
    rewards,
    federationParameters,
    rewardTerms,
    documents,
  ]);
}

/** In one transaction. */
export async function deployRewards(
  { ethers }: Connection,
  { policy, stake, token, rewardChallenges }: Record<'policy' | 'stake' | 'token' | 'rewardChallenges', Addressable>,
  libraries: Libraries,
): Promise<Rewards> {
  return await ethers.deployContract(
    'Rewards',
    [
      await policy.getAddress(),
      await stake.getAddress(),
      await token.getAddress(),
      await rewardChallenges.getAddress(),
    ],
    { libraries },
  );
}

/** Gives the account tokens and lets it deposit them. */
export async function bond(deployment: Deployment, account: HardhatEthersSigner, amountWei: bigint): Promise<void> {
  const { token, stake, federation } = deployment;
  await token.transfer(account.address, amountWei);
  await token.connect(account).approve(stake, amountWei);
  await stake.connect(account).deposit(federation, amountWei);
}

export async function joinAsTrainer(deployment: Deployment, ...accounts: HardhatEthersSigner[]): Promise<void> {
  for (const account of accounts) {
    await bond(deployment, account, trainerStakeWei);
    await deployment.federation.connect(account).joinAsTrainer();
  }
}

export async function joinAsAggregator(deployment: Deployment, ...accounts: HardhatEthersSigner[]): Promise<void> {
  for (const account of accounts) {
    await bond(deployment, account, aggregatorBondWei);
    await deployment.federation.connect(account).joinAsAggregator();
  }
}

/** A federation with `trainers` and `aggregators`; round 1 is open unless `startTrainers` says more. */
export async function found(trainerCount = 3, aggregatorCount = 2, overrides: Parameters<typeof deploy>[0] = {}) {
  const task = { startTrainers: trainerCount, ...overrides.task };
  const deployment = await deploy({ ...overrides, task });
  const trainers = deployment.accounts.slice(1, 1 + trainerCount);
  const aggregators = deployment.accounts.slice(1 + trainerCount, 1 + trainerCount + aggregatorCount);
  await joinAsAggregator(deployment, ...aggregators);
  await joinAsTrainer(deployment, ...trainers);
  const stranger = deployment.accounts[1 + trainerCount + aggregatorCount]!;
  return { ...deployment, trainers, aggregators, stranger };
}

export type Founded = Awaited<ReturnType<typeof found>>;
