import { expect } from 'chai';
import { createRandom, shuffleInPlace } from '../../client/core/random.ts';

describe('createRandom', () => {
  it('gives each label a stream of its own, the same on every machine', () => {
    const stream = (...label: (string | number)[]) => {
      const random = createRandom(...label);
      return Array.from({ length: 8 }, () => random.uint32());
    };
    expect(stream(1, 'rounding')).to.deep.equal(stream('1', 'rounding'));
    expect(stream(1, 'rounding')).not.to.deep.equal(stream(1, 'shuffle'));
    expect(stream('a', 'b')).not.to.deep.equal(stream('ab'));
    // By a second implementation of xoshiro128** 1.1.
    expect(stream('tributary', 7)).to.deep.equal([
      2515681520, 2427289177, 4037946467, 1176464205, 622424834, 1365158433, 516246871, 1056128576,
    ]);
  });

  it('draws floats evenly from [0, 1) in steps of 2^-24', () => {
    const random = createRandom('floats');
    const draws = Array.from({ length: 20_000 }, () => random.float());
    expect(draws.every((draw) => draw >= 0 && draw < 1 && Number.isInteger(draw * 2 ** 24))).to.equal(true);
    for (let tenth = 0; tenth < 10; tenth++) {
      const count = draws.filter((draw) => Math.floor(draw * 10) === tenth).length;
      expect(count).to.be.within(1800, 2200); // 4.7 standard deviations
    }
  });

  it('draws integers evenly below a bound', () => {
    const random = createRandom('below');
    const counts = new Int32Array(7);
    for (let i = 0; i < 14_000; i++) counts[random.below(7)]!++;
    for (const count of counts) expect(count).to.be.within(1800, 2200);
    expect(random.below(1)).to.equal(0);
  });

  it('draws normals of mean 0 and standard deviation 1', () => {
    const random = createRandom('normals');
    const draws = Array.from({ length: 40_000 }, () => random.normal());
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
    const variance = draws.reduce((sum, draw) => sum + draw ** 2, 0) / draws.length;
    const beyondTwo = draws.filter((draw) => Math.abs(draw) > 2).length / draws.length;
    expect(mean).to.be.within(-0.025, 0.025);
    expect(variance).to.be.within(0.96, 1.04);
    expect(beyondTwo).to.be.within(0.041, 0.05); // 0.0455
  });
});

describe('shuffleInPlace', () => {
  it('keeps every item and gives each place to each', () => {
    const random = createRandom('shuffle');
    const seen = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const items = [1, 2, 3];
      shuffleInPlace(items, random);
      seen.add(items.join());
      expect(items.toSorted()).to.deep.equal([1, 2, 3]);
    }
    expect(seen.size).to.equal(6);
  });
});
