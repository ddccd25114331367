import { expect } from 'chai';
import fc from 'fast-check';
import { keccak256 } from '../../../client/core/hash.ts';
import { applyStatement, areStated, type StatedTotals } from '../../../client/core/rewards/history.ts';
import { type Settlement, settleRound } from '../../../client/core/rewards/settle.ts';
import { decodeStatement } from '../../../client/core/rewards/statement.ts';
import { fuzzRuns, fuzzTimeout } from '../rounds.ts';
import { arbitraryScores, smallRound } from './rounds.ts';

function totalsOf(settled: Settlement): StatedTotals {
  return { ...settled, accounts: settled.balances.length };
}

function placesOf({ evaluators, aggregatorPlace }: Settlement) {
  return { evaluators: evaluators.map(({ place }) => place), aggregatorPlace };
}

describe('applyStatement', () => {
  it('comes to the balances of the settlement, from the statement alone', () => {
    fc.assert(
      fc.property(arbitraryScores(), (round) => {
        const settled = settleRound(round);
        const stated = decodeStatement(settled.statement);
        const { earnings, balances } = applyStatement(round.previous, stated, totalsOf(settled), placesOf(settled));
        expect(areStated(balances, stated.pageRoots)).to.equal(true);
        expect(balances).to.deep.equal(settled.balances);
        expect(earnings).to.deep.equal(settled.earnings);
      }),
      fuzzRuns(50),
    );
  }).timeout(fuzzTimeout);

  const settled = settleRound(smallRound);
  const stated = decodeStatement(settled.statement);

  it('notices page roots of other balances, or too many of them', () => {
    for (const pageRoots of [stated.pageRoots.map(keccak256), [...stated.pageRoots, ...stated.pageRoots], []]) {
      expect(areStated(settled.balances, pageRoots)).to.equal(false);
    }
  });

  it('gives nothing to an account that did not exist when the statement was made', () => {
    const places = { ...placesOf(settled), evaluators: [1, 5, 4] };
    const { balances } = applyStatement(smallRound.previous, stated, totalsOf(settled), places);
    expect(balances).to.deep.equal(settled.balances.with(2, { cumulativeGwei: 0n, reputation: 0 }));
  });
});
