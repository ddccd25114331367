import { expect } from 'chai';
import { type Result, toBeHex, ZeroAddress, ZeroHash } from 'ethers';
import { applyEventInPlace } from '../../client/chain/roundEvents.ts';
import {
  allSubmitted,
  emptyState,
  fewestUpdates,
  proposedRounds,
  reputationsOf,
  standingSubmissions,
} from '../../client/chain/rounds.ts';
import { packTerms } from '../../client/chain/updateTerms.ts';
import { contractInterface, type EventName } from '../../client/contracts/contracts.ts';
import { toHex } from '../../client/core/hash.ts';

const word = toBeHex(0xabcdef, 32);

type Emitted = readonly [name: EventName<'Federation'>, values: readonly unknown[]];

/** The state after these events, each in a transaction of its own. */
function foldAll(events: readonly Emitted[]) {
  const state = emptyState();
  for (const [index, [name, values]] of events.entries()) {
    const fragment = contractInterface('Federation').getEvent(name)!;
    const { data, topics } = contractInterface('Federation').encodeEventLog(fragment, values);
    const args: Result = contractInterface('Federation').decodeEventLog(fragment, data, topics);
    applyEventInPlace(state, { id: `0x${index}/0`, name, args, blockNumber: index, transactionHash: `0x${index}` });
  }
  return state;
}

/** Rounds that start from `baseRound`, in one transaction all. */
function fold(
  events: readonly (readonly [
    name: 'RoundOpened' | 'AggregateProposed' | 'RoundSkipped' | 'ProposalVoided',
    round: number,
    baseRound: number,
  ])[],
  state = emptyState(),
) {
  for (const [index, [name, round, baseRound]] of events.entries()) {
    const fragment = contractInterface('Federation').getEvent(name)!;
    const proposal = [round, baseRound, 2, 2, 0, 0, ...Array(7).fill(ZeroHash), ZeroHash];
    const values = {
      RoundOpened: [round, baseRound, 2, 100],
      AggregateProposed: [round, ZeroAddress, proposal, [], 500, word],
      RoundSkipped: [round],
      ProposalVoided: [round, ZeroAddress, ZeroAddress, 2, 100, 1],
    }[name];
    const { data, topics } = contractInterface('Federation').encodeEventLog(fragment, values);
    const args: Result = contractInterface('Federation').decodeEventLog(fragment, data, topics);
    applyEventInPlace(state, { id: `0x99/${index}`, name, args, blockNumber: 1, transactionHash: '0x77' });
  }
  return state;
}

describe('rounds', () => {
  it('that were proposed in one transaction have proposals of their own', () => {
    const { rounds } = fold([
      ['RoundOpened', 1, 0],
      ['AggregateProposed', 1, 0],
      ['RoundOpened', 2, 1],
      ['AggregateProposed', 2, 1],
    ]);
    expect(rounds.get(1)!.proposed!.id).to.not.equal(rounds.get(2)!.proposed!.id);
  });

  it('that somebody works on keep their proposal when it is voided meanwhile', () => {
    const events = [
      ['RoundOpened', 1, 0],
      ['AggregateProposed', 1, 0],
    ] as const;
    const state = fold(events);
    const [round] = proposedRounds(state);
    fold([['ProposalVoided', 1, 0]], state);
    expect(round!.proposed.id).to.equal('0x99/1');
    expect(proposedRounds(state)).to.deep.equal([]);
  });

  it('are weighed as the model they start from says, until one of them is skipped', () => {
    const skipped = [
      ['RoundOpened', 1, 0],
      ['AggregateProposed', 1, 0],
      ['RoundOpened', 2, 1],
      ['RoundSkipped', 2, 1],
      ['RoundOpened', 3, 1],
    ] as const;
    const state = fold(skipped);
    const wordOf = (round: number, of = state) => toHex(reputationsOf(of, of.rounds.get(round)!));
    expect([1, 2, 3].map((round) => wordOf(round))).to.deep.equal([ZeroHash, word, ZeroHash]);
    const again = fold([...skipped, ['ProposalVoided', 1, 0], ['AggregateProposed', 1, 0], ['RoundOpened', 4, 1]]);
    expect(wordOf(4, again)).to.equal(word);
  });

  describe('that are open again', () => {
    const [early, late, gone] = [1, 2, 3].map((index) => toBeHex(index, 20)) as [string, string, string];
    const submitted = (trainer: string, round = 1): Emitted => [
      'UpdateSubmitted',
      [trainer, packTerms({ round, squaredNorm: 1, weight: 1 }), word, word],
    ];
    const joined = (trainer: string): Emitted => ['TrainerJoined', [trainer, 1]];
    const proposal = [1, 0, 2, 2, 0, 0, ...Array(7).fill(ZeroHash), ZeroHash];
    const proposed: Emitted = ['AggregateProposed', [1, ZeroAddress, proposal, [], 500, word]];
    const opened = (round: number, baseRound: number): Emitted => ['RoundOpened', [round, baseRound, 3, 100]];
    const voided: Emitted = ['ProposalVoided', [1, ZeroAddress, ZeroAddress, 3, 350, 4]];
    const started = [...[early, late, gone].map(joined), opened(1, 0), submitted(early)];
    const reopened = [...started, proposed, opened(2, 1), submitted(late, 2), voided];

    it('wait for the trainers that they waited for, and for another proposal; rounds that stood on them are void', () => {
      const state = foldAll(reopened);
      const round = state.rounds.get(1)!;
      expect(state.openRound).to.equal(1);
      expect(round).to.include({ expectedTrainers: 3, submissionDeadline: 350, edition: 4 });
      expect(round.earlierEditions).to.deep.equal([0]);
      expect(round.proposed).to.equal(undefined);
      expect(state.rounds.get(2)!.voided).to.equal(true);
      expect(allSubmitted(round)).to.equal(false);
    });

    it('take submissions that come then, and no longer wait for a trainer that leaves', () => {
      const left: Emitted = ['TrainerAbsent', [gone, 0, 900]];
      const state = foldAll([...reopened, submitted(late), left]);
      const round = state.rounds.get(1)!;
      expect([...round.submissions.keys()]).to.deep.equal([early, late]);
      expect(allSubmitted(round)).to.equal(true);
      expect(state.mayJoinAt.get(gone)).to.equal(900);
    });

    it('hand the number of their edition on to the rounds that open after them', () => {
      const state = foldAll([...reopened, proposed, opened(3, 1), ['TrainerSlashed', [early, 3, 5]]]);
      expect(state.rounds.get(3)).to.include({ edition: 5 });
      expect(state.rounds.get(3)!.earlierEditions).to.deep.equal([4]);
      expect(foldAll([...reopened, proposed, opened(3, 1)]).rounds.get(3)!.edition).to.equal(4);
    });
  });

  it('count no submission that was proven false, and are another edition without it', () => {
    const trainer = toBeHex(1, 20);
    const state = foldAll([
      ['TrainerJoined', [trainer, 1]],
      ['RoundOpened', [1, 0, 1, 100]],
      ['UpdateSubmitted', [trainer, packTerms({ round: 1, squaredNorm: 1, weight: 1 }), word, word]],
      ['TrainerSlashed', [trainer, 1, 1]],
    ]);
    expect(standingSubmissions(state.rounds.get(1)!)).to.deep.equal([]);
    expect(state.rounds.get(1)).to.include({ edition: 1, expectedTrainers: 0 });
  });

  it('need the updates of a majority of the trainers that they wait for, where the task says nothing else', () => {
    const [even, odd] = [4, 5].map((expected) => foldAll([['RoundOpened', [1, 0, expected, 100]]]).rounds.get(1)!);
    expect([fewestUpdates({ minimumUpdates: 0 }, even!), fewestUpdates({ minimumUpdates: 0 }, odd!)]).to.deep.equal([
      3, 3,
    ]);
    expect(fewestUpdates({ minimumUpdates: 1 }, odd!)).to.equal(1);
  });
});
