import { expect } from 'chai';
import { aggregateModel } from '../../../client/core/aggregate.ts';
import { decodeModel, encodeModel } from '../../../client/core/codec.ts';
import { createRandom } from '../../../client/core/random.ts';
import { parseRule } from '../../../client/core/rules/parseRule.ts';
import { scoreUpdates, typicalScore } from '../../../client/evaluator/score.ts';
import { checkExact, encodeLocalUpdate, trainUpdate } from '../../../client/participant/rounds/localUpdate.ts';
import type { CompiledModel, Dataset } from '../../../client/training/engine.ts';
import { withFederatedScaling } from '../../../client/training/federated/scaling.ts';
import {
  readStatistics,
  statisticsName,
  statisticsScale,
  statisticsTensors,
} from '../../../client/training/federated/statistics.ts';
import { createOnnxEngine } from '../../../client/training/onnx/engine.ts';
import { withScales } from '../../../client/training/scales.ts';
import { createPlan } from '../plan.ts';

const plan = createPlan({ epochs: 2, batchSize: 8 });
const shape = { inputShape: [3], classes: 2 };
/** The first and the last feature; between them stands one that is scaled otherwise. */
const places = [0, 2];
const columns = places.length;
const own = 8;

/** In [−1, 1]; each site has other means, deviations and shares of missing values. */
function site(count: number, mean: number, deviation: number, missing: number): Dataset {
  const random = createRandom('site', count);
  const features = new Float32Array(3 * count);
  const labels = new Int32Array(count);
  for (let sample = 0; sample < count; sample++) {
    labels[sample] = random.float() < 0.4 ? 1 : 0;
    features[3 * sample] = mean + deviation * (random.float() - 0.5) + 0.05 * labels[sample]!;
    features[3 * sample + 1] = random.float();
    features[3 * sample + 2] = random.float() < missing ? Number.NaN : deviation * (random.float() - 0.2);
  }
  return { features, labels, count, ...shape };
}

const sites = [site(211, 0.62, 0.1, 0), site(97, -0.9, 0.02, 0.3), site(400, 0.11, 0.4, 0.05)];

/** Mean and deviation of what is known in all sites together. */
function pooled(place: number): { mean: number; deviation: number } {
  const values = sites.flatMap(({ features }) =>
    [...features].filter((value, at) => at % 3 === place && !Number.isNaN(value)),
  );
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) };
}

describe('scaling that the federation computes', () => {
  const scale = statisticsScale(columns, 1);
  const scales = { [statisticsName]: scale, [`${statisticsName}.rest`]: scale };
  let plain: CompiledModel;
  let model: CompiledModel;
  before(async () => {
    plain = await createOnnxEngine().compile({ kind: 'logistic', ...shape }, plan);
    model = withScales(withFederatedScaling(plain, { places, scale }), scales);
  });
  after(() => plain.dispose());

  async function round(rule: string, global: Int32Array, number: number) {
    const updates: { trainer: string; weight: number; values: Int16Array }[] = [];
    for (const [index, data] of sites.entries()) {
      const author = { seed: '1', account: `0x${String(index).repeat(40)}`, round: number };
      const trained = await trainUpdate(model, decodeModel(global), data, author);
      const { values, saturated } = encodeLocalUpdate(trained.update, 1, author);
      expect(saturated).to.equal(0);
      updates.push({ trainer: author.account, weight: data.count, values });
    }
    return { updates, next: aggregateModel(parseRule(rule), global, updates) };
  }
  const genesis = () => encodeModel(model.initialParameters('1'));
  const scalingOf = (global: Int32Array) =>
    readStatistics(
      decodeModel(global)
        .slice(own)
        .map((value) => value * scale),
      columns,
      scale,
    )!;

  it('is that of all data together, to the resolution of the numbers', async () => {
    const { next } = await round('mean', genesis(), 1);
    const { mean, standardDeviation } = scalingOf(next);
    places.forEach((place, column) => {
      const expected = pooled(place);
      expect(mean[column], `${place}`).to.be.closeTo(expected.mean, 2e-6);
      expect(standardDeviation[column], `${place}`).to.be.closeTo(expected.deviation, 4e-6);
    });
    expect(next.slice(0, own)).to.deep.equal(genesis().slice(0, own));
  });

  it('is between those of the sites where the rule is the median', async () => {
    const { mean } = scalingOf((await round('median', genesis(), 1)).next);
    expect(mean[0]).to.be.closeTo(0.13, 0.03); // the middle one of 0.62, −0.9 and 0.11, and 0.02 of the label
  });

  it('stays as it is from then on, and what is trained is what training on scaled data gives', async () => {
    const { next } = await round('mean', genesis(), 1);
    const after = (await round('mean', next, 2)).next;
    expect(after.slice(own)).to.deep.equal(next.slice(own));
    expect(after.slice(0, own)).not.to.deep.equal(next.slice(0, own));

    const { mean, standardDeviation } = scalingOf(next);
    const [data] = sites as [Dataset];
    const scaled = data.features.map((value, at) => {
      const column = places.indexOf(at % 3);
      return column < 0 ? value : (value - mean[column]!) / standardDeviation[column]!;
    });
    const start = decodeModel(next);
    const options = { seed: '7' };
    const trained = await model.trainLocally(start, data, options);
    const expected = await plain.trainLocally(start.slice(0, own), { ...data, features: scaled }, options);
    expect(trained.parameters.slice(0, own)).to.deep.equal(expected.parameters);
    const { loss } = await model.evaluate(start, data);
    expect(loss).to.equal((await plain.evaluate(start.slice(0, own), { ...data, features: scaled })).loss);
  });

  it('a missing value becomes the mean of all', async () => {
    const { next } = await round('mean', genesis(), 1);
    const { mean } = scalingOf(next);
    const row = (value: number): Dataset => ({
      features: Float32Array.of(0.1, 0.5, value),
      labels: Int32Array.of(1),
      count: 1,
      ...shape,
    });
    const trained = decodeModel((await round('mean', next, 2)).next);
    const missing = await model.evaluate(trained, row(Number.NaN));
    expect(missing.loss).to.be.closeTo((await model.evaluate(trained, row(mean[1]!))).loss, 1e-6);
  });

  it('an update that cannot be true, or that trains besides, is worth harm, and the others are typical', async () => {
    const { updates } = await round('mean', genesis(), 1);
    const forged = [
      (values: Int16Array) => values.map((value, at) => (at === own ? 2 * value : value)), // more is known than there is
      (values: Int16Array) => values.map((value, at) => (at === own + 4 ? 0 : value)), // no variance can be so
      (values: Int16Array) => values.map((value, at) => (at === 0 ? 5 : value)),
    ].map((forge, index) => ({ trainer: `0x${String(index + 4).repeat(40)}`, values: forge(updates[0]!.values) }));
    const { scores } = await scoreUpdates({
      model,
      base: decodeModel(genesis()),
      previousBase: undefined,
      earlierUpdates: [],
      updates: [...updates, ...forged],
      validation: sites[0]!,
      found: new Map(),
    });
    const harm = -typicalScore;
    expect([...scores]).to.deep.equal([typicalScore, typicalScore, typicalScore, harm, harm, harm]);
  });

  it('is never falsified by clipping: a bound that is too small is named', async () => {
    const author = { seed: '1', account: '0x01', round: 1 };
    const trained = await trainUpdate(model, decodeModel(genesis()), sites[0]!, author);
    expect(() => checkExact(trained, 1)).not.to.throw();
    expect(() => checkExact(trained, 0.01)).to.throw(/statistics of the data have the norm .* raise clipNorm/);
    expect(() => checkExact({ ...trained, isExact: false }, 0.01)).not.to.throw();
  });

  it('fits any bound that a task may set, however many columns there are', () => {
    for (const [count, norm] of [
      [1, 0.01],
      [5000, 0.5],
      [30, 32],
    ] as const) {
      const chosen = statisticsScale(count, norm);
      const coordinates = statisticsTensors(count).reduce((sum, { shape: [rows, width] }) => sum + rows! * width!, 0);
      expect(coordinates).to.equal(6 * count);
      expect(Math.sqrt(3 * count * (1 + 0.25)) / chosen).to.be.below(norm);
      expect(Number.isInteger(Math.log2(chosen))).to.equal(true);
    }
  });
});
