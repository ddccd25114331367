/** For what rounds wait: each stage, for whom, until when, and the sentence for it. */
import { expect } from 'chai';
import type { ParametersOnChain, RewardParametersOnChain } from '../../client/chain/parameters.ts';
import { emptyRewardsState, type RewardsState } from '../../client/chain/rewardState.ts';
import { emptyState, type FederationState, type Round, type Submission } from '../../client/chain/rounds.ts';
import type { StatedRewards } from '../../client/chain/statedRewards.ts';
import type { Asked, Awaited } from '../../client/participant/awaited/awaited.ts';
import { describeAwaited } from '../../client/participant/awaited/describeAwaited.ts';
import { awaitedNow, createAwaitedWatch } from '../../client/participant/awaited/watch.ts';
import type { NodeEvent } from '../../client/participant/events.ts';
import type { Participant } from '../../client/participant/participant.ts';

const account = (digit: string) => `0x${digit.repeat(40)}`;
const [alice, bob, first, second, judge, critic] = ['a', 'b', '1', '2', '7', '8'].map(account) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const openedAt = 1000;
const parameters = {
  submissionSeconds: 100,
  turnSeconds: 20,
  challengeSeconds: 600,
  answerSeconds: 100,
  minimumUpdates: 0,
} as ParametersOnChain;
const windows = {
  scoringSeconds: 200,
  revealSeconds: 50,
  publishSeconds: 25,
  committeeSize: 32,
} as RewardParametersOnChain;
const model = new Uint8Array(32);

interface Stage {
  state: FederationState;
  rewards: RewardsState;
  now: number;
  asked: Asked;
}

/** Two trainers, two aggregators, two evaluators, and the first round, which has just opened. */
function stage(): Stage {
  const state = emptyState();
  state.parameters = parameters;
  state.openRound = 1;
  state.trainers = new Map([alice, bob].map((trainer) => [trainer, 1]));
  state.aggregators = new Set([first, second]);
  state.rounds.set(1, {
    number: 1,
    baseRound: 0,
    edition: 0,
    earlierEditions: [],
    expectedTrainers: 2,
    openedBlock: 5,
    submissionDeadline: openedAt + 100,
    submissions: new Map(),
    unserved: new Set(),
    final: false,
    skipped: false,
    voided: false,
  });
  const rewards = emptyRewardsState();
  rewards.evaluators = new Map([judge, critic].map((evaluator) => [evaluator, 0]));
  const asked = { startTrainers: 2, turns: [second, first], unanswered: new Map<number, number>() };
  return { state, rewards, now: openedAt, asked };
}

function view({ state, rewards, now }: Stage) {
  return {
    federation: { state, parameters: () => parameters, chainTime: () => now },
    rewards: { state: rewards, parametersOf: () => windows },
  } as unknown as Pick<Participant, 'federation' | 'rewards'>;
}

const awaitedAt = (given: Stage) => awaitedNow(view(given), given.asked);

/** Short enough to compare: the stage, for whom, until when. */
function brief(given: Stage): [string, string[], number | null][] {
  return awaitedAt(given).map(({ stage, whom, until }) => [stage, whom.map((member) => member.account), until]);
}

function submit({ state }: Stage, ...trainers: string[]): void {
  for (const trainer of trainers) state.rounds.get(1)!.submissions.set(trainer, { slashed: false } as Submission);
}

function propose({ state }: Stage, proposedAt: number): Round {
  const round = state.rounds.get(1)!;
  round.proposed = {
    id: 'p',
    proposer: first,
    proposal: { modelRoot: model },
    proposedAt,
    closesAt: proposedAt + 600,
    blockNumber: 9,
  } as Round['proposed'] & object;
  state.openRound = undefined;
  return round;
}

describe('what a round waits for', () => {
  it('before it opens: trainers, an aggregator, or earlier rounds', () => {
    const given = stage();
    given.state.rounds.clear();
    given.state.openRound = undefined;
    given.state.trainers.delete(bob);
    given.state.aggregators.clear();
    expect(awaitedAt(given).map(({ round, stage, needed }) => [round, stage, needed])).to.deep.equal([
      [1, 'trainers', 1],
      [1, 'aggregators', 1],
    ]);
    const full = stage();
    propose(full, 1050);
    expect(brief(full)[0]).to.deep.equal(['earlierRounds', [], null]);
  });

  it('submissions, of those that are to train in it and have not', () => {
    const given = stage();
    given.state.trainers.set(account('c'), 2);
    submit(given, alice);
    expect(brief(given)).to.deep.equal([['submissions', [bob], 1100]]);
  });

  it('attestations and the proposal of whose turn it is, then of anybody, until it is skipped', () => {
    const given = stage();
    submit(given, alice, bob);
    const electors = [first, second, judge, critic];
    expect(brief(given)).to.deep.equal([
      ['attestations', electors, 1240],
      ['proposal', [second], 1120],
    ]);
    given.rewards.evaluators.set(critic, 1);
    given.now = 1120;
    expect(brief(given)).to.deep.equal([
      ['attestations', [first, second, judge], 1240],
      ['proposal', [first, second], 1240],
    ]);
    given.asked = { ...given.asked, electors: { silent: [judge], needed: 1 } };
    expect(brief(given)[0]).to.deep.equal(['attestations', [judge], 1240]);
    given.asked = { ...given.asked, electors: { silent: [judge], needed: 0 } };
    expect(brief(given)).to.deep.equal([['proposal', [first, second], 1240]]);
  });

  it('to be skipped, where too few have submitted in time', () => {
    const given = stage();
    submit(given, alice);
    given.now = 1100;
    expect(awaitedAt(given)).to.deep.include({
      round: 1,
      stage: 'skip',
      whom: [first, second].map((aggregator) => ({ account: aggregator, role: 'aggregator' })),
      needed: 1,
      until: 1240,
    });
  });

  it('answers to demands, the end of its challenge window, and who makes it final', () => {
    const given = stage();
    propose(given, 1050);
    given.rewards.evaluators.clear();
    given.asked = { ...given.asked, unanswered: new Map([[1, 1300]]) };
    expect(brief(given).slice(1)).to.deep.equal([
      ['answers', [first], 1300],
      ['challenges', [first], 1650],
    ]);
    given.asked = { ...given.asked, unanswered: new Map() };
    given.now = 1650;
    expect(brief(given).slice(1)).to.deep.equal([['finalization', [first, second], null]]);
  });

  it('scores: who has not committed, then who has not revealed, and who is to publish', () => {
    const given = stage();
    propose(given, 1050);
    const scores = () => brief(given).filter(([stage]) => ['scores', 'reveals', 'publications'].includes(stage));
    expect(scores()).to.deep.equal([['scores', [judge, critic], 1250]]);
    given.rewards.scorings.set(1, { proposedAt: 1050, evaluatorCount: 2, accountCount: 2, modelRoot: model });
    given.rewards.committed.set(1, new Set([judge, critic]));
    expect(scores()).to.deep.equal([]);
    given.now = 1250;
    given.rewards.revealed.set(1, new Map([[judge, model]]));
    given.rewards.demanded.set(1, new Set([judge]));
    expect(scores()).to.deep.equal([
      ['reveals', [critic], 1300],
      ['publications', [judge], 1350],
    ]);
    given.now = 1350;
    expect(scores()).to.deep.equal([]);
  });

  it('the statement of its rewards, the end of its window, and who makes it final', () => {
    const given = stage();
    propose(given, 1050).final = true;
    given.now = 1300;
    expect(brief(given).slice(1)).to.deep.equal([]);
    given.now = 1350;
    expect(brief(given).slice(1)).to.deep.equal([['statement', [first], 1670]]);
    given.now = 1670;
    expect(brief(given).slice(1)).to.deep.equal([['statement', [first, second], null]]);
    const stated = { round: 1, proposer: second, closesAt: 2000, final: false } as StatedRewards;
    given.rewards.statements.set(1, stated);
    expect(brief(given).slice(1)).to.deep.equal([['rewardChallenges', [second], 2000]]);
    given.now = 2000;
    expect(brief(given).slice(1)).to.deep.equal([['rewardFinalization', [second, first], null]]);
    stated.final = true;
    given.rewards.finalRound = 1;
    expect(brief(given).slice(1)).to.deep.equal([]);
  });

  it('is said once, and again where it is others or another time', async () => {
    const given = stage();
    const said: NodeEvent[] = [];
    const { federation, rewards } = view(given);
    const node = { federation: { ...federation, chainTime: () => given.now, readTurns: async () => [second, first] } };
    const step = createAwaitedWatch({ ...node, rewards, report: (event: NodeEvent) => said.push(event) } as never);
    const hear = async () => {
      await step();
      await step();
      return said.splice(0).map((event) => event.event === 'awaiting' && [event.stage, event.whom.length]);
    };
    expect(await hear()).to.deep.equal([['submissions', 2]]);
    submit(given, alice);
    expect(await hear()).to.deep.equal([['submissions', 1]]);
    given.now += 10;
    expect(await hear()).to.deep.equal([]);
    submit(given, bob);
    expect(await hear()).to.deep.equal([
      ['attestations', 4],
      ['proposal', 1],
    ]);
    given.now = 1120;
    expect(await hear()).to.deep.equal([['proposal', 2]]);
  });
});

describe('the sentence for what a round waits for', () => {
  const member = (digit: string, role: 'trainer' | 'evaluator') => ({ account: account(digit), role });
  const sentences: [Partial<Awaited>, string][] = [
    [{ stage: 'trainers', needed: 1 }, 'waits for 1 more trainer to join'],
    [
      { stage: 'submissions', whom: [member('a', 'trainer'), member('b', 'trainer')] },
      'waits for the updates of trainers 0xaaaa…aaaa, 0xbbbb…bbbb until 2026-01-01T00:00:00Z, and goes on without them then',
    ],
    [
      { stage: 'reveals', whom: [member('7', 'evaluator')] },
      'waits for evaluator 0x7777…7777 to reveal scores until 2026-01-01T00:00:00Z',
    ],
    [
      { stage: 'attestations', whom: '12345678'.split('').map((digit) => member(digit, 'evaluator')) },
      'waits for a majority of evaluators 0x1111…1111, 0x2222…2222, 0x3333…3333, 0x4444…4444, 0x5555…5555, 0x6666…6666 and 2 more to attest its inputs, and is skipped from 2026-01-01T00:00:00Z on',
    ],
  ];
  for (const [awaited, sentence] of sentences) {
    it(sentence, () => {
      const until = Date.UTC(2026, 0, 1) / 1000;
      const given = { round: 1, whom: [], needed: null, until, ...awaited } as Awaited;
      expect(describeAwaited(given)).to.equal(sentence);
    });
  }
});
