import { expect } from 'chai';
import { noveltyOf } from '../../client/evaluator/novelty.ts';
import { meanScore, scoreUpdates, type TrainerUpdate } from '../../client/evaluator/score.ts';
import type { Dataset } from '../../client/training/engine.ts';

const unit = 2 ** 16;
const validation: Dataset = {
  features: new Float32Array(2),
  labels: new Int32Array(1),
  count: 1,
  inputShape: [2],
  classes: 2,
};

/** Loss: distance from (1, 0), squared and halved. */
const model = {
  evaluate: async ([x, y]: Float32Array) => ({ loss: ((x! - 1) ** 2 + y! ** 2) / 2, accuracy: 0, count: 1 }),
};

function update(trainer: string, x: number, y: number): TrainerUpdate {
  return { trainer, values: Int16Array.of(x * unit, y * unit) };
}

function score(updates: TrainerUpdate[], earlierUpdates: TrainerUpdate[] = [], previousBase?: Float32Array) {
  const base = new Float32Array(2);
  return scoreUpdates({ model, base, previousBase, earlierUpdates, updates, validation });
}

describe('the score of an update', () => {
  it('is the drop in loss of an n-th of the step, relative to the mean of what is rewarded', async () => {
    // from (0, 0): ½ − ½·(1 − 0.125)² = 0.1171875, and −0.1328125 back: the mean is half of the first
    const scores = await score([update('a', 0.25, 0), update('b', -0.25, 0)]);
    expect([...scores]).to.deep.equal([2 * meanScore, Math.round((-2 * meanScore * 0.1328125) / 0.1171875)]);
  });

  it('does not depend on how hard the validation data are', async () => {
    const updates = [update('a', 0.1, 0.2), update('b', 0.2, -0.1), update('c', 0.3, 0)];
    const harder = {
      evaluate: async (at: Float32Array) => ({
        ...(await model.evaluate(at)),
        loss: 3 * (await model.evaluate(at)).loss,
      }),
    };
    const round = { base: new Float32Array(2), previousBase: undefined, earlierUpdates: [], updates, validation };
    expect([...(await scoreUpdates({ ...round, model: harder }))]).to.deep.equal([
      ...(await scoreUpdates({ ...round, model })),
    ]);
  });

  it('saturates', async () => {
    const others = Array.from({ length: 9 }, (_, i) => update(`${i}`, -0.1, 0));
    const scores = await score([update('a', 0.1, 0), ...others]);
    expect(scores[0]).to.equal(32_767);
    expect(scores[1]).to.equal(-32_768);
  });

  it('is zero where nothing is rewarded', async () => {
    expect([...(await score([update('a', -0.5, 0), update('b', -0.5, 0)]))]).to.deep.equal([0, 0]);
  });

  it('is zero for a step of zeros, also where all are', async () => {
    expect([...(await score([update('a', 0, 0), update('b', 0, 0)]))]).to.deep.equal([0, 0]);
    expect((await score([update('a', 0, 0), update('b', 0.25, 0), update('c', 0.25, 0)]))[0]).to.equal(0);
  });

  it('is of no updates empty', async () => {
    expect(await score([])).to.have.length(0);
  });

  it('does not depend on the length, up to twice the median, and falls beyond', async () => {
    const of = async (length: number) => {
      const scores = await score([update('a', 0.1, 0.02), update('b', 0.1, -0.02), update('c', length, 0)]);
      return scores[2]! / scores[0]!;
    };
    const honest = await of(0.1);
    expect((await of(0.02)) / honest).to.be.closeTo(1, 0.01);
    expect((await of(0.2)) / honest).to.be.closeTo(1, 0.03);
    expect((await of(0.4)) / honest).to.be.closeTo(0.5, 0.02);
  });

  it('is zero for the last step again', async () => {
    const updates = [update('a', 0.2, 0.1), update('b', 0.2, -0.1), update('c', 0.2, 0)];
    const scores = await score(updates, [], Float32Array.of(-0.2, 0));
    expect(scores[2]).to.equal(0);
    expect(scores[0]).to.be.greaterThan(meanScore);
  });

  it('is zero for a copy of the earlier update of another, not for an own one', async () => {
    const earlier = [update('a', 0.1, 0.2)];
    const scores = await score([update('a', 0.2, 0.2), update('b', 0.2, -0.1), update('c', 0.1, 0.2)], earlier);
    expect(scores[2]).to.equal(0);
    expect(scores[0]).to.be.greaterThan(meanScore / 2);
  });

  it('is zero for a vector that several send in one round', async () => {
    const same = [update('a', 0.1, 0.1), update('b', 0.1, 0.1)];
    const scores = await score([...same, update('c', 0.1, 0), update('d', 0.1, -0.1), update('e', 0, 0.1)]);
    expect([...scores.subarray(0, 2)]).to.deep.equal([0, 0]);
    expect(scores[2]).to.be.greaterThan(meanScore);
  });

  it('does not depend on the order of the updates', async () => {
    const updates = [update('a', 0.1, 0.2), update('b', 0.2, -0.1), update('c', 0.3, 0)];
    const earlier = [update('b', 0.2, 0.1)];
    const scores = await score(updates, earlier, Float32Array.of(-0.1, 0));
    const turned = await score([...updates].reverse(), earlier, Float32Array.of(-0.1, 0));
    expect([...turned].reverse()).to.deep.equal([...scores]);
  });
});

describe('novelty', () => {
  const of = (x: number, y: number) => ({ trainer: 'a', values: [x, y] });

  it('is all of an update where nothing is known, and none of zeros', () => {
    expect(noveltyOf(of(3, 4), [])).to.equal(1);
    expect(noveltyOf(of(0, 0), [])).to.equal(0);
    expect(noveltyOf(of(3, 4), [{ trainer: 'b', values: [0, 0] }])).to.equal(1);
  });

  it('is what is at right angles to what is known', () => {
    expect(noveltyOf(of(3, 4), [{ trainer: 'b', values: [10, 0] }])).to.be.closeTo(16 / 25, 1e-12);
    expect(noveltyOf(of(3, 4), [{ trainer: 'b', values: [-10, 0] }])).to.be.closeTo(16 / 25, 1e-12);
  });

  it('is none of a mixture of what is known', () => {
    const known = [
      { trainer: 'b', values: [10, 0] },
      { trainer: 'c', values: [0, 1] },
    ];
    expect(noveltyOf(of(3, 4), known)).to.be.closeTo(0, 1e-12);
  });

  it('does not count what the author itself sent', () => {
    expect(noveltyOf(of(3, 4), [of(3, 4)])).to.equal(1);
  });
});
