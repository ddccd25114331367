import { expect } from 'chai';
import fc from 'fast-check';
import { createRandom } from '../../../client/core/random.ts';
import { sampleDirichlet, sampleLogGamma } from '../../../client/training/data/dirichlet.ts';
import {
  type Partitioner,
  partitionBySize,
  partitionDataset,
  partitionDirichlet,
  partitionIid,
  partitionShards,
} from '../../../client/training/data/partition.ts';
import { parsePartition } from '../../../client/training/data/partitionNotation.ts';
import type { Dataset } from '../../../client/training/engine.ts';
import { expectRejection } from './rejection.ts';

/** `count` samples of ten classes, sorted by class; the feature is the index. */
function createDataset(count: number, classes = 10): Dataset {
  return {
    features: Float32Array.from({ length: count }, (_, i) => i),
    labels: Int32Array.from({ length: count }, (_, i) => Math.floor((i * classes) / count)),
    count,
    inputShape: [1],
    classes,
  };
}

function classesHeld(dataset: Dataset, part: number[]): number {
  return new Set(part.map((index) => dataset.labels[index])).size;
}

/** Mean over the parts of the largest class's share of the part: 0.1 for IID, 1 where each part has one class. */
function skew(dataset: Dataset, parts: number[][]): number {
  const shares = parts.map((part) => {
    const counts = new Array<number>(dataset.classes).fill(0);
    for (const index of part) counts[dataset.labels[index]!]!++;
    return Math.max(...counts) / part.length;
  });
  return shares.reduce((a, b) => a + b) / shares.length;
}

const partitioners: Record<string, (parts: number) => Partitioner> = {
  iid: () => partitionIid,
  'dirichlet 0.5': () => partitionDirichlet(0.5),
  'shards of 2': () => partitionShards(2),
  sizes: (parts) => partitionBySize(Array.from({ length: parts }, (_, part) => part + 1)),
};

for (const [name, create] of Object.entries(partitioners)) {
  describe(`the partition ${name}`, () => {
    it('gives every sample to exactly one part', () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 8 }),
          fc.integer({ min: 200, max: 700 }),
          fc.nat(),
          (parts, count, seed) => {
            const held = create(parts)(createDataset(count), parts, seed);
            expect(held).to.have.length(parts);
            const all = held.flat().sort((a, b) => a - b);
            expect(all).to.deep.equal(Array.from({ length: count }, (_, i) => i));
          },
        ),
        { numRuns: 40 },
      );
    });

    it('depends on the seed and on nothing else', () => {
      const split = (seed: number) => create(5)(createDataset(1000), 5, seed);
      expect(split(3)).to.deep.equal(split(3));
      expect(split(3)).not.to.deep.equal(split(4));
    });

    it('refuses more trainers than samples', () =>
      expectRejection(
        () => create(9)(createDataset(8), 9, 1),
        'CONFIG_INVALID',
        /8 samples are too few for 9 trainers/,
      ));
  });
}

describe('the partitions', () => {
  const dataset = createDataset(5000);

  it('have the sizes asked for', () => {
    expect(partitionIid(dataset, 3, 1).map((part) => part.length)).to.deep.equal([1667, 1666, 1667]);
    const sizes = partitionBySize([5, 3, 1, 1])(dataset, 4, 1);
    expect(sizes.map((part) => part.length)).to.deep.equal([2500, 1500, 500, 500]);
  });

  it('refuse sizes for another number of trainers, and classes of a regression', async () => {
    await expectRejection(() => partitionBySize([1, 2])(dataset, 3, 1), 'CONFIG_INVALID', /2 sizes for 3 trainers/);
    const regression = { ...dataset, labels: new Float32Array(5000), classes: 1 };
    await expectRejection(() => partitionShards(2)(regression, 3, 1), 'CONFIG_INVALID', /needs class labels/);
    expect(partitionIid(regression, 2, 1).flat()).to.have.length(5000);
  });

  it('skew labels the more, the smaller alpha', () => {
    const skewOf = (alpha: number) => skew(dataset, partitionDirichlet(alpha)(dataset, 10, 5));
    expect(skew(dataset, partitionIid(dataset, 10, 5))).to.be.below(0.16);
    expect(skewOf(1000)).to.be.below(0.16);
    expect(skewOf(0.5)).to.be.within(0.25, 0.6);
    expect(skewOf(0.1)).to.be.above(skewOf(0.5) + 0.1);
  });

  it('leave no Dirichlet part empty, however small alpha is, and may leave one with a single class', () => {
    for (let seed = 0; seed < 20; seed++) {
      const parts = partitionDirichlet(0.01)(dataset, 10, seed);
      expect(Math.min(...parts.map((part) => part.length))).to.be.at.least(1);
      expect(Math.min(...parts.map((part) => classesHeld(dataset, part)))).to.equal(1);
    }
    const many = partitionDirichlet(0.001)(createDataset(60), 60, 1);
    expect(many.map((part) => part.length)).to.deep.equal(new Array(60).fill(1));
  });

  it('give shards of k at most k classes where classes fill whole shards', () => {
    for (let seed = 0; seed < 20; seed++) {
      const held = partitionShards(2)(dataset, 50, seed).map((part) => classesHeld(dataset, part));
      expect(Math.max(...held)).to.equal(2);
    }
    expect(partitionShards(1)(dataset, 10, 1).map((part) => classesHeld(dataset, part))).to.deep.equal(
      new Array(10).fill(1),
    );
  });

  it('become data sets with the samples of each part', () => {
    const parts = partitionIid(dataset, 4, 2);
    const datasets = partitionDataset(dataset, partitionIid, 4, 2);
    expect(datasets.map(({ features }) => [...features])).to.deep.equal(parts);
    expect(datasets[1]!.labels[0]).to.equal(dataset.labels[parts[1]![0]!]);
  });
});

describe('the notation of partitions', () => {
  it('refuses what it does not know, with what it wants', async () => {
    const wrong = [
      '',
      'IID',
      'iid:1',
      'dirichlet',
      'dirichlet:',
      'dirichlet:0',
      'dirichlet:a',
      'dirichlet:1,2',
      'shards:1.5',
    ];
    for (const text of [...wrong, 'shards:0', 'sizes:', 'sizes:1,-1', 'sizes:1,,2', 'dirichlet:1:2', 'random']) {
      await expectRejection(
        () => parsePartition(text),
        'CONFIG_INVALID',
        /^partition: ".*" is not one of iid, dirichlet:/,
      );
    }
  });

  it('means the partitioner of that name', () => {
    const dataset = createDataset(500);
    const pairs: [string, Partitioner][] = [
      ['iid', partitionIid],
      ['dirichlet:0.5', partitionDirichlet(0.5)],
      ['shards:3', partitionShards(3)],
      ['sizes:5,3,1,1', partitionBySize([5, 3, 1, 1])],
    ];
    for (const [text, partitioner] of pairs) {
      expect(parsePartition(text)(dataset, 4, 9)).to.deep.equal(partitioner(dataset, 4, 9));
    }
  });
});

describe('the Dirichlet distribution', () => {
  it('gives proportions with the mean 1/n and the variance of a symmetric Dirichlet', () => {
    const [alpha, n, draws] = [0.3, 5, 20_000];
    const random = createRandom('dirichlet');
    const first = Array.from({ length: draws }, () => sampleDirichlet(alpha, n, random)[0]!);
    const mean = first.reduce((a, b) => a + b) / draws;
    const variance = first.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws;
    expect(mean).to.be.closeTo(1 / n, 0.006);
    expect(variance).to.be.closeTo((n - 1) / n ** 2 / (n * alpha + 1), 0.003); // 0.064
  });

  it('adds up to 1 even where every gamma draw would underflow', () => {
    const proportions = sampleDirichlet(1e-4, 10, createRandom(1));
    expect(proportions.reduce((a, b) => a + b)).to.be.closeTo(1, 1e-12);
  });

  it('rests on gamma draws with the mean and the variance of their shape', () => {
    for (const shape of [0.4, 2.5]) {
      const random = createRandom('gamma', shape);
      const draws = Array.from({ length: 40_000 }, () => Math.exp(sampleLogGamma(shape, random)));
      const mean = draws.reduce((a, b) => a + b) / draws.length;
      const variance = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length;
      expect(mean).to.be.closeTo(shape, 0.04);
      expect(variance).to.be.closeTo(shape, 0.12);
    }
  });
});
