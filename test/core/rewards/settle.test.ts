import { expect } from 'chai';
import fc from 'fast-check';
import { merkleRoot } from '../../../client/core/merkle.ts';
import { buildBalancesTree } from '../../../client/core/rewards/balances.ts';
import { lowerMedian } from '../../../client/core/rewards/median.ts';
import type { RoundScores } from '../../../client/core/rewards/roundScores.ts';
import { settleRound, totalGwei } from '../../../client/core/rewards/settle.ts';
import { decodeStatement } from '../../../client/core/rewards/statement.ts';
import { addressOf, codeOf, fuzzRuns, fuzzTimeout } from '../rounds.ts';
import { arbitraryScores, revealOf, smallRound, trainerOf } from './rounds.ts';

/** `parts` stakes that add up to `whole`. */
function split(whole: bigint, parts: number): bigint[] {
  const part = whole / BigInt(parts);
  return Array.from({ length: parts }, (_, i) => (i === 0 ? whole - part * BigInt(parts - 1) : part));
}

describe('settleRound', () => {
  it('refuses what cannot be settled', () => {
    const [first, second] = smallRound.trainers as [ReturnType<typeof trainerOf>, ReturnType<typeof trainerOf>];
    const [reveal] = smallRound.evaluators as [ReturnType<typeof revealOf>];
    const { terms } = smallRound;
    const cases: Record<string, Partial<RoundScores>> = {
      'trainers out of order': { trainers: [second, first, trainerOf(3, 1, 1n)] },
      'a trainer twice': { trainers: [first, first, second] },
      'a trainer without account': { trainers: [first, second, trainerOf(5, 1, 1n)] },
      'a stake below zero': { trainers: [first, second, trainerOf(3, 1, -1n)] },
      'an evaluator twice': { evaluators: [reveal, { ...reveal, evaluator: reveal.evaluator.toUpperCase() }] },
      'too few scores': { evaluators: [revealOf(1, 1n, [1, 2])] },
      'too many scores': { evaluators: [revealOf(1, 1n, [1, 2, 3, 4])] },
      'an evaluator without account': { evaluators: [revealOf(5, 1n, [1, 2, 3])] },
      'an aggregator without account': { aggregatorPlace: 5 },
      'fewer accounts than before': { accounts: 3 },
      'shares above the whole': { terms: { ...terms, aggregatorBasisPoints: 8501 } },
      'a share below zero': { terms: { ...terms, aggregatorBasisPoints: -1 } },
      'half a basis point': { terms: { ...terms, aggregatorBasisPoints: 0.5 } },
      'a reward below zero': { terms: { ...terms, rewardGwei: -1n } },
    };
    for (const [name, change] of Object.entries(cases)) {
      expect(
        codeOf(() => settleRound({ ...smallRound, ...change })),
        name,
      ).to.equal('ARGUMENT_INVALID');
    }
  });

  it('settles a round computed by hand', () => {
    const settled = settleRound(smallRound);
    expect(settled.entries.map(({ score }) => score)).to.deep.equal([6, 0, 2]);
    expect(settled).to.include({ middle: 2, contribution: 120n, spread: 6n, agreement: 11n });
    expect(settled.evaluators.map(({ distance }) => distance)).to.deep.equal([5n, 3n, 10n]);
    expect(settled.evaluators.map(({ agreement }) => agreement)).to.deep.equal([1n, 3n, 0n]);
    expect(settled).to.include({ paidGwei: 1001n, trainerPotGwei: 801n, evaluatorPotGwei: 150n, feeGwei: 50n });
    expect([...settled.earnings].sort(([a], [b]) => a - b)).to.deep.equal([
      [0, { trainerGwei: 400n, evaluatorGwei: 0n, feeGwei: 0n }],
      [1, { trainerGwei: 0n, evaluatorGwei: 27n, feeGwei: 0n }],
      [2, { trainerGwei: 0n, evaluatorGwei: 122n, feeGwei: 0n }],
      [3, { trainerGwei: 400n, evaluatorGwei: 0n, feeGwei: 50n }],
    ]);
    expect(settled.balances).to.deep.equal([
      { cumulativeGwei: 500n, reputation: 8198 },
      { cumulativeGwei: 32n, reputation: 52_501 },
      { cumulativeGwei: 122n, reputation: 0 },
      { cumulativeGwei: 457n, reputation: 65_535 },
      { cumulativeGwei: 0n, reputation: 0 },
    ]);
    expect(settled.balancesRoot).to.deep.equal(merkleRoot(buildBalancesTree(settled.balances).tree));
  });

  it('pays what the pool has left, and nothing of an empty one', () => {
    const terms = { ...smallRound.terms, availableGwei: 100n };
    const settled = settleRound({ ...smallRound, terms });
    expect(settled).to.include({ paidGwei: 100n, trainerPotGwei: 80n, evaluatorPotGwei: 15n, feeGwei: 5n });
    const empty = settleRound({ ...smallRound, terms: { ...terms, availableGwei: 0n } });
    expect(empty.earnings.size).to.equal(0);
    expect(empty.balances[0]).to.deep.equal({ cumulativeGwei: 100n, reputation: 8198 });
  });

  it('pays no trainer where no score is above zero, no evaluator where none agrees, no aggregator without account', () => {
    const evaluators = [revealOf(1, 1n, [0, -1, -1])];
    const settled = settleRound({ ...smallRound, evaluators, aggregatorPlace: undefined });
    expect(settled).to.include({ trainerPotGwei: 0n, evaluatorPotGwei: 150n, feeGwei: 0n });
    const same = settleRound({ ...smallRound, evaluators: [revealOf(1, 1n, [4, 4, 4])] });
    expect(same).to.include({ spread: 0n, trainerPotGwei: 801n, evaluatorPotGwei: 0n });
  });

  it('gives a round without evaluators scores of zero, and changes no reputation', () => {
    const settled = settleRound({ ...smallRound, evaluators: [] });
    expect(settled.entries.map(({ score }) => score)).to.deep.equal([0, 0, 0]);
    expect(settled).to.include({ middle: 0, trainerPotGwei: 0n, evaluatorPotGwei: 0n, feeGwei: 50n });
    expect(settled.balances.map(({ reputation }) => reputation)).to.deep.equal([8, 60_001, 0, 65_535, 0]);
  });

  it('settles a round without trainers', () => {
    const evaluators = [revealOf(1, 1n, [])];
    const settled = settleRound({ ...smallRound, trainers: [], evaluators });
    expect(settled).to.include({ middle: 0, spread: 0n, trainerPotGwei: 0n, evaluatorPotGwei: 0n, feeGwei: 50n });
  });

  it('pays an evaluator without account nothing, and counts its scores', () => {
    const evaluators = smallRound.evaluators.map((reveal, i) => (i === 1 ? { ...reveal, place: undefined } : reveal));
    const settled = settleRound({ ...smallRound, evaluators });
    expect(settled).to.include({ middle: 2, agreement: 11n });
    expect(settled.earnings.has(2)).to.equal(false);
  });

  it('does not depend on the order or the case of the evaluators', () => {
    fc.assert(
      fc.property(arbitraryScores(), (round) => {
        const evaluators = [...round.evaluators]
          .reverse()
          .map((reveal) => ({ ...reveal, evaluator: `0x${reveal.evaluator.slice(2).toUpperCase()}` }));
        expect(settleRound({ ...round, evaluators }).statement).to.deep.equal(settleRound(round).statement);
      }),
      fuzzRuns(50),
    );
  }).timeout(fuzzTimeout);

  it('gives the same trainers the same, whichever places they have', () => {
    fc.assert(
      fc.property(arbitraryScores(8), (round) => {
        // the trainer at place 2i moves to the mirrored place, its scores with it
        const trainers = [...round.trainers].reverse().map(({ stakeTokens }, i) => trainerOf(2 * i, i, stakeTokens));
        const evaluators = round.evaluators.map((reveal) =>
          revealOf(reveal.place!, reveal.stakeTokens, [...reveal.scores].reverse()),
        );
        const [settled, mirrored] = [settleRound(round), settleRound({ ...round, trainers, evaluators })];
        const last = trainers.length - 1;
        expect(mirrored).to.include({ middle: settled.middle, agreement: settled.agreement });
        trainers.forEach((_, i) => {
          const earned = settled.earnings.get(2 * i)?.trainerGwei ?? 0n;
          expect(mirrored.earnings.get(2 * (last - i))?.trainerGwei ?? 0n).to.equal(earned);
        });
      }),
      fuzzRuns(50),
    );
  }).timeout(fuzzTimeout);

  it('states what the contract counts, and never pays more than the pots', () => {
    let paid = 0;
    fc.assert(
      fc.property(arbitraryScores(), (round) => {
        const settled = settleRound(round);
        const { terms, paidGwei, trainerPotGwei, evaluatorPotGwei, feeGwei } = settled;
        const stated = decodeStatement(settled.statement);
        const scores = stated.entries.map(({ score }) => score);
        expect(stated.middle).to.equal(scores.length === 0 ? 0 : lowerMedian(scores));
        stated.entries.forEach(({ score }, k) => {
          const given = round.evaluators.map(({ scores: all, stakeTokens }) => ({ score: all[k]!, stakeTokens }));
          const stakeOf = (items: typeof given) => items.reduce((sum, { stakeTokens }) => sum + stakeTokens, 0n);
          const total = stakeOf(given);
          const below = stakeOf(given.filter((item) => item.score < score));
          const atOrBelow = stakeOf(given.filter((item) => item.score <= score));
          expect(total === 0n ? score === 0 : 2n * below < total && 2n * atOrBelow >= total).to.equal(true);
        });
        const earned = [...settled.earnings.values()].reduce((sum, part) => sum + totalGwei(part), 0n);
        expect(earned <= trainerPotGwei + evaluatorPotGwei + feeGwei).to.equal(true);
        expect(trainerPotGwei + evaluatorPotGwei + feeGwei <= paidGwei).to.equal(true);
        expect(paidGwei <= terms.rewardGwei && paidGwei <= terms.availableGwei).to.equal(true);
        // rounding loses less than one for each who earns
        const lost = trainerPotGwei + evaluatorPotGwei + feeGwei - earned;
        expect(lost <= BigInt(round.trainers.length + round.evaluators.length)).to.equal(true);
        const total = (balances: typeof settled.balances) => balances.reduce((sum, b) => sum + b.cumulativeGwei, 0n);
        expect(total(settled.balances) - total(settled.previous)).to.equal(earned);
        paid += earned > 0n ? 1 : 0;
      }),
      fuzzRuns(100),
    );
    expect(paid).to.be.above(0);
  }).timeout(fuzzTimeout);

  it('earns ten identities with one trainer’s stake and scores no more, and at most 10 less', () => {
    let paid = 0;
    fc.assert(
      fc.property(arbitraryScores(8), fc.nat(), (round, at) => {
        fc.pre(round.trainers.length > 0);
        const index = at % round.trainers.length;
        const others = round.trainers.filter((_, i) => i !== index);
        const identities = split(round.trainers[index]!.stakeTokens, 10).map((stakeTokens, i) => ({
          ...trainerOf(round.accounts + i, 100 + i, stakeTokens),
          trainer: addressOf(500 + i),
        }));
        const evaluators = round.evaluators.map((reveal) => {
          const scores = [...reveal.scores.filter((_, i) => i !== index), ...new Array(10).fill(reveal.scores[index]!)];
          return revealOf(reveal.place!, reveal.stakeTokens, scores);
        });
        const tenfold = settleRound({
          ...round,
          trainers: [...others, ...identities],
          evaluators,
          accounts: round.accounts + 10,
        });
        const one = settleRound(round).earnings.get(round.trainers[index]!.place)?.trainerGwei ?? 0n;
        const ten = identities.reduce((sum, { place }) => sum + (tenfold.earnings.get(place)?.trainerGwei ?? 0n), 0n);
        expect(ten <= one && one - ten <= 10n, `${one} and ${ten}`).to.equal(true);
        paid += one > 0n ? 1 : 0;
      }),
      fuzzRuns(100),
    );
    expect(paid).to.be.above(0);
  }).timeout(fuzzTimeout);
});
