import { expect } from 'chai';
import { createSchedule } from '../../client/training/schedule.ts';

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
