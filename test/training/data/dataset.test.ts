import { expect } from 'chai';
import { checkSamples, fitToTask, selectSamples, splitHeldOut } from '../../../client/training/data/dataset.ts';
import type { Dataset } from '../../../client/training/engine.ts';
import { expectRejection } from './rejection.ts';

function createDataset(changes: Partial<Dataset> = {}): Dataset {
  return {
    features: Float32Array.from([0, 1, 10, 11, 20, 21, 30, 31]),
    labels: Int32Array.from([0, 1, 2, 0]),
    count: 4,
    inputShape: [2],
    classes: 3,
    ...changes,
  };
}

describe('a data set', () => {
  it('is refused when it is empty', () =>
    expectRejection(
      () => checkSamples(createDataset({ features: new Float32Array(), labels: new Int32Array(), count: 0 })),
      'DATA_EMPTY',
      /no samples/,
    ));

  it('is refused when its lengths disagree', () =>
    expectRejection(
      () => checkSamples(createDataset({ count: 3 })),
      'DATA_INVALID',
      /3 samples need 6 features and 3/,
    ));

  it('is refused with a feature or a target that is not finite, and the sample is named', async () => {
    const features = createDataset().features.slice();
    features[5] = Number.NaN;
    await expectRejection(
      () => checkSamples(createDataset({ features })),
      'DATA_NOT_FINITE',
      /Sample 2 .*NaN at feature 1/,
    );
    const labels = Float32Array.from([0, 0, Infinity, 0]);
    await expectRejection(() => checkSamples(createDataset({ labels, classes: 1 })), 'DATA_NOT_FINITE', /Sample 2/);
  });

  it('is refused with a label outside the classes', async () => {
    for (const label of [3, -1]) {
      const labels = Int32Array.from([0, label, 1, 2]);
      await expectRejection(() => checkSamples(createDataset({ labels })), 'DATA_INVALID', /Sample 1 .*0 to 2/);
    }
  });

  it('may hold one class only', () => checkSamples(createDataset({ labels: Int32Array.from([2, 2, 2, 2]) })));

  it('may hold NaN, but nothing infinite, where that stands for a missing value, also when samples are chosen', async () => {
    const features = createDataset().features.slice();
    features[4] = Number.NaN;
    const dataset = selectSamples(createDataset({ features, missingAsNaN: true }), [2, 0]);
    checkSamples(dataset);
    dataset.features[3] = Number.POSITIVE_INFINITY;
    await expectRejection(() => checkSamples(dataset), 'DATA_NOT_FINITE', /Sample 1 .*Infinity at feature 1/);
  });

  it('takes the shape and the classes of a task it fits, and no other', async () => {
    const fitted = fitToTask(createDataset(), { inputShape: [1, 1, 2], classes: 5 });
    expect(fitted.inputShape).to.deep.equal([1, 1, 2]);
    expect(fitted.classes).to.equal(5);
    const wider = () => fitToTask(createDataset(), { inputShape: [3], classes: 3 });
    await expectRejection(wider, 'DATA_INVALID', /shape \[2\].*wants \[3\]/);
    const fewer = () => fitToTask(createDataset(), { inputShape: [2], classes: 2 });
    await expectRejection(fewer, 'DATA_INVALID', /3 classes.*has 2/);
  });

  it('gives the samples at chosen indices, with their labels or targets', () => {
    const chosen = selectSamples(createDataset(), [2, 0]);
    expect([...chosen.features]).to.deep.equal([20, 21, 0, 1]);
    expect([...chosen.labels]).to.deep.equal([2, 0]);
    const targets = selectSamples(
      createDataset({ labels: Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8]), classes: 2 }),
      [3],
    );
    expect([...targets.labels]).to.deep.equal([7, 8]);
  });
});

describe('splitHeldOut', () => {
  const count = 300;
  const dataset: Dataset = {
    features: Float32Array.from({ length: count }, (_, i) => i),
    labels: Int32Array.from({ length: count }, (_, i) => (i < 200 ? 0 : 1)),
    count,
    inputShape: [1],
    classes: 2,
  };

  it('sets aside the share of every class and loses no sample', () => {
    const { training, heldOut } = splitHeldOut(dataset, 0.1, 7);
    expect([...heldOut.labels].filter((label) => label === 0)).to.have.length(20);
    expect([...heldOut.labels].filter((label) => label === 1)).to.have.length(10);
    const all = [...training.features, ...heldOut.features].sort((a, b) => a - b);
    expect(all).to.deep.equal([...dataset.features]);
  });

  it('chooses by the seed', () => {
    const chosen = (seed: number) => [...splitHeldOut(dataset, 0.1, seed).heldOut.features];
    expect(chosen(7)).to.deep.equal(chosen(7));
    expect(chosen(7)).not.to.deep.equal(chosen(8));
  });

  it('refuses a share of 1', () =>
    expectRejection(() => splitHeldOut(dataset, 1, 7), 'ARGUMENT_INVALID', /below 1, not 1/));
});
