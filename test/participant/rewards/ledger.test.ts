/** Balances behind the statements of rewards, as every node computes them: right, wrong, and very many. */
import { expect } from 'chai';
import { createRounds } from '../../../client/aggregator/aggregator.ts';
import { statedRound } from '../../../client/chain/rewardState.ts';
import type { ProposedRound } from '../../../client/chain/rounds.ts';
import { contractInterface } from '../../../client/contracts/contracts.ts';
import { concatBytes, keccak256 } from '../../../client/core/hash.ts';
import { balancesRootOf } from '../../../client/core/rewards/balances.ts';
import type { Settlement } from '../../../client/core/rewards/settle.ts';
import type { Participant } from '../../../client/participant/participant.ts';
import { createFateReader, standing } from '../../../client/participant/rewards/ledger.ts';
import { createReputationsReader } from '../../../client/participant/rewards/reputations.ts';
import { createUnreadableWarning } from '../../../client/participant/rewards/unreadable.ts';
import { type RewardsStage, stageRewards } from './rewardsStage.ts';

const wrong = ({ statement }: Settlement) => ({ ...statement, pageRoots: statement.pageRoots.map(keccak256) });

/** What the federation says of the balances of a round, of three accounts, with a floor of half. */
function wordOf({ state }: RewardsStage, round: number): Uint8Array {
  const root = balancesRootOf(state.statements.get(round)!.statement.pageRoots);
  return concatBytes(root.subarray(0, 26), Uint8Array.of(0, 0, 0, 3, 0x13, 0x88));
}

function readerOf({ node: { rewards, ledger } }: RewardsStage) {
  return createReputationsReader({ rewards, ledger });
}

describe('the ledger', () => {
  it('tells statements of one transaction apart', () => {
    const { node, stateRound } = stageRewards(3);
    const settlements = [1, 2].map((round) => stateRound(round, { transactionHash: '0x77' }));
    for (const { round, balances } of settlements) expect(node.ledger.at(round).balances).to.deep.equal(balances);
    expect(node.ledger.before(3)).to.deep.equal(settlements[1]!.balances);
  });

  it('answers for every one of very many rounds, though it keeps few', () => {
    const { node, stateRound } = stageRewards(200);
    const settlements = Array.from({ length: 200 }, (_, index) => stateRound(index + 1));
    for (const round of [200, 3, 199, 100, 1]) {
      const { balances, previous, earnings } = settlements[round - 1]!;
      expect(node.ledger.before(round)).to.deep.equal(previous);
      expect(node.ledger.at(round)).to.deep.equal({ balances, earnings });
      expect(node.ledger.follows(round)).to.equal(true);
    }
  });

  it('computes nothing from balances that do not follow, but waits until they are void', () => {
    const stage = stageRewards(3);
    const { node, state, stateRound } = stage;
    stateRound(1, { change: wrong });
    expect(() => node.ledger.before(2))
      .to.throw()
      .and.to.include({ code: 'COMMITMENT_MISMATCH', retryable: true });
    state.statements.clear();
    const { balances } = stateRound(1);
    expect(node.ledger.before(2)).to.deep.equal(balances);
  });

  it('knows balances that are right again', () => {
    const { node, stateRound } = stageRewards(3);
    stateRound(1, { change: wrong });
    const { balances } = stateRound(2);
    expect([1, 2].map((round) => node.ledger.follows(round))).to.deep.equal([false, true]);
    expect(node.ledger.before(3)).to.deep.equal(balances);
  });
});

const fatesOf = (state: RewardsStage['state']) => standing(state).map(createFateReader(state));

describe('a vote that restores the balances of an earlier round', () => {
  it('undoes the final statements since, and voids those in flight', () => {
    const { node, state, said, stateRound, finalize, restore } = stageRewards(4);
    const warn = createUnreadableWarning(node);
    const first = stateRound(1);
    finalize(1);
    stateRound(2, { change: wrong });
    finalize(2);
    stateRound(3);
    expect(warn()).to.equal('unknown');
    expect(() => node.ledger.before(3)).to.throw(/do not follow/);
    restore(1);
    expect(warn()).to.equal(undefined);
    expect(said).to.deep.equal([{ event: 'rewardsUnknown', round: 2 }]);
    expect(node.ledger.final()).to.deep.equal(first.balances);
    expect([...state.voided.keys()], 'to be made anew').to.deep.equal([3]);
    expect(statedRound(state)).to.equal(2);
    expect(node.ledger.before(3)).to.deep.equal(first.balances);
    const { balances } = stateRound(3);
    expect(node.ledger.follows(3)).to.equal(true);
    expect(node.ledger.before(4)).to.deep.equal(balances);
    finalize(3);
    expect(node.ledger.final()).to.deep.equal(balances);
    expect(fatesOf(state)).to.deep.equal(['final', 'undone', 'final']);
  });

  it('can be undone by another', () => {
    const { node, state, stateRound, finalize, restore } = stageRewards(4);
    stateRound(1);
    const second = stateRound(2);
    for (const round of [1, 2]) finalize(round);
    restore(0);
    expect(node.ledger.final()).to.deep.equal([]);
    const third = stateRound(3);
    expect(node.ledger.at(3).balances).to.deep.equal(third.balances);
    expect(third.previous).to.deep.equal([]);
    finalize(3);
    restore(2);
    expect(node.ledger.final()).to.deep.equal(second.balances);
    expect(node.ledger.before(4)).to.deep.equal(second.balances);
    expect(fatesOf(state)).to.deep.equal(['final', 'final', 'undone']);
    expect([1, 2, 3].map((round) => node.ledger.follows(round))).to.deep.equal([true, true, true]);
  });

  it('lets nodes go on after a final statement that nobody can decode', () => {
    const { node, state, stateRound, finalize, restore } = stageRewards(4);
    const warn = createUnreadableWarning(node);
    const { balances } = stateRound(1);
    finalize(1);
    stateRound(2);
    state.unreadable.set(2, state.statements.get(2)!.facts);
    state.statements.delete(2);
    Object.assign(state, { finalRound: 2, balancesOf: 2 });
    stateRound(3);
    expect(warn()).to.equal('unreadable');
    restore(1);
    expect(warn()).to.equal(undefined);
    expect(statedRound(state)).to.equal(2);
    expect(node.ledger.before(3)).to.deep.equal(balances);
    stateRound(3);
    expect(standing(state).map(({ round }) => round)).to.deep.equal([1, 3]);
  });
});

describe('a wrong statement that nobody has refuted in time', () => {
  it('is said once, and ends no node', () => {
    const { node, said, stateRound, finalize } = stageRewards(2);
    const warn = createUnreadableWarning(node);
    stateRound(1, { change: wrong });
    expect(warn(), 'it can still be refuted').to.equal(undefined);
    finalize(1);
    expect([warn(), warn()]).to.deep.equal(['unknown', 'unknown']);
    expect(said).to.deep.equal([{ event: 'rewardsUnknown', round: 1 }]);
  });

  it('leaves reputations that nobody can tell, which is no reason to end', async () => {
    const stage = stageRewards(2);
    stage.stateRound(1, { change: wrong });
    stage.finalize(1);
    const error = await readerOf(stage)(wordOf(stage, 1)).catch((cause: unknown) => cause);
    expect(error).to.include({ code: 'COMMITMENT_MISMATCH', retryable: true });
  });

  it('makes aggregators skip the round that it weighs, long after its deadline', async () => {
    const stage = stageRewards(3);
    const { node, sent } = stage;
    stage.stateRound(1, { change: wrong });
    stage.finalize(1);
    const { state, chainTime } = node.federation;
    const [base, open] = [2, 3].map((number) => state.rounds.get(number) as ProposedRound);
    base!.proposed.nextReputations = wordOf(stage, 1);
    const { proposed: _, ...waiting } = open!;
    state.rounds.set(3, waiting);
    Object.assign(state, { openRound: 3, finalRound: 2 });
    const models = { get: async () => new Int32Array(1), remember: () => undefined };
    const store = { put: async () => undefined, has: async () => false };
    const weighing = { ...node, store, reputations: readerOf(stage) } as unknown as Participant;
    const stepAt = async (submissionDeadline: number) => {
      Object.assign(waiting, { submissionDeadline });
      const error = await createRounds(weighing, models, {} as never)().catch((cause: unknown) => cause);
      expect(error).to.include({ code: 'COMMITMENT_MISMATCH', retryable: true });
    };
    await stepAt(chainTime() - 99);
    expect(sent).to.deep.equal([]);
    await stepAt(chainTime() - 100);
    expect(sent).to.deep.equal([contractInterface('Federation').encodeFunctionData('skipRound', [3])]);
  });

  it('leaves reputations known where it repeats the balances of an earlier statement', async () => {
    const stage = stageRewards(2);
    const { balances, statement } = stage.stateRound(1);
    stage.stateRound(2, { change: ({ statement: right }) => ({ ...right, pageRoots: statement.pageRoots }) });
    for (const round of [1, 2]) stage.finalize(round);
    expect((await readerOf(stage)(wordOf(stage, 2)))!.balances).to.deep.equal(balances);
  });
});
