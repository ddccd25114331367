/** A federation with its rewards, deployed on the chain of a simulation, and its members. Amounts in wei, times in seconds. */
import { getCreateAddress, type Log, type Result, ZeroHash } from 'ethers';
import { contractInterface, type MethodName } from '../contracts/contracts.ts';
import type { Libraries } from '../contracts/link.ts';
import {
  type ChallengeContractName,
  type ContractName,
  challengeContracts,
  linkedLibraries,
} from '../contracts/names.ts';
import { buildModelTree } from '../core/commitment.ts';
import { toHex } from '../core/hash.ts';
import { merkleRoot } from '../core/merkle.ts';
import type { Rule } from '../core/rules/rule.ts';
import { squaredNormBound } from '../core/task.ts';
import type { Chain, Contract } from './chain.ts';

export interface FederationOptions {
  genesis: Int32Array;
  rule: Rule;
  clipNorm: number;
  /** How many trainers the first round waits for. */
  trainers: number;
  /** How much of its weight an update without reputation keeps; 10,000 where past scores do not weigh. */
  reputationFloorBasisPoints: number;
}

export type Role = 'trainer' | 'evaluator' | 'aggregator' | 'watchtower';

/** An account that takes part. */
export interface Member {
  /** `0x…`, lower case. */
  address: string;
  role: Role;
  /** Which one of its role; identities of one trainer share it. */
  seat: number;
  /** What it was given, of which it has deposited `stakeWei`. */
  stakeWei: bigint;
}

export interface SimulatedFederation {
  chain: Chain;
  contracts: {
    [N in 'TributaryToken' | 'Stake' | 'Federation' | 'Rewards' | ChallengeContractName]: Contract<N>;
  };
  rule: Rule;
  clipNorm: number;
  dimension: number;
  /** Aggregators and evaluators: all of them attest whatever is proposed. */
  electors: string[];
  /** What was slashed of whom. */
  slashedWei: ReadonlyMap<string, bigint>;
  /** Sends, and notes what is slashed. Errors: TRANSACTION_REVERTED. */
  send<N extends ContractName>(
    from: string,
    to: Contract<N>,
    method: MethodName<N>,
    args?: readonly unknown[],
  ): Promise<Log[]>;
  sendData(from: string, to: Contract, data: string): Promise<Log[]>;
}

export const oneToken = 10n ** 18n;
/** What a trainer stakes; ten times what it must, so that it can be ten trainers. */
export const trainerStakeWei = 100n * oneToken;
const stakeWeiOf: Record<Role, bigint> = {
  trainer: trainerStakeWei,
  evaluator: 100n * oneToken,
  aggregator: 1_000n * oneToken,
  watchtower: 0n,
};

const ruleNumbers = { mean: 0, median: 1, trimmedMean: 2 };

export const ringSize = 8;

export const timing = {
  submissionSeconds: 86_400,
  turnSeconds: 600,
  challengeSeconds: 3_600,
  scoringSeconds: 1_000,
  revealSeconds: 1_000,
  publishSeconds: 500,
};

/** What a round pays, in gwei of a token, and how it is shared. */
export const terms = { rewardGwei: 100n * 10n ** 9n, aggregatorBasisPoints: 500, evaluatorBasisPoints: 2_000 };

const treasuryBasisPoints = 5_000;
/** For thousands of rounds. */
const poolWei = 10n ** 6n * oneToken;

export async function deployFederation(chain: Chain, options: FederationOptions): Promise<SimulatedFederation> {
  const { genesis, rule, clipNorm, trainers } = options;
  const founder = await chain.account('founder');
  const token = await chain.deploy(founder, 'TributaryToken', [founder, 10n ** 27n]);
  const stake = await chain.deploy(founder, 'Stake', [token.address, founder, treasuryBasisPoints]);
  const challenges: Contract[] = [];
  for (const name of challengeContracts) challenges.push(await chain.deploy(founder, name, []));
  const rewardChallenges = challenges.at(-1)!;
  const libraries: Libraries = {};
  for (const name of linkedLibraries) libraries[name] = (await chain.deploy(founder, name, [], libraries)).address;
  // each names the others: their addresses are known beforehand
  const nonce = await chain.nonceOf(founder);
  const federationAddress = getCreateAddress({ from: founder, nonce: nonce + 1 });
  const rewardsAddress = getCreateAddress({ from: founder, nonce: nonce + 2 });
  const manifestCid = toHex(new Uint8Array(32).fill(1));
  const policy = await chain.deploy(founder, 'Policy', [
    founder,
    founder,
    federationAddress,
    rewardsAddress,
    federationParameters(options),
    rewardParameters,
    { manifestCid, licenceCid: ZeroHash, termsCid: ZeroHash },
  ]);
  const task = {
    manifestCid,
    genesisModelRoot: toHex(merkleRoot(buildModelTree(genesis))),
    genesisModelCid: toHex(new Uint8Array(32).fill(2)),
    dimension: genesis.length,
    ringSize,
    startTrainers: trainers,
  };
  const federation = await chain.deploy(
    founder,
    'Federation',
    [stake.address, policy.address, task, challenges.map(({ address }) => address)],
    libraries,
  );
  const rewards = await chain.deploy(
    founder,
    'Rewards',
    [policy.address, stake.address, token.address, rewardChallenges.address],
    libraries,
  );
  await chain.send(founder, token, 'approve', [rewards.address, poolWei]);
  await chain.send(founder, rewards, 'fund', [poolWei]);

  const slashedWei = new Map<string, bigint>();
  function note(logs: Log[]): Log[] {
    for (const { account, amountWei } of eventsOf(logs, stake, 'StakeSlashed')) {
      const key = String(account).toLowerCase();
      slashedWei.set(key, (slashedWei.get(key) ?? 0n) + (amountWei as bigint));
    }
    return logs;
  }
  const named = Object.fromEntries([token, stake, federation, rewards, ...challenges].map((one) => [one.name, one]));
  return {
    chain,
    contracts: named as SimulatedFederation['contracts'],
    rule,
    clipNorm,
    dimension: genesis.length,
    electors: [],
    slashedWei,
    send: async (from, to, method, args = []) => note(await chain.send(from, to, method, args)),
    sendData: async (from, to, data) => note(await chain.sendData(from, to, data)),
  };
}

function federationParameters({ rule, clipNorm, reputationFloorBasisPoints }: FederationOptions) {
  return {
    trainerStakeWei: trainerStakeWei / 10n,
    aggregatorBondWei: stakeWeiOf.aggregator,
    submissionSeconds: timing.submissionSeconds,
    turnSeconds: timing.turnSeconds,
    challengeSeconds: timing.challengeSeconds,
    unbondingSeconds: 4 * timing.challengeSeconds,
    minimumUpdates: 1,
    maxWeight: 65_535,
    maxSquaredNorm: squaredNormBound(clipNorm),
    rule: ruleNumbers[rule.name],
    trimBasisPoints: rule.trimBasisPoints,
    answerSeconds: 60,
    challengerBasisPoints: 5_000,
    attestationBasisPoints: 5_000,
    demandBondWei: 10n ** 12n,
    reputationFloorBasisPoints,
  };
}

const rewardParameters = {
  evaluatorStakeWei: stakeWeiOf.evaluator,
  ...terms,
  scoringSeconds: timing.scoringSeconds,
  revealSeconds: timing.revealSeconds,
  publishSeconds: timing.publishSeconds,
  unbondingSeconds: 4 * timing.challengeSeconds,
  committeeSize: 128,
  missedRevealBasisPoints: 1_000,
  demandBondWei: 10n ** 12n,
};

/** The account, with tokens, stake and an account for rewards. Trainers and aggregators join; evaluators too. */
export async function enlist(
  federation: SimulatedFederation,
  role: Role,
  seat: number,
  identity = '',
  stakeWei = stakeWeiOf[role],
): Promise<Member> {
  const { chain, contracts } = federation;
  const { TributaryToken: token, Rewards: rewards, Federation: rounds } = contracts;
  const founder = await chain.account('founder');
  const address = await chain.account(`${role} ${seat} ${identity}`);
  if (stakeWei > 0n) {
    await federation.send(founder, token, 'transfer', [address, stakeWei]);
    await deposit(federation, { address, role }, stakeWei);
  }
  if (role !== 'watchtower') await federation.send(address, rewards, 'enrol', [address]);
  if (role === 'aggregator' || role === 'evaluator') {
    await chain.signAnything(address);
    federation.electors.push(address);
  }
  if (role === 'evaluator') await federation.send(address, rewards, 'joinAsEvaluator');
  if (role === 'aggregator') await federation.send(address, rounds, 'joinAsAggregator');
  if (role === 'trainer') await federation.send(address, rounds, 'joinAsTrainer');
  return { address, role, seat, stakeWei };
}

/** Stakes tokens that the member holds. */
export async function deposit(
  { contracts, send }: SimulatedFederation,
  member: Pick<Member, 'address' | 'role'>,
  amountWei: bigint,
): Promise<void> {
  await send(member.address, contracts.TributaryToken, 'approve', [contracts.Stake.address, amountWei]);
  await send(member.address, contracts.Stake, 'deposit', [stakedAt(contracts, member.role), amountWei]);
}

/** Evaluators stake at the rewards, all others at the federation. */
export function stakedAt(contracts: SimulatedFederation['contracts'], role: Role): string {
  return role === 'evaluator' ? contracts.Rewards.address : contracts.Federation.address;
}

/** All tokens of the member: held, staked, and owed by slashes of others. */
export async function wealthWei({ chain, contracts }: SimulatedFederation, member: Member): Promise<bigint> {
  const { address, role } = member;
  const at = stakedAt(contracts, role);
  const parts = await Promise.all([
    chain.read(contracts.TributaryToken, 'balanceOf', [address]),
    chain.read(contracts.Stake, 'bondedWei', [at, address]),
    chain.read(contracts.Stake, 'unbondingWei', [at, address]),
    chain.read(contracts.Stake, 'owedWei', [address]),
  ]);
  return parts.reduce((sum, [part]) => sum + (part as bigint), 0n);
}

/** The contract's events of that name, by their arguments' names. */
export function eventsOf(logs: readonly Log[], contract: Contract, name: string): Result[] {
  const abi = contractInterface(contract.name);
  return logs
    .filter(({ address }) => address.toLowerCase() === contract.address)
    .map((log) => abi.parseLog(log))
    .filter((event) => event?.name === name)
    .map((event) => event!.args);
}
