import { expect } from 'chai';
import { createRandom } from '../../client/core/random.ts';
import { createPoissonSchedule, createSchedule, poissonSteps } from '../../client/training/schedule.ts';

describe('createSchedule', () => {
  it('visits every sample once an epoch, each epoch in another order', () => {
    const { totalSteps, take } = createSchedule(7, 3, 2, 'a');
    expect(totalSteps).to.equal(6);
    const { order, samples, epochs } = take(100);
    expect([...samples]).to.deep.equal([3, 3, 1, 3, 3, 1]);
    expect([...epochs]).to.deep.equal([0, 0, 0, 1, 1, 1]);
    const visited = (epoch: number) => [...order.subarray(epoch * 9, epoch * 9 + 7)];
    for (const epoch of [0, 1]) expect(visited(epoch).sort()).to.deep.equal([0, 1, 2, 3, 4, 5, 6]);
    expect(visited(0)).not.to.deep.equal(visited(1));
  });

  it('weighs each sample by its own batch and fills up at weight 0', () => {
    const { order, weights } = createSchedule(5, 4, 1, 'a').take(2);
    expect([...weights]).to.deep.equal([0.25, 0.25, 0.25, 0.25, 1, 0, 0, 0]);
    expect([...order.subarray(5)]).to.deep.equal(Array(3).fill(order[4]));
  });

  it('is the same however it is cut', () => {
    const whole = createSchedule(7, 3, 3, 'a').take(9);
    const { take } = createSchedule(7, 3, 3, 'a');
    const cut = [1, 4, 2, 5].map(take);
    expect(cut.map(({ steps }) => steps)).to.deep.equal([1, 4, 2, 2]);
    expect(cut.flatMap(({ order }) => [...order])).to.deep.equal([...whole.order]);
    expect(cut.flatMap(({ weights }) => [...weights])).to.deep.equal([...whole.weights]);
  });
});

describe('createPoissonSchedule', () => {
  const [count, capacity] = [400, 25];
  const plan = { batchSize: 20, epochs: 30 };
  const random = createRandom('poisson');

  it('takes each sample with the chance that the budget counts on, each step by itself, as often as it counts on', () => {
    const { samplingRate, times } = poissonSteps(count, plan);
    expect([samplingRate, times]).to.deep.equal([0.05, 600]);
    const { take } = createPoissonSchedule(count, capacity, plan, random);
    const drawn = new Int32Array(count);
    const sizes: number[] = [];
    let size = 0;
    for (let batches = take(7); batches.steps > 0; batches = take(7)) {
      for (let step = 0; step < batches.steps; step++) {
        const chosen = batches.order.subarray(step * capacity, step * capacity + batches.samples[step]!);
        expect(new Set(chosen).size).to.equal(chosen.length);
        const weights = [...batches.weights.subarray(step * capacity, (step + 1) * capacity)];
        expect(weights).to.deep.equal(weights.map((_, place) => (place < chosen.length ? 1 : 0)));
        for (const sample of chosen) drawn[sample]!++;
        size += chosen.length;
        if (batches.applies![step] === 0) continue;
        sizes.push(size);
        size = 0;
      }
    }
    expect([sizes.length, size]).to.deep.equal([times, 0]);
    const mean = sizes.reduce((sum, each) => sum + each, 0) / times;
    const variance = sizes.reduce((sum, each) => sum + (each - mean) ** 2, 0) / times;
    expect(mean).to.be.closeTo(20, 1);
    expect(variance).to.be.closeTo(400 * 0.05 * 0.95, 4); // binomial: nobody evens it out
    expect(Math.max(...sizes)).to.be.above(capacity); // and was taken in two batches
    expect(Math.min(...drawn)).to.be.above(5);
    expect(Math.max(...drawn)).to.be.below(60);
  });

  it('applies an empty sample too: its noise is due', () => {
    const { take } = createPoissonSchedule(3, 2, { batchSize: 0.001, epochs: 1 }, random);
    const { steps, applies, samples } = take(50);
    expect(steps).to.equal(50);
    expect([...applies!]).to.deep.equal(new Array(50).fill(1));
    expect(samples.filter((each) => each === 0).length).to.be.above(45);
  });
});
