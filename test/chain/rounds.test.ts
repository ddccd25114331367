import { expect } from 'chai';
import { type Result, toBeHex, ZeroAddress, ZeroHash } from 'ethers';
import { contractInterface } from '../../client/chain/artifacts.ts';
import { applyEventInPlace, emptyState, proposedRounds, reputationsOf } from '../../client/chain/rounds.ts';
import { toHex } from '../../client/core/hash.ts';

const word = toBeHex(0xabcdef, 32);

/** Rounds that start from `baseRound`, in one transaction all. */
function fold(events: readonly (readonly [name: string, round: number, baseRound: number])[], state = emptyState()) {
  for (const [index, [name, round, baseRound]] of events.entries()) {
    const fragment = contractInterface('Federation').getEvent(name)!;
    const proposal = [round, baseRound, 2, 2, 0, 0, ...Array(7).fill(ZeroHash), ZeroHash];
    const values = {
      RoundOpened: [round, baseRound, 2, 100],
      AggregateProposed: [round, ZeroAddress, proposal, [], 500, word],
      RoundSkipped: [round],
      ProposalVoided: [round, ZeroAddress, ZeroAddress, 100],
    }[name]!;
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
});
