/**
 * Every number that can be voted on: its name, what it means, its unit, its bounds, and the contract that holds it. Bounds are those
 * of contracts/libraries/{Parameters,RewardBounds}.sol and contracts/governance; where one hangs on other values it is the
 * widest here, and what the contract answers when the call is tried decides.
 */

import { TributaryError } from '../core/errors.ts';
import { nearestName } from '../core/nearestName.ts';
import { maxInputs, maxSquaredNormLimit, maxWeight } from '../core/numbers.ts';
import type { GovernedMethod } from './governed.ts';
import type { UnitName } from './units.ts';

/** Which contract holds it: the policy has one struct for the federation and one for its rewards. */
export type SettingHolder = 'federation' | 'rewards' | 'governor' | 'treasury' | 'votingPower' | 'stake';

export interface Setting {
  name: string;
  holder: SettingHolder;
  /** The contract's name for it, in its structs and errors. */
  field: string;
  /** For holders with a function for each: what sets it. */
  setter?: GovernedMethod<'governor' | 'treasury' | 'stake'>;
  words: string;
  unit: UnitName;
  minimum: bigint;
  maximum: bigint;
}

const year = 31_536_000n;
const month = 2_592_000n;
const maxUnbondingSeconds = 16n * year;
const uint96 = 2n ** 96n - 1n;
const uint128 = 2n ** 128n - 1n;
const half = 5_000n;
const whole = 10_000n;
const maxRewardGwei = 10n ** 18n;

type Row = [name: string, field: string, unit: UnitName, minimum: bigint, maximum: bigint, words: string];

const federation: Row[] = [
  ['minimumStake', 'trainerStakeWei', 'tokensWei', 1n, uint128, 'what a trainer keeps at stake'],
  ['aggregatorBond', 'aggregatorBondWei', 'tokensWei', 1n, uint128, 'what an aggregator keeps at stake'],
  ['submissionWindow', 'submissionSeconds', 'seconds', 1n, year, 'how long a round that misses someone takes updates'],
  ['turnWindow', 'turnSeconds', 'seconds', 1n, year, 'how long an aggregator may keep silent before it is passed over'],
  ['challengeWindow', 'challengeSeconds', 'seconds', 1n, year, 'how long a proposed model can be refuted'],
  ['answerWindow', 'answerSeconds', 'seconds', 1n, year / 5n, 'how long a demanded opening may take'],
  ['unbondingDelay', 'unbondingSeconds', 'seconds', 1n, maxUnbondingSeconds, 'how long stake stays slashable'],
  ['minimumUpdates', 'minimumUpdates', 'updates', 0n, BigInt(maxInputs), 'fewest updates that make a round'],
  ['maxWeight', 'maxWeight', 'count', 1n, BigInt(maxWeight), 'largest weight of an update in the mean'],
  ['clipNorm', 'maxSquaredNorm', 'squaredNorm', 1n, BigInt(maxSquaredNormLimit), 'largest L2 norm of an update'],
  [
    'challengerShare',
    'challengerBasisPoints',
    'basisPoints',
    0n,
    half,
    'share of a slash that goes to who proved the fault',
  ],
  [
    'attestationQuorum',
    'attestationBasisPoints',
    'basisPoints',
    half,
    whole - 1n,
    'share of aggregators and evaluators above which those are who attest a proposal',
  ],
  ['openingBond', 'demandBondWei', 'currencyWei', 1n, uint96, 'what a demand for an opening puts at stake'],
  [
    'reputationFloor',
    'reputationFloorBasisPoints',
    'basisPoints',
    1_000n,
    whole,
    'share of its weight in the mean that an update keeps whose trainer has no reputation; at 100 % reputation weighs nothing',
  ],
];

const rewards: Row[] = [
  ['evaluatorStake', 'evaluatorStakeWei', 'tokensWei', 1n, uint128, 'what an evaluator keeps at stake'],
  ['rewardPerRound', 'rewardGwei', 'tokensGwei', 0n, maxRewardGwei, 'what a round pays while the pool lasts'],
  ['scoringWindow', 'scoringSeconds', 'seconds', 1n, year, 'how long evaluators score a proposal'],
  ['revealWindow', 'revealSeconds', 'seconds', 1n, year, 'how long they reveal their scores then'],
  [
    'publishWindow',
    'publishSeconds',
    'seconds',
    1n,
    year,
    'how long scores may be demanded, and as long again answered',
  ],
  [
    'evaluatorUnbondingDelay',
    'unbondingSeconds',
    'seconds',
    1n,
    maxUnbondingSeconds,
    'how long their stake stays slashable',
  ],
  ['committeeSize', 'committeeSize', 'count', 1n, 128n, 'evaluators of a round, on average'],
  ['aggregatorShare', 'aggregatorBasisPoints', 'basisPoints', 0n, half, "share of a round's reward for its aggregator"],
  ['evaluatorShare', 'evaluatorBasisPoints', 'basisPoints', 0n, half, "share of a round's reward for its evaluators"],
  [
    'missedRevealSlash',
    'missedRevealBasisPoints',
    'basisPoints',
    1n,
    whole,
    'share of its stake that hidden scores cost an evaluator',
  ],
  ['scoresBond', 'demandBondWei', 'currencyWei', 1n, uint96, 'what a demand for scores puts at stake'],
];

const governor: [...Row, setter: GovernedMethod<'governor'>][] = [
  ['votingDelay', 'votingDelay', 'seconds', 1n, month, 'from a proposal until votes are counted', 'setVotingDelay'],
  ['votingPeriod', 'votingPeriod', 'seconds', 1n, month, 'how long a vote is open', 'setVotingPeriod'],
  [
    'proposalThreshold',
    'proposalThreshold',
    'tokensWei',
    1n,
    uint128,
    'votes that it takes to propose',
    'setProposalThreshold',
  ],
  [
    'quorum',
    'quorumNumerator',
    'percent',
    1n,
    50n,
    'share of all votes that must be for or abstain',
    'updateQuorumNumerator',
  ],
  [
    'lateQuorumExtension',
    'lateQuorumVoteExtension',
    'seconds',
    1n,
    month,
    'what is left to vote, at least, once the quorum is reached',
    'setLateQuorumVoteExtension',
  ],
];

export const settings: readonly Setting[] = [
  ...federation.map((row) => settingOf('federation', row)),
  ...rewards.map((row) => settingOf('rewards', row)),
  ...governor.map(([name, field, unit, minimum, maximum, words, setter]) => ({
    ...settingOf('governor', [name, field, unit, minimum, maximum, words]),
    setter,
  })),
  {
    ...settingOf('treasury', ['timelockDelay', 'timelockDelay', 'seconds', 1n, month, 'from queueing until execution']),
    setter: 'updateDelay',
  },
  settingOf('votingPower', [
    'fundingVotes',
    'fundingVotesBasisPoints',
    'basisPoints',
    0n,
    whole,
    'votes for a funded token',
  ]),
  settingOf('votingPower', ['fundingVotesTime', 'fundingVotesSeconds', 'seconds', 1n, 4n * year, 'how long they last']),
  {
    ...settingOf('stake', [
      'treasuryShare',
      'treasuryBasisPoints',
      'basisPoints',
      0n,
      whole,
      'share of unclaimed slashes that the treasury keeps; the rest burns',
    ]),
    setter: 'setTreasuryBasisPoints',
  },
];

function settingOf(holder: SettingHolder, [name, field, unit, minimum, maximum, words]: Row): Setting {
  return { name, holder, field, unit, minimum, maximum, words };
}

/** By its name, or by the contract's where only one has it. Errors: CONFIG_INVALID, with the nearest name. */
export function findSetting(name: string): Setting {
  const [byField, another] = settings.filter(({ field }) => field === name);
  const found = settings.find((setting) => setting.name === name) ?? (another === undefined ? byField : undefined);
  if (found !== undefined) return found;
  const names = settings.map((setting) => setting.name);
  throw new TributaryError(
    'CONFIG_INVALID',
    `"${name}" is no parameter; did you mean ${nearestName(name, names)}? There are: ${names.join(', ')}.`,
    { args: { field: name } },
  );
}

export function settingByField(holder: SettingHolder, field: string): Setting | undefined {
  return settings.find((setting) => setting.holder === holder && setting.field === field);
}
