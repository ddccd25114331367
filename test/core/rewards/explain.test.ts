import { expect } from 'chai';
import fc from 'fast-check';
import { explainReward } from '../../../client/core/rewards/explain.ts';
import { settleRound, totalGwei } from '../../../client/core/rewards/settle.ts';
import { fuzzRuns, fuzzTimeout } from '../rounds.ts';
import { arbitraryScores, smallRound } from './rounds.ts';

const settled = settleRound(smallRound);

/** The value of the one line of that name. */
function lineValue(place: number, name: string): bigint | number {
  const lines = explainReward(settled, place).lines.filter((line) => line.name === name);
  expect(lines, name).to.have.length(1);
  return lines[0]!.value;
}

describe('explainReward', () => {
  it('leads from the scores to what a trainer earned', () => {
    const scores = explainReward(settled, 0).lines.filter(({ name }) => name.startsWith('score by 0x'));
    expect(scores.map(({ value }) => value)).to.deep.equal([4, 8, 6]);
    expect(lineValue(0, 'score')).to.equal(6);
    expect(lineValue(0, 'stake as a trainer')).to.equal(10n);
    expect(lineValue(0, 'contribution')).to.equal(60n);
    expect(lineValue(0, 'contribution of all')).to.equal(120n);
    expect(lineValue(0, 'pot of the trainers')).to.equal(801n);
    expect(lineValue(0, 'earned as a trainer')).to.equal(400n);
    expect(lineValue(0, 'earned until now')).to.equal(500n);
    expect(lineValue(0, 'reputation')).to.equal(8198);
    const earned = explainReward(settled, 0).lines.find(({ name }) => name === 'earned as a trainer');
    expect(earned?.from).to.equal('801 × 60 / 120, rounded down');
  });

  it('leads from the distance to what an evaluator earned', () => {
    expect(lineValue(2, 'distance')).to.equal(3n);
    expect(lineValue(2, 'spread of the scores')).to.equal(6n);
    expect(lineValue(2, 'agreement')).to.equal(3n);
    expect(lineValue(2, 'weighted agreement')).to.equal(9n);
    expect(lineValue(2, 'weighted agreement of all')).to.equal(11n);
    expect(lineValue(2, 'pot of the evaluators')).to.equal(150n);
    expect(lineValue(2, 'earned as an evaluator')).to.equal(122n);
  });

  it('names every part where an account has several', () => {
    expect(lineValue(3, 'earned as a trainer')).to.equal(400n);
    expect(lineValue(3, 'earned as the aggregator')).to.equal(50n);
    expect(lineValue(3, 'earned in the round')).to.equal(450n);
    expect(lineValue(1, 'score')).to.equal(0);
    expect(lineValue(1, 'earned as an evaluator')).to.equal(27n);
  });

  it('says of an account that took no part that it earned nothing', () => {
    const { lines, earnedGwei } = explainReward({ ...settled, entries: [], evaluators: [] }, 4);
    expect(earnedGwei).to.equal(0n);
    expect(lines.map(({ name }) => name)).to.not.include('earned as a trainer');
    expect(lines.find(({ name }) => name === 'reputation')?.from).to.match(/no score/);
    const unknown = explainReward(settled, 99).lines.find(({ name }) => name === 'earned until now');
    expect(unknown?.value).to.equal(0n);
  });

  it('has parts that add up to the balance, in every round', () => {
    fc.assert(
      fc.property(arbitraryScores(6, 4), (round) => {
        const settlement = settleRound(round);
        settlement.balances.forEach(({ cumulativeGwei }, place) => {
          const { lines, earnedGwei } = explainReward(settlement, place);
          const parts = lines.filter(({ name }) => name.startsWith('earned as'));
          const sum = parts.reduce((total, { value }) => total + BigInt(value), 0n);
          expect(sum).to.equal(earnedGwei);
          const earned = settlement.earnings.get(place);
          expect(earnedGwei).to.equal(earned === undefined ? 0n : totalGwei(earned));
          expect((round.previous[place]?.cumulativeGwei ?? 0n) + earnedGwei).to.equal(cumulativeGwei);
        });
      }),
      fuzzRuns(30),
    );
  }).timeout(fuzzTimeout);
});
