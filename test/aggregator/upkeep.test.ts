/** Who is gone, and by whom and when that is said, so that neither rounds nor quorums wait for it. */
import { expect } from 'chai';
import { createUpkeep } from '../../client/aggregator/upkeep.ts';
import { emptyRewardsState } from '../../client/chain/rewardState.ts';
import { emptyState, type Proposal, type Round, type Submission } from '../../client/chain/rounds.ts';
import { contractInterface } from '../../client/contracts/contracts.ts';
import { TributaryError } from '../../client/core/errors.ts';
import { developmentWallet } from '../../client/node/key.ts';
import type { Participant } from '../../client/participant/participant.ts';

const accountOf = (index: number) => developmentWallet(index).address;
const [self, other, silent] = [1, 2, 3].map(accountOf) as [string, string, string];
const [steady, gone, hidden, young] = [4, 5, 6, 7].map(accountOf) as [string, string, string, string];
const [federation, rewards] = [accountOf(8), accountOf(9)];
const word = new Uint8Array(32);

function roundOf(number: number, submitted: readonly string[], more: Partial<Round> = {}): Round {
  const submissions = new Map(submitted.map((trainer) => [trainer, { trainer } as Submission]));
  const terms = { round: number, baseRound: 0, inputCount: 1, totalWeight: 1, rule: 0, trimBasisPoints: 0 };
  const roots = { baseModelRoot: word, modelRoot: word, modelCid: word, inputsCid: word, inputsRoot: word };
  const proposal: Proposal = { ...terms, ...roots, columnsRoot: word, omittedHash: word, reputations: word };
  const proposed = { proposal, omitted: [] as string[], proposer: other };
  return { number, submissions, unserved: new Set(), final: true, proposed, ...more } as unknown as Round;
}

function stage({ turns = [self, other, silent], missedTurns = 0, refusal = '', ringSize = 8 } = {}) {
  const state = emptyState();
  state.finalRound = 5;
  for (const trainer of [steady, gone, hidden]) state.trainers.set(trainer, 1);
  state.trainers.set(young, 6);
  const rewardsState = emptyRewardsState();
  const calls: unknown[][] = [];
  const node = {
    options: { keepUpdates: 2 },
    account: self,
    addresses: { federation, rewards },
    task: { ringSize },
    parameters: () => ({ submissionSeconds: 100, turnSeconds: 10 }),
    rewardParametersOf: () => ({ committeeSize: 8 }),
    report: () => undefined,
    federation: { state, readTurns: async () => turns, readMissedTurns: async () => missedTurns },
    rewards: { state: rewardsState },
    sender: {
      send: async (_: string, { to, data }: { to: string; data: string }) => {
        const call = contractInterface(to === rewards ? 'Rewards' : 'Federation').parseTransaction({ data })!;
        calls.push([call.name, ...call.args.map((arg) => (typeof arg === 'object' ? [...arg].map(String) : arg))]);
        if (refusal !== '') throw new TributaryError('TRANSACTION_REVERTED', '', { args: { revert: refusal } });
        return { gasUsed: 1n };
      },
    },
  } as unknown as Participant;
  const { reportWhoIsGone } = createUpkeep(node);
  const open = { number: 9 } as Round;
  return { state, rewardsState, calls, look: () => reportWhoIsGone(open) };
}

const named = (calls: readonly unknown[][], name: string) => calls.filter(([called]) => called === name);

describe('a member that is reported gone', () => {
  it('is reported by the aggregator that has the turn, once for each round', async () => {
    const given = stage();
    given.state.rounds.set(5, roundOf(5, [steady]));
    await given.look();
    const said = named(given.calls, 'reportAbsence');
    expect(said).to.deep.equal([
      ['reportAbsence', gone],
      ['reportAbsence', hidden],
    ]);
    await given.look();
    expect(given.calls).to.have.length(said.length);
    const another = stage({ turns: [other, self] });
    another.state.rounds.set(5, roundOf(5, [steady]));
    await another.look();
    expect(another.calls).to.deep.equal([]);
  });

  it('is no trainer that has been heard of since, or that joined later', async () => {
    const given = stage();
    given.state.rounds.set(5, roundOf(5, [steady])).set(6, roundOf(6, [hidden], { final: false }));
    await given.look();
    expect(given.calls).to.deep.equal([['reportAbsence', gone]]);
  });

  it('is a trainer that missed the newest skipped round, and none that missed a round that may still be void', async () => {
    const given = stage();
    given.state.rounds
      .set(5, roundOf(5, [steady, gone, hidden]))
      .set(6, roundOf(6, [steady, gone, hidden], { final: false }))
      .set(7, roundOf(7, [steady, hidden], { final: false, skipped: true }))
      .set(8, roundOf(8, [], { final: false }));
    await given.look();
    expect(given.calls).to.deep.equal([
      ['reportAbsence', gone],
      ['reportAbsence', young],
    ]);
  });

  it('is a trainer that serves nobody: an update that a final round left out is marked once', async () => {
    const given = stage();
    const round = roundOf(5, [steady, gone, hidden]);
    Object.assign(round.proposed!, { omitted: [hidden, accountOf(12)] });
    given.state.rounds.set(5, round);
    await given.look();
    expect(given.calls.map(([name, , , trainer]) => [name, trainer])).to.deep.equal([['reportUnserved', hidden]]);
    round.unserved.add(hidden);
    given.state.finalRound = 4;
    given.state.rounds.set(4, round);
    await given.look();
    expect(given.calls).to.have.length(1);
  });

  it('is an aggregator that missed three turns in a row', async () => {
    const idle = stage({ missedTurns: 3 });
    await idle.look();
    expect(idle.calls).to.deep.equal([
      ['reportIdle', other],
      ['reportIdle', silent],
    ]);
    const slow = stage({ missedTurns: 2 });
    await slow.look();
    expect(slow.calls).to.deep.equal([]);
  });

  describe('as an evaluator', () => {
    function evaluated(committed: readonly number[], joinedAfter = 0, ringSize = 8) {
      const given = stage({ ringSize });
      for (const number of [1, 2, 3, 4, 5]) {
        given.state.rounds.set(number, roundOf(number, [steady, gone, hidden]));
        if (number === 2) continue; // nobody opened its scoring
        const scoring = { proposedAt: 0, evaluatorCount: 2, accountCount: 3, modelRoot: word };
        given.rewardsState.scorings.set(number, scoring);
      }
      given.rewardsState.evaluators.set(silent, joinedAfter);
      for (const round of committed) given.rewardsState.committed.set(round, new Set([silent]));
      return given;
    }

    it('has committed to none of the newest four final rounds', async () => {
      const given = evaluated([1]);
      await given.look();
      expect(given.calls).to.deep.equal([['reportAbsence', silent, ['2', '3', '4', '5']]]);
    });

    it('has committed to none of as many rounds as a small ring holds', async () => {
      const given = evaluated([3], 0, 3);
      await given.look();
      expect(given.calls).to.deep.equal([['reportAbsence', silent, ['4', '5']]]);
    });

    it('is none that committed to one of those rounds, is back, or joined later', async () => {
      for (const given of [evaluated([3]), evaluated([6]), evaluated([], 2)]) {
        await given.look();
        expect(given.calls).to.deep.equal([]);
      }
    });
  });

  it('is passed over where the contract finds it not absent, and the next one is reported', async () => {
    const given = stage({ refusal: 'NotAbsent' });
    given.state.rounds.set(5, roundOf(5, [steady]));
    await given.look();
    expect(given.calls).to.have.length(2);
  });
});
