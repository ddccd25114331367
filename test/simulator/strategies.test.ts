import { expect } from 'chai';
import { createRandom } from '../../client/core/random.ts';
import { copiesLastScores, favoursFriends, favoursQuietly } from '../../client/simulator/evaluators.ts';
import {
  copied,
  copiedExactly,
  innerProduct,
  littleIsEnough,
  noise,
  scaled,
  signFlipper,
  staleGlobal,
  staleUnderNoise,
  type TrainerView,
  zero,
} from '../../client/simulator/trainers.ts';

const shard = {
  features: new Float32Array(2),
  labels: new Int32Array(1),
  count: 1,
  inputShape: [2],
  classes: 2,
};

const view: TrainerView = {
  round: 2,
  seat: 0,
  base: Float32Array.of(0.5, 0.25),
  previousBase: Float32Array.of(0.25, 0.25),
  shard,
  clipNorm: 2,
  history: [Array.from({ length: 6 }, (_, i) => ({ trainer: `${i}`, values: Int16Array.of(16_384, 1_024 * i) }))],
  honest: [Float32Array.of(1, 0), Float32Array.of(3, 0)],
  trainers: 3,
  deviators: 1,
  random: createRandom('test'),
  train: async () => Float32Array.of(0.5, -0.25),
};

const first = { ...view, previousBase: undefined, history: [] };

describe('strategies of trainers', () => {
  it('free riders send nothing, noise, the last step, or what another sent', async () => {
    expect([...(await zero(view))]).to.deep.equal([0, 0]);
    expect(Math.hypot(...(await noise(view)))).to.be.closeTo(2, 1e-5);
    expect([...(await staleGlobal(view))]).to.deep.equal([2, 0]);
    expect([...(await copiedExactly(view))]).to.deep.equal([0.25, 5_120 / 65_536]);
    const original = await copiedExactly(view);
    const distance = Math.hypot(...(await copied(view)).map((value, i) => value - original[i]!));
    expect(distance).to.be.closeTo(Math.hypot(...original) / 20, 1e-5);
  });

  it('a free rider hides the last step under as much noise as honest updates are new', async () => {
    // of (3, 4), 16 of 25 are at right angles to the step (1, 0), and those are the noise of the hidden step
    const honest = [Float32Array.of(3, 4)];
    const [x, y] = await staleUnderNoise({ ...view, history: [], honest, clipNorm: 2 });
    expect(Math.hypot(x! - 2 * 0.6, y!)).to.be.closeTo(2 * 0.8, 1e-5);
  });

  it('have nothing to copy in the first round', async () => {
    for (const strategy of [staleGlobal, copiedExactly]) expect([...(await strategy(first))]).to.deep.equal([0, 0]);
  });

  it('attackers turn an update round or make it longer', async () => {
    expect([...(await signFlipper(view))]).to.deep.equal([-0.5, 0.25]);
    expect([...(await scaled(view))]).to.deep.equal([5, -2.5]);
  });

  it('inner product manipulation turns the mean of all round', async () => {
    const [x] = await innerProduct(view);
    expect(1 + 3 + x!).to.be.lessThan(0);
  });

  it('a little is enough stays within the honest spread', async () => {
    // of 50 trainers, 24 of them corrupted, 2 supporters are needed: z = Φ⁻¹(24/26) = 1.426 (Baruch et al., section 3.1)
    const [x, y] = await littleIsEnough({ ...view, trainers: 50, deviators: 24 });
    expect(x).to.be.closeTo(2 - 1.426, 1e-3);
    expect(y).to.equal(0);
  });
});

describe('strategies of evaluators', () => {
  const scoring = {
    honest: async () => Int16Array.of(1, 2),
    ring: async () => [Int16Array.of(1, 2)],
    trainers: ['a', 'b'],
    lastScores: new Map([['b', 7]]),
    friends: new Set(['b']),
    random: createRandom('test'),
  };

  it('copy the last medians, or favour friends', async () => {
    expect([...(await copiesLastScores(scoring))]).to.deep.equal([0, 7]);
    expect([...(await favoursFriends(scoring))]).to.deep.equal([-32_768, 32_767]);
  });

  it('favour friends within what an honest evaluator may say', async () => {
    // a twentieth of 4,096 beyond the worst and the best that the ring found, as far as an int16 goes
    const found = { ...scoring, ring: async () => [Int16Array.of(1, 32_767), Int16Array.of(300, 2)] };
    expect([...(await favoursQuietly(found))]).to.deep.equal([1 - 205, 32_767]);
    expect([...(await favoursQuietly({ ...found, friends: new Set(['a']) }))]).to.deep.equal([300 + 205, 2 - 205]);
  });
});
