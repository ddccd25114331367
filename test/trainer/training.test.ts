/** A training function of one's own: what it may answer, and what it is given. */
import { expect } from 'chai';
import type { NodeEvent } from '../../client/participant/events.ts';
import type { OwnTraining, RoundToTrain } from '../../client/trainer/training.ts';
import { trainingBy, trainingOn } from '../../client/trainer/training.ts';
import type { TrainOptions } from '../../client/training/engine.ts';
import { smallManifest } from '../chain/federation.ts';
import { expectError } from '../storage/expectError.ts';

const manifestCid = new Uint8Array(32).fill(1);
const { signal } = new AbortController();
const global = Float32Array.of(1, 2, 4);

/** One round of it. */
async function trainBy(train: OwnTraining['train'], said: NodeEvent[] = []) {
  const node = {
    manifest: smallManifest,
    manifestCid,
    federation: { readManifestCid: async () => manifestCid.slice() },
    report: (event: NodeEvent) => said.push(event),
  };
  const training = trainingBy({ samples: 9, train }, node as never);
  expect(training.samples).to.equal(9);
  const round = await training.inForce();
  expect(round.manifest).to.equal(smallManifest);
  return await round.train(global, { round: 6 } as never, { signal, onProgress: () => undefined });
}

describe('a training function of one’s own', () => {
  it('must answer as many parameters as it was given', async () => {
    for (const length of [0, 2, 4]) {
      const error = await expectError(
        () => trainBy(() => ({ parameters: new Float32Array(length) })),
        'MODEL_MISMATCH',
      );
      expect(error.message).to.equal(
        `The training function must answer \`{ parameters }\`, a Float32Array of 3 as it was given, not one of ${length}.`,
      );
    }
  });

  it('must answer a Float32Array', async () => {
    const wrong = [undefined, {}, { parameters: [1, 2, 3] }, { parameters: new Float64Array(3) }, global];
    for (const answer of wrong) {
      const error = await expectError(() => trainBy((() => answer) as never), 'MODEL_MISMATCH');
      expect(error.message).to.match(/a Float32Array of 3 as it was given, not something else\.$/);
    }
  });

  it('fails with its own error', async () => {
    const failure = new Error('out of memory');
    const outcome = await trainBy(() => Promise.reject(failure)).catch((error: unknown) => error);
    expect(outcome).to.equal(failure);
  });

  it('gives the update: what it adds to the parameters, which it may change where they are', async () => {
    const given: RoundToTrain[] = [];
    const answer = await trainBy((parameters, round) => {
      given.push(round);
      expect(parameters).to.deep.equal(Float32Array.of(1, 2, 4));
      return { parameters: parameters.fill(10), loss: 0.5 };
    });
    expect(answer).to.deep.equal({ update: Float32Array.of(9, 8, 6), loss: 0.5 });
    expect(global).to.deep.equal(Float32Array.of(1, 2, 4));
    expect(given).to.deep.equal([{ round: 6, manifest: smallManifest, signal }]);
    expect((await trainBy(async (parameters) => ({ parameters }))).loss).to.equal(0);
  });
});

describe('training on data with a budget of privacy', () => {
  it('is refused in the round that averages statistics of the data, which no noise protects', async () => {
    const clipping = { clipNorm: 1, noiseMultiplier: 1 };
    const model = {
      statistics: { areDue: (parameters: Float32Array) => parameters[0] === 0 },
      trainLocally: async (parameters: Float32Array, _: unknown, { privacy }: TrainOptions) => {
        expect(privacy).to.equal(clipping);
        return { parameters, loss: 0, samples: 1, seconds: 0 };
      },
    };
    const plans = { inForce: async () => ({ manifest: smallManifest, model }) };
    const training = trainingOn({ count: 5 } as never, plans as never, { spend: async () => clipping });
    const round = await training.inForce();
    const train = (first: number) =>
      round.train(Float32Array.of(first, 1), { round: 6 } as never, { signal, onProgress: () => undefined });
    const error = await expectError(() => train(0), 'CONFIG_INVALID');
    expect(error.message).to.match(/averages statistics of the data, which no noise protects/);
    expect((await train(1)).isExact).to.equal(false);
  });
});
