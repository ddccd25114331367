/** Every number that the contracts show, beside what the shadow says. */
import { expect } from 'chai';
import type { BaseContract } from 'ethers';
import type { Deployment } from '../deployment.ts';
import { baseHash } from '../round.ts';
import * as evaluators from './evaluators.ts';
import * as membership from './membership.ts';
import { quorumOf } from './proposing.ts';
import { recordOf } from './rounds.ts';
import * as scores from './scores.ts';
import * as stake from './stake.ts';
import { fundedGweiBefore, standingStatement } from './statements.ts';
import { type Place, type Slot, type World, zeroAddress, zeroHash } from './world.ts';

/** A view, its arguments, and what it must return: one value, or those of a struct; undefined where it must revert. */
export type View = [contract: string, name: string, args: unknown[], expected: unknown];

const places: Place[] = ['federation', 'rewards'];

function slotWord(slot: Slot | undefined): bigint {
  if (slot === undefined) return 0n;
  const word = (BigInt(slot.retired) << 255n) | (BigInt(slot.round) << 224n);
  return word | (slot.digest ?? 1n);
}

function ofRounds(world: World): View[] {
  const { federation } = world;
  const { clock, latestRound } = federation;
  const views: View[] = [
    ['federation', 'clock', [], Object.values(clock)],
    ['federation', 'finalRound', [], federation.finalRound],
    ['federation', 'latestRound', [], latestRound],
    ['federation', 'settledRound', [], federation.settledRound],
    ['federation', 'trainerCount', [], federation.trainerCount],
    ['federation', 'baseHash', [], baseHash(federation.base.modelRoot, federation.base.reputations)],
    ['federation', 'turnHolder', [], federation.turns[0]?.account ?? zeroAddress],
    ['federation', 'aggregators', [], membership.aggregatorsOf(world)],
    ['federation', 'parameters', [], Object.values(federation.parameters)],
    ['federation', 'unbondingSeconds', [], membership.unbondingSeconds(world)],
  ];
  for (let round = Math.max(1, latestRound - world.ringSize); round <= latestRound + 1; round++) {
    const record = recordOf(world, round);
    const terms = membership.termsOf(world, round);
    const none = [zeroAddress, 0, 0, 0, zeroHash, `0x${'00'.repeat(28)}`, 0];
    views.push(
      ['federation', 'proposalOf', [round], record === undefined ? none : Object.values(record)],
      ['federation', 'termsOf', [round], terms === undefined ? [0, 0, 0, 0, 0, 0] : Object.values(terms)],
      ['federation', 'attestationQuorum', [round], quorumOf(world, round)],
    );
  }
  return views;
}

function ofMember(world: World, account: string): View[] {
  const { federation } = world;
  const { latestRound, clock } = federation;
  const elected = clock.round || latestRound;
  const views: View[] = [
    ['federation', 'isTrainer', [account], membership.isTrainer(world, account)],
    ['federation', 'isAggregator', [account], membership.isAggregator(world, account)],
    ['federation', 'missedTurns', [account], membership.aggregatorOf(world, account).missedTurns],
    ['federation', 'mayJoinAt', [account], membership.attendanceOf(world, account).mayJoinAt],
    ['federation', 'requiredStakeWei', [account], membership.requiredStakeWei(world, account)],
    ['federation', 'vouchedRound', [account], membership.vouchedRound(world, account)],
    ['federation', 'electorWeight', [account, elected], evaluators.electorWeight(world, account, elected)],
  ];
  for (let round = Math.max(0, latestRound - world.ringSize + 1); round <= latestRound; round++) {
    const key = `${account} ${round}`;
    views.push(
      ['federation', 'submissionSlot', [account, round], slotWord(membership.slotOf(world, account, round))],
      ['federation', 'isTrainerSlashed', [account, round], federation.slashedTrainers.has(key)],
      ['federation', 'isSignerSlashed', [account, round], federation.slashedSigners.has(key)],
    );
  }
  return views;
}

function ofStake(world: World, account: string): View[] {
  const { addresses, now } = world;
  const past = now - 1 - (Number(BigInt(account) % 97n) + world.federation.latestRound);
  return [
    ['stake', 'owedWei', [account], world.stake.owedWei.get(account) ?? 0n],
    ['stake', 'getVotes', [account], stake.votesOf(world, account)],
    ...places.flatMap((place): View[] => [
      ['stake', 'bondedWei', [addresses[place], account], stake.positionOf(world, place, account).bondedWei],
      ['stake', 'unbondingWei', [addresses[place], account], stake.positionOf(world, place, account).unbondingWei],
      ['stake', 'bondedWeiAt', [addresses[place], account, past], stake.bondedWeiAt(world, place, account, past)],
    ]),
  ];
}

function scoreWord(world: World, account: string, round: number): bigint {
  const slot = scores.scoreSlotOf(world, account, round);
  if (slot === undefined) return 0n;
  const flags = [slot.revealed, slot.demanded, slot.published, slot.forfeited];
  const high = flags.reduce((word, flag, index) => word | (BigInt(flag) << BigInt(255 - index)), 0n);
  return high | (BigInt(slot.round) << 220n) | (BigInt(slot.proposedAt) << 188n) | slot.commitment;
}

function ofEvaluator(world: World, account: string): View[] {
  const { rewards, federation } = world;
  const { payee, claimedGwei, number } = rewards.accounts.get(account) ?? {
    payee: zeroAddress,
    claimedGwei: 0n,
    number: 0,
  };
  const evaluator = rewards.evaluators.get(account);
  const signs = evaluator === undefined ? 0 : 1;
  const recent = [federation.latestRound, federation.latestRound - 1].filter((round) => round > 0);
  const word = [evaluator?.member ?? false, evaluator?.joinedAfter ?? 0, signs];
  const requiredWei = evaluator?.member ? evaluators.evaluatorStakeWei(world) : 0n;
  return [
    ['rewards', 'accountOf', [account], [payee, claimedGwei, number]],
    ['rewards', 'evaluatorOf', [account], word],
    ['rewards', 'owedWei', [account], rewards.owedWei.get(account) ?? 0n],
    ['rewards', 'requiredStakeWei', [account], requiredWei],
    ['openings', 'owedWei', [account], world.openings.owedWei.get(account) ?? 0n],
    ['policy', 'isBarred', [account], world.policy.barred.has(account)],
    ...recent.flatMap((round): View[] => {
      const scored = rewards.scorings.get(round % 64)?.round === round;
      const drawn = scored ? scores.isDrawn(world, round, account) : undefined;
      return [
        ['rewards', 'scoreSlot', [account, round], scoreWord(world, account, round)],
        ['rewards', 'isDrawn', [round, account], drawn],
      ];
    }),
  ];
}

function ofRewards(world: World): View[] {
  const { rewards, policy, stake: bank } = world;
  const stated = standingStatement(world, rewards.statedRound);
  const { pausedUntil, pauseSpent, retired, changeWaits } = policy;
  return [
    ['rewards', 'rewardHead', [], [rewards.statedRound, rewards.finalRound, rewards.balancesRoot]],
    ['rewards', 'finalBalances', [], [rewards.balancesRoot, rewards.finalAccounts]],
    ['rewards', 'pool', [], [rewards.fundedGwei, rewards.allocatedGwei]],
    ['rewards', 'fundedGweiBefore', [world.now], fundedGweiBefore(world, world.now)],
    ['rewards', 'accountCount', [], rewards.accounts.size],
    ['rewards', 'evaluatorCount', [], evaluators.memberCount(world)],
    ['rewards', 'rewardParameters', [], Object.values(rewards.parameters)],
    ['rewards', 'unbondingSeconds', [], evaluators.evaluatorUnbondingSeconds(world)],
    ['token', 'balanceOf', [world.addresses.rewards], rewards.heldGwei * 10n ** 9n],
    ['policy', 'halt', [], [pausedUntil, pauseSpent, retired, changeWaits, world.addresses.treasury]],
    ['policy', 'federationParameters', [], Object.values(policy.parameters)],
    ['policy', 'rewardParameters', [], Object.values(policy.rewardParameters)],
    ['stake', 'slashedWei', [], bank.slashedWei],
    ['stake', 'treasuryBasisPoints', [], bank.treasuryBasisPoints],
    ...(stated === undefined || stated.round === 0
      ? []
      : [
          [
            'rewards',
            'rewardOf',
            [stated.round],
            [undefined, ...Object.values(stated).slice(1, 9), undefined],
          ] satisfies View,
        ]),
  ];
}

export function viewsOf(world: World, accounts: readonly string[]): View[] {
  const of = accounts.flatMap((account) => [
    ...ofMember(world, account),
    ...ofStake(world, account),
    ...ofEvaluator(world, account),
  ]);
  return [...ofRounds(world), ...ofRewards(world), ...of];
}

/** Asks the chain all of it in one call. */
export async function compare(deployment: Deployment, reader: BaseContract, views: readonly View[], step: string) {
  const { federation, rewards, stake, policy, token, challenges } = deployment;
  const contracts = { federation, rewards, stake, policy, token, openings: challenges.openings };
  const asked = views.map(([name, view, args]) => {
    const contract = contracts[name as keyof typeof contracts] as BaseContract;
    return { contract, view, data: contract.interface.encodeFunctionData(view, args) };
  });
  const targets = asked.map(({ contract }) => contract.target);
  const answers: string[] = await reader.getFunction('read')(
    targets,
    asked.map(({ data }) => data),
  );
  for (const [index, { contract, view }] of asked.entries()) {
    const [name, , args, expected] = views[index]!;
    const answer = answers[index]!;
    const found = answer === '0x' ? undefined : textOf(contract.interface.decodeFunctionResult(view, answer), expected);
    const label = `${step}: ${name}.${view}(${args.join()})`;
    expect(found, label).to.equal(expected === undefined ? undefined : textOf([expected].flat(), expected));
  }
}

/** All values in a row; what is not expected to be anything is left out. */
function textOf(values: ArrayLike<unknown>, expected: unknown): string {
  const flat: unknown[] = Array.from(values).flatMap(flatten);
  const wanted = [expected].flat();
  return flat.map((value, index) => (wanted[index] === undefined ? '' : String(value))).join(' ');
}

function flatten(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null
    ? Array.from(value as ArrayLike<unknown>).flatMap(flatten)
    : [value];
}
