/** Sums beyond what weights can add up to, which not every client can count with, protect no cheat. */
import { expect } from 'chai';
import { post } from './posted.ts';
import { pursue } from './pursuit.ts';
import { playReal, propose, type RealRound } from './rounds.ts';

describe('A proposal with a huge sum', function () {
  this.timeout(20_000);
  let real: RealRound;

  before(async () => {
    real = await playReal({ rule: 'mean', count: 33, dimension: 64, seed: 'huge sums' });
  });

  it('is refused where the sum is its total weight', async () => {
    const totalWeight = 33 * 65_535 + 1;
    const proposing = propose(real, post(real.right, { terms: { totalWeight } }));
    await expect(proposing).to.be.revertedWithCustomError(real.staged.federation, 'WeightOutOfBounds');
  });

  it('is voided by a demand where the sum is one of a node, which nobody can open', async () => {
    const { totalWeight } = real.right.commitment;
    const inputsNode = { height: 1, index: 0, alter: ({ hash }: { hash: Uint8Array }) => ({ hash, sum: 2 ** 60 }) };
    const scene = await propose(real, post(real.right, { inputsNode, terms: { totalWeight } }));
    expect(await pursue(scene, false)).to.equal('forfeit');
  });
});
