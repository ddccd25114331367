import { expect } from 'chai';
import { foldsOf, shrink, standardErrorOf } from '../../client/evaluator/chance.ts';
import { noveltyOf } from '../../client/evaluator/novelty.ts';
import { type Findings, scoreUpdates, type TrainerUpdate, typicalScore } from '../../client/evaluator/score.ts';
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

async function score(updates: TrainerUpdate[], earlierUpdates: TrainerUpdate[] = [], previousBase?: Float32Array) {
  const round = { base: new Float32Array(2), previousBase, earlierUpdates, updates, validation, found: new Map() };
  return (await scoreUpdates({ model, ...round })).scores;
}

describe('the score of an update', () => {
  it('is the drop in loss of an n-th of the step, relative to the median', async () => {
    // steps of a twelfth from (0, 0): 3 · (½ − ½ · (11/12)²), 3 · (½ − ½ · (13/12)²), and 3 · (½ − ½ · (0.95² + (1/15)²))
    const scores = await score([update('a', 0.25, 0), update('b', -0.25, 0), update('c', 0.15, 0.2)]);
    const typical = 0.1395833;
    expect(scores[0]! / typicalScore).to.be.closeTo(0.2395833 / typical, 1e-3);
    expect(scores[1]! / typicalScore).to.be.closeTo(-0.2604167 / typical, 1e-3);
    expect(scores[2]).to.equal(typicalScore);
  });

  it('does not depend on how hard the validation data are', async () => {
    const updates = [update('a', 0.1, 0.2), update('b', 0.2, -0.1), update('c', 0.3, 0)];
    const harder = {
      evaluate: async (at: Float32Array) => ({
        ...(await model.evaluate(at)),
        loss: 3 * (await model.evaluate(at)).loss,
      }),
    };
    const before = { base: new Float32Array(2), previousBase: undefined, earlierUpdates: [], found: new Map() };
    const { scores } = await scoreUpdates({ ...before, updates, validation, model: harder });
    expect([...scores]).to.deep.equal([...(await score(updates))]);
  });

  it('is at most two typical scores, and as low as an int16', async () => {
    const sideways = [update('c', 0.01, 0.0995), update('d', 0.01, -0.0995)];
    const scores = await score([update('a', 0.1, 0), update('b', -0.1, 0), ...sideways]);
    expect(scores[0]).to.equal(2 * typicalScore);
    expect(scores[1]).to.equal(-32_768);
  });

  it('is measured by a program where one has the data, in parts of them', async () => {
    const updates = [update('a', 0.25, 0), update('b', -0.25, 0), update('c', 0.15, 0.2)];
    const asked: number[] = [];
    const program = {
      evaluate: () => Promise.reject(new Error('nobody but the program has the data')),
      lossesInParts: async (at: Float32Array, parts: number) => {
        asked.push(parts);
        return [(await model.evaluate(at)).loss];
      },
    };
    const round = { base: new Float32Array(2), previousBase: undefined, earlierUpdates: [], found: new Map() };
    const nothing = { ...validation, count: 0 };
    const { scores } = await scoreUpdates({ ...round, updates, model: program, validation: nothing });
    expect([...scores]).to.deep.equal([...(await score(updates))]);
    expect(asked).to.deep.equal([10, 10, 10, 10]);
  });

  it('is zero where nothing is rewarded', async () => {
    expect([...(await score([update('a', -0.5, 0), update('b', -0.5, 0)]))]).to.deep.equal([0, 0]);
  });

  it('is zero for a step of zeros, also where all are', async () => {
    expect([...(await score([update('a', 0, 0), update('b', 0, 0)]))]).to.deep.equal([0, 0]);
    expect((await score([update('a', 0, 0), update('b', 0.25, 0), update('c', 0.25, 0)]))[0]).to.equal(0);
  });

  it('is an empty list for no updates', async () => {
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
    expect(scores[0]).to.be.at.least(typicalScore);
  });

  it('is zero for a copy of the earlier update of another, not for an own one', async () => {
    const earlier = [update('a', 0.1, 0.2)];
    const scores = await score([update('a', 0.2, 0.2), update('b', 0.2, -0.1), update('c', 0.1, 0.2)], earlier);
    expect(scores[2]).to.equal(0);
    expect(scores[0]).to.be.greaterThan(typicalScore / 2);
  });

  it('is zero for a vector that several send in one round', async () => {
    const same = [update('a', 0.1, 0.1), update('b', 0.1, 0.1)];
    const scores = await score([...same, update('c', 0.1, 0), update('d', 0.1, -0.1), update('e', 0, 0.1)]);
    expect([...scores.subarray(0, 2)]).to.deep.equal([0, 0]);
    expect(scores[2]).to.be.at.least(typicalScore);
  });

  it('does not depend on the order of the updates', async () => {
    const updates = [update('a', 0.1, 0.2), update('b', 0.2, -0.1), update('c', 0.3, 0)];
    const earlier = [update('b', 0.2, 0.1)];
    const scores = await score(updates, earlier, Float32Array.of(-0.1, 0));
    const turned = await score([...updates].reverse(), earlier, Float32Array.of(-0.1, 0));
    expect([...turned].reverse()).to.deep.equal([...scores]);
  });
});

/** The loss falls along x for every sample, and along y by what the sample holds. */
function noisy(tilts: number[], found: Findings = new Map()) {
  const data: Dataset = { ...validation, features: Float32Array.from(tilts), count: tilts.length, inputShape: [1] };
  const evaluate = async ([x, y]: Float32Array, { features, count }: Dataset) => {
    const tilt = features.reduce((sum, value) => sum + value, 0) / count;
    return { loss: -x! - tilt * y!, accuracy: 0, count };
  };
  return (updates: TrainerUpdate[]) =>
    scoreUpdates({
      model: { evaluate },
      base: new Float32Array(2),
      previousBase: undefined,
      earlierUpdates: [],
      updates,
      validation: { ...data, labels: new Int32Array(tilts.length) },
      found,
    });
}

describe('the score of an update, measured on few samples', () => {
  const tilts = [-9, -7, -5, -3, -1, 1, 3, 5, 7, 10];
  const updates = [update('a', 0.08, 0.06), update('b', 0.06, 0.08), update('c', 0.08, -0.06)];

  it('is that of a typical update where the difference may be chance', async () => {
    const { scores } = await noisy(tilts)(updates);
    expect([...scores]).to.deep.equal([typicalScore, typicalScore, typicalScore]);
  });

  it('counts a difference that is certain', async () => {
    const { scores } = await noisy(tilts.map((tilt) => tilt / 1000))(updates);
    expect(scores[1]! / scores[2]!).to.be.closeTo(0.75, 0.01);
  });

  it('counts harm that only many rounds can tell from chance, and forgets it when it has ended', async () => {
    // what differs by chance differs in another fold in every round
    const around = (round: number) => tilts.map((_, fold) => tilts[(fold + 3 * round) % tilts.length]!);
    const harmful = update('d', -0.06, 0.08);
    const honest = update('d', 0.09, 0.043);
    let found: Findings = new Map();
    const play = async (round: number, sent: TrainerUpdate) => {
      const scored = await noisy(around(round), found)([...updates, sent]);
      found = scored.found;
      return scored.scores;
    };
    let scores = await play(0, harmful);
    expect(scores[3]).to.equal(typicalScore);
    for (let round = 1; round < 40; round++) scores = await play(round, harmful);
    expect(scores[3]).to.be.below(typicalScore / 2);
    expect([...scores.subarray(1, 3)]).to.deep.equal([typicalScore, typicalScore]);
    for (let round = 40; round < 120; round++) scores = await play(round, honest);
    expect(scores[3]).to.equal(typicalScore);
  });

  it('is below zero for what does certain harm', async () => {
    const { scores } = await noisy(tilts.map((tilt) => tilt / 10))([...updates, update('d', -0.1, 0)]);
    expect(scores[3]).to.be.below(0);
    expect(Math.min(...scores.subarray(0, 3))).to.be.above(typicalScore / 2);
  });

  it('is less for an update that changes nothing on any sample', async () => {
    const still = { ...update('d', 0, 0), values: Int16Array.of(0, 0, 6_553) };
    const longer = updates.map(({ trainer, values }) => ({ trainer, values: Int16Array.of(...values, 0) }));
    const { scores } = await noisy(tilts)([...longer, still]);
    expect(scores[3]).to.equal(0);
    expect(scores[0]).to.equal(typicalScore);
  });
});

describe('chance', () => {
  it('is nothing below three standard errors, and none of it is left from six', () => {
    expect([shrink(2.9, 1), shrink(-2.9, 1)].map(Math.abs)).to.deep.equal([0, 0]);
    expect(shrink(4.5, 1)).to.equal(3);
    expect(shrink(-9, 2)).to.equal(-6);
    expect([shrink(6, 1), shrink(-12, 2), shrink(0.1, 0), shrink(0, 0)]).to.deep.equal([6, -12, 0.1, 0]);
  });

  it('is measured by the standard error of the mean', () => {
    // squares 1 + 0 + 1 over 2 · 3
    expect(standardErrorOf([1, 2, 3])).to.be.closeTo(Math.sqrt(1 / 3), 1e-12);
    expect(standardErrorOf([5])).to.equal(0);
  });

  it('shares samples among ten folds in turn, or gives each its own', () => {
    const data = (count: number) => ({
      ...validation,
      features: Float32Array.from({ length: count }, (_, i) => i),
      labels: new Int32Array(count),
      count,
      inputShape: [1],
    });
    expect(foldsOf(data(25)).map(({ count }) => count)).to.deep.equal([3, 3, 3, 3, 3, 2, 2, 2, 2, 2]);
    expect([...foldsOf(data(25))[4]!.features]).to.deep.equal([4, 14, 24]);
    expect(foldsOf(data(3))).to.have.length(3);
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
