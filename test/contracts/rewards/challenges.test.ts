/** Every falsehood of a reward statement is refuted in one transaction; a right one cannot be. */
import { expect } from 'chai';
import { getBytes, id } from 'ethers';
import { openInputOf } from '../../../client/core/challenges/evidence.ts';
import { toHex } from '../../../client/core/hash.ts';
import { buildInputsTree } from '../../../client/core/inputs.ts';
import { merkleRoot } from '../../../client/core/merkle.ts';
import { challengeStatement } from '../../../client/core/rewards/challenges.ts';
import { buildScoreTree } from '../../../client/core/rewards/scores.ts';
import type { Settlement } from '../../../client/core/rewards/settle.ts';
import { decodeStatement } from '../../../client/core/rewards/statement.ts';
import { falsified, type Scored, type StatementArgument, score, stageScored, state } from './settledRound.ts';

const table = [
  [900, 400, -100],
  [800, 500, -50],
  [1000, 420, -90],
];

const bytes = (hex: string) => getBytes(hex);

describe('a reward statement', () => {
  let scored: Scored;
  let right: Settlement;
  beforeEach(async () => {
    scored = await stageScored(3);
    right = await score(scored, table);
  });

  const falsehoods: [string, string, (s: Settlement) => Partial<Settlement>][] = [
    ['another stake of a trainer', 'refuteEntry', (s) => ({ entries: change(s.entries, 0, { stakeTokens: 7n }) })],
    ['another input', 'refuteEntry', (s) => ({ entries: change(s.entries, 1, { inputIndex: 0 }) })],
    ['an input that there is not', 'refuteEntry', (s) => ({ entries: change(s.entries, 1, { inputIndex: 99 }) })],
    ['a trainer less', 'refuteMissingEntry', (s) => ({ entries: s.entries.slice(0, 2), middle: 420 })],
    ['an evaluator less', 'refuteMissingEvaluator', (s) => ({ evaluators: s.evaluators.slice(1) })],
    [
      'another stake of an evaluator',
      'refuteEvaluator',
      (s) => ({ evaluators: change(s.evaluators, 2, { stakeTokens: 1n }) }),
    ],
    [
      'scores that were not shown',
      'refuteEvaluator',
      (s) => ({ evaluators: change(s.evaluators, 0, { scoresRoot: getBytes(id('other')) }) }),
    ],
    ['a better score', 'refuteScore', (s) => ({ entries: change(s.entries, 2, { score: 32_000 }), middle: 900 })],
    ['another distance', 'refuteDistance', (s) => ({ evaluators: change(s.evaluators, 1, { distance: 0n }) })],
    ['balances of nothing', 'refuteBalances', () => ({ pageRoots: [getBytes(id('nothing'))] })],
  ];

  for (const [falsehood, method, changes] of falsehoods) {
    it(`with ${falsehood} is refuted by ${method}`, async () => {
      const { rewards, stake, federation, proposer, stranger } = scored;
      const { facts, statement } = await state(scored, falsified(right, changes));
      const challenge = challengeOf(scored, right, statement)!;
      expect(challenge.method).to.equal(method);
      const bonded = await stake.bondedWei(federation, proposer.address);
      await send(scored, facts, statement, challenge.method, challenge.args);
      expect((await rewards.rewardHead()).statedRound).to.equal(0n);
      expect((await rewards.pool()).allocatedGwei).to.equal(0n);
      expect(await stake.bondedWei(federation, proposer.address)).to.be.lessThan(bonded);
      expect(await stake.owedWei(stranger.address)).to.equal(0n);
    });
  }

  it('that is right survives every challenge', async () => {
    const { facts, statement } = await state(
      scored,
      falsified(right, () => ({})),
    );
    expect(challengeOf(scored, right, statement)).to.equal(undefined);
    const errors: Record<string, string> = {
      refuteEntry: 'EntryIsRight',
      refuteMissingEntry: 'IsListed',
      refuteEvaluator: 'EvaluatorIsRight',
      refuteMissingEvaluator: 'IsListed',
      refuteScore: 'ScoreIsRight',
      refuteDistance: 'DistanceIsRight',
      refuteBalances: 'BalancesAreRight',
    };
    for (const [falsehood, method, changes] of falsehoods) {
      if (falsehood === 'an input that there is not' || falsehood === 'another input') continue;
      if (falsehood === 'scores that were not shown') continue;
      const wrong = challengeOf(scored, right, falsified(right, changes))!;
      expect(wrong.method).to.equal(method);
      await expect(send(scored, facts, statement, method, wrong.args), falsehood).to.be.revertedWithCustomError(
        scored.rewardChallenges,
        errors[method]!,
      );
    }
  });

  it('cannot be refuted by an entry or an evaluator behind its end', async () => {
    const { facts, statement } = await state(
      scored,
      falsified(right, () => ({})),
    );
    const input = openInputOf(buildInputsTree(scored.right.updates), 0);
    const zero = `0x${'00'.repeat(32)}`;
    const beyond: [string, unknown[]][] = [
      ['refuteEntry', [3, input]],
      ['refuteEvaluator', [3, zero, 0, zero]],
      ['refuteScore', [3, [], [], []]],
      ['refuteDistance', [3, zero, '0x']],
    ];
    for (const [method, args] of beyond) {
      await expect(send(scored, facts, statement, method, args), method)
        .to.be.revertedWithCustomError(scored.rewardChallenges, 'NotInStatement')
        .withArgs(3n, 3n);
    }
  });

  it('cannot be refuted by another number of scores that wraps to the right one', async () => {
    const { facts, statement } = await state(
      scored,
      falsified(right, () => ({})),
    );
    const { salt, scores } = right.evaluators[0]!;
    const root = toHex(merkleRoot(buildScoreTree(scores)));
    await expect(
      send(scored, facts, statement, 'refuteEvaluator', [0, toHex(salt), scores.length, root]),
    ).to.be.revertedWithCustomError(scored.rewardChallenges, 'EvaluatorIsRight');
    const wrapped = [0, toHex(salt), scores.length + 2 ** 32, root];
    const refusal: unknown = await send(scored, facts, statement, 'refuteEvaluator', wrapped).catch((error) => error);
    expect(refusal).to.include({ code: 'INVALID_ARGUMENT' });
  });

  it('that was voided is made anew from its facts, by another aggregator', async () => {
    const { rewards, aggregators, proposer, stranger } = scored;
    const wrong = await state(
      scored,
      falsified(right, () => ({ pageRoots: [getBytes(id('x'))] })),
    );
    const honest = falsified(right, () => ({}));
    const other = rewards.connect(aggregators.find(({ address }) => address !== proposer.address)!);
    await expect(other.restateRewards(wrong.facts, honest)).to.be.revertedWithCustomError(rewards, 'NotVoided');
    const challenge = challengeOf(scored, right, wrong.statement)!;
    await send(scored, wrong.facts, wrong.statement, challenge.method, challenge.args);
    await expect(rewards.connect(stranger).restateRewards(wrong.facts, honest)).to.be.revertedWithCustomError(
      rewards,
      'NotAnAggregator',
    );
    const forged = { ...wrong.facts, inputsRoot: id('forged') };
    await expect(other.restateRewards(forged, honest)).to.be.revertedWithCustomError(rewards, 'NotVoided');
    await expect(other.restateRewards(wrong.facts, honest)).to.emit(rewards, 'StatementShown');
    expect((await rewards.rewardHead()).statedRound).to.equal(1n);
    await expect(other.restateRewards(wrong.facts, honest)).to.be.revertedWithCustomError(rewards, 'NotVoided');
    expect((await rewards.pool()).allocatedGwei).to.equal(right.paidGwei);
  });

  it('pays the announced challenger its share, once', async () => {
    const { rewards, rewardChallenges, federation, stake, stranger } = scored;
    const { facts, statement } = await state(
      scored,
      falsified(right, () => ({ pageRoots: [getBytes(id('x'))] })),
    );
    const challenge = challengeOf(scored, right, statement)!;
    const data = rewardChallenges.interface.encodeFunctionData(
      challenge.method as 'refuteBalances',
      [await rewards.getAddress(), facts, statement, ...challenge.args] as never,
    );
    const announcement = await rewardChallenges.announcementOf(stranger.address, data);
    await rewardChallenges.connect(stranger).announceChallenge(federation, 1, announcement);
    await stranger.sendTransaction({ to: await rewardChallenges.getAddress(), data });
    expect(await stake.owedWei(stranger.address)).to.equal(500n);
    await expect(stranger.sendTransaction({ to: await rewardChallenges.getAddress(), data })).to.revert(scored.ethers);
  });

  it('cannot be refuted when it is final', async () => {
    const wrong = falsified(right, () => ({ pageRoots: [getBytes(id('x'))] }));
    const { facts, statement } = await state(scored, wrong);
    const challenge = challengeOf(scored, right, statement)!;
    await scored.time.increase(500);
    await scored.rewards.finalizeRewards(1);
    await expect(send(scored, facts, statement, challenge.method, challenge.args)).to.be.revertedWithCustomError(
      scored.rewards,
      'AlreadyFinal',
    );
  });

  it('is voided by the reward challenges only', async () => {
    const { facts, statement } = await state(
      scored,
      falsified(right, () => ({})),
    );
    await expect(scored.rewards.voidRewards(facts, statement, scored.stranger.address)).to.be.revertedWithCustomError(
      scored.rewards,
      'NotTheRewardChallenges',
    );
  });
});

function change<T>(items: readonly T[], index: number, changes: Partial<T>): T[] {
  return items.map((item, at) => (at === index ? { ...item, ...changes } : item));
}

function challengeOf(scored: Scored, right: Settlement, statement: StatementArgument) {
  const posted = decodeStatement({
    ...statement,
    previousBalancesRoot: bytes(statement.previousBalancesRoot),
    evaluators: bytes(statement.evaluators),
    entries: bytes(statement.entries),
    pageRoots: statement.pageRoots.map(bytes),
  });
  return challengeStatement(right, posted, { inputs: buildInputsTree(scored.right.updates), miscounted: [] });
}

async function send(
  { rewards, rewardChallenges, stranger }: Scored,
  facts: object,
  statement: StatementArgument,
  method: string,
  args: readonly unknown[],
) {
  const call = rewardChallenges.connect(stranger).getFunction(method);
  return await call(await rewards.getAddress(), facts, statement, ...args);
}
