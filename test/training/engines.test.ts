/** The contract that every engine is held to. */
import { expect } from 'chai';
import { createRandom, shuffleInPlace } from '../../client/core/random.ts';
import { selectSamples } from '../../client/training/data/dataset.ts';
import { loadMnistDigits } from '../../client/training/data/mnist.ts';
import type { Dataset, Engine, ModelDefinition, Optimizer, TrainingPlan } from '../../client/training/engine.ts';
import { createOnnxEngine } from '../../client/training/onnx/engine.ts';
import { createTfjsEngine } from '../../client/training/tfjs/engine.ts';
import { errorCodeOf } from './errorCode.ts';
import { createPlan } from './plan.ts';

/** TensorFlow.js is too slow to learn the digits here; its own tests hold its training against ONNX Runtime. */
const engines: Record<string, { createEngine: () => Engine | Promise<Engine>; learnsDigits: boolean }> = {
  onnx: { createEngine: createOnnxEngine, learnsDigits: true },
  tfjs: { createEngine: createTfjsEngine, learnsDigits: false },
};

const plan = createPlan({ batchSize: 10 });

const tiny = { inputShape: [3], classes: 2 };
/** Five samples: with batches of two, the last one is smaller. */
const tinyData: Dataset = {
  features: Float32Array.of(0.5, -1, 2, 1, 0.25, -0.5, -0.75, 1.5, 0, 2, 1, -1, 0.1, 0.2, 0.3),
  labels: Int32Array.of(0, 1, 1, 0, 1),
  count: 5,
  ...tiny,
};
/** Logistic regression: weight [3, 2], bias [2]. */
const tinyParameters = Float32Array.of(0.1, -0.2, 0.3, 0.4, -0.5, 0.6, 0.05, -0.05);

/** Parameters after one step of gradient descent on the whole data, in double precision. */
function descend(
  start: ArrayLike<number>,
  data: Dataset,
  learningRate: number,
  errorOf: typeof softmaxError,
): number[] {
  const next = Array.from(start);
  for (let sample = 0; sample < data.count; sample++) {
    const x = data.features.subarray(sample * 3, sample * 3 + 3);
    const logits = [0, 1].map((k) => start[6 + k]! + x.reduce((sum, value, i) => sum + value * start[2 * i + k]!, 0));
    errorOf(logits, data, sample).forEach((error, k) => {
      const change = (learningRate * error) / data.count;
      for (let i = 0; i < 3; i++) next[2 * i + k]! -= change * x[i]!;
      next[6 + k]! -= change;
    });
  }
  return next;
}

function softmaxError(logits: number[], data: Dataset, sample: number): number[] {
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
  return logits.map((logit, k) => Math.exp(logit) / total - (data.labels[sample] === k ? 1 : 0));
}

/** The squared error of a sample is the mean over its outputs. */
function squaredErrorSlope(outputs: number[], data: Dataset, sample: number): number[] {
  return outputs.map((output, k) => (2 / outputs.length) * (output - data.labels[2 * sample + k]!));
}

function expectClose(actual: Float32Array, expected: readonly number[], tolerance = 1e-6): void {
  expect(actual.length).to.equal(expected.length);
  for (const [place, value] of expected.entries()) expect(actual[place], `${place}`).to.be.closeTo(value, tolerance);
}

function distance(a: Float32Array, b: Float32Array): number {
  return Math.sqrt(a.reduce((sum, value, place) => sum + (value - b[place]!) ** 2, 0));
}

for (const [name, { createEngine, learnsDigits }] of Object.entries(engines)) {
  describe(`the ${name} engine`, () => {
    let engine: Engine;
    before(async () => {
      engine = await createEngine();
    });
    const compiled: { dispose(): Promise<void> }[] = [];
    const compile = async (definition: ModelDefinition, changes: Partial<TrainingPlan> = {}) => {
      const model = await engine.compile(definition, { ...plan, ...changes });
      compiled.push(model);
      return model;
    };
    const compileTiny = (changes: Partial<TrainingPlan> = {}) => compile({ kind: 'logistic', ...tiny }, changes);
    afterEach(async () => {
      for (const model of compiled.splice(0)) await model.dispose();
    });

    describe('rejects', () => {
      it('an empty shard', async () => {
        const model = await compileTiny();
        const empty = { ...tinyData, features: new Float32Array(0), labels: new Int32Array(0), count: 0 };
        const train = () => model.trainLocally(tinyParameters, empty, { seed: 'a' });
        expect(await errorCodeOf(train)).to.equal('DATA_EMPTY');
        expect(await errorCodeOf(() => model.evaluate(tinyParameters, empty))).to.equal('DATA_EMPTY');
      });

      for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
        it(`${value} in the data`, async () => {
          const model = await compileTiny();
          const features = tinyData.features.slice();
          features[7] = value;
          const train = () => model.trainLocally(tinyParameters, { ...tinyData, features }, { seed: 'a' });
          expect(await errorCodeOf(train)).to.equal('DATA_NOT_FINITE');
        });
      }

      it('data of another shape', async () => {
        const model = await compileTiny();
        const narrow = { ...tinyData, features: tinyData.features.slice(0, 10), inputShape: [2] };
        const train = () => model.trainLocally(tinyParameters, narrow, { seed: 'a' });
        expect(await errorCodeOf(train)).to.equal('MODEL_MISMATCH');
      });

      it('data with another number of classes', async () => {
        const model = await compileTiny();
        const train = () => model.trainLocally(tinyParameters, { ...tinyData, classes: 3 }, { seed: 'a' });
        expect(await errorCodeOf(train)).to.equal('MODEL_MISMATCH');
      });

      it('parameters of another model', async () => {
        const model = await compileTiny();
        const train = () => model.trainLocally(new Float32Array(7), tinyData, { seed: 'a' });
        expect(await errorCodeOf(train)).to.equal('MODEL_MISMATCH');
      });

      it('a plan without epochs', async () => {
        expect(await errorCodeOf(() => compileTiny({ epochs: 0 }))).to.equal('ARGUMENT_INVALID');
      });

      it('a learning rate under which training diverges, and says so', async () => {
        const model = await compileTiny({ learningRate: 1e20, epochs: 50, loss: 'squaredError' });
        const targets = { ...tinyData, labels: new Float32Array(10) };
        const train = () => model.trainLocally(tinyParameters, targets, { seed: 'a' });
        expect(await errorCodeOf(train)).to.equal('TRAINING_DIVERGED');
        const error = await train().catch((caught: Error) => caught);
        expect(error)
          .to.have.property('message')
          .that.matches(/Lower the learning rate/);
      });

      it('an abort before and during training', async () => {
        const model = await compileTiny({ epochs: 1_000_000 });
        const before = () => model.trainLocally(tinyParameters, tinyData, { seed: 'a', signal: AbortSignal.abort() });
        expect(await errorCodeOf(before)).to.equal('ABORTED');
        const controller = new AbortController();
        const onProgress = () => controller.abort();
        const during = () =>
          model.trainLocally(tinyParameters, tinyData, { seed: 'a', onProgress, signal: controller.signal });
        expect(await errorCodeOf(during)).to.equal('ABORTED');
      });
    });

    describe('takes the steps that the formulas say', () => {
      it('softmax cross-entropy, one step over the whole shard', async () => {
        const model = await compileTiny({ batchSize: 5 });
        const { parameters } = await model.trainLocally(tinyParameters, tinyData, { seed: 'a' });
        expectClose(parameters, descend(tinyParameters, tinyData, 0.1, softmaxError));
      });

      it('a batch size above the shard is the whole shard', async () => {
        const model = await compileTiny({ batchSize: 64 });
        const { parameters } = await model.trainLocally(tinyParameters, tinyData, { seed: 'a' });
        expectClose(parameters, descend(tinyParameters, tinyData, 0.1, softmaxError));
      });

      it('squared error, the mean over outputs', async () => {
        const data = { ...tinyData, labels: Float32Array.of(1, 0, 0.5, -1, 2, 3, -0.25, 0, 0.75, 1) };
        const model = await compileTiny({ batchSize: 5, loss: 'squaredError' });
        const { parameters } = await model.trainLocally(tinyParameters, data, { seed: 'a' });
        expectClose(parameters, descend(tinyParameters, data, 0.1, squaredErrorSlope));
      });

      it('the last batch counts as the mean over its own samples', async () => {
        const one = selectSamples(tinyData, [2]);
        const data = selectSamples(tinyData, [2, 2, 2]); // whatever the order, a step of two, then a step of one
        const model = await compileTiny({ batchSize: 2 });
        const { parameters } = await model.trainLocally(tinyParameters, data, { seed: 'a' });
        const first = descend(tinyParameters, one, 0.1, softmaxError);
        expectClose(parameters, descend(first, one, 0.1, softmaxError));
      });

      const whole = { batchSize: 5, epochs: 3 };
      const gradientAt = (w: number[]) => descend(w, tinyData, 1, softmaxError).map((next, i) => w[i]! - next);

      it('momentum: the heavy ball over three steps', async () => {
        const model = await compileTiny({ ...whole, optimizer: { name: 'momentum', momentum: 0.7 } });
        const { parameters } = await model.trainLocally(tinyParameters, tinyData, { seed: 'a' });
        let w = Array.from(tinyParameters);
        let v = w.map(() => 0);
        for (let step = 0; step < 3; step++) {
          const g = gradientAt(w);
          v = v.map((value, i) => 0.7 * value + g[i]!);
          w = w.map((value, i) => value - 0.1 * v[i]!);
        }
        expectClose(parameters, w);
      });

      it('Adam: algorithm 1 over three steps', async () => {
        const optimizer: Optimizer = { name: 'adam', beta1: 0.8, beta2: 0.95, epsilon: 0.001 };
        const model = await compileTiny({ ...whole, optimizer });
        const { parameters } = await model.trainLocally(tinyParameters, tinyData, { seed: 'a' });
        let w = Array.from(tinyParameters);
        let m = w.map(() => 0);
        let v = w.map(() => 0);
        for (let t = 1; t <= 3; t++) {
          const g = gradientAt(w);
          m = m.map((value, i) => 0.8 * value + 0.2 * g[i]!);
          v = v.map((value, i) => 0.95 * value + 0.05 * g[i]! ** 2);
          w = w.map((value, i) => {
            const deviation = Math.sqrt(v[i]! / (1 - 0.95 ** t)) + 0.001;
            return value - (0.1 * (m[i]! / (1 - 0.8 ** t))) / deviation;
          });
        }
        expectClose(parameters, w, 3e-6);
      });

      it('FedProx: μ (w − w₀) joins the gradient, also that of momentum', async () => {
        for (const momentum of [0, 0.6]) {
          const optimizer: Optimizer = momentum > 0 ? { name: 'momentum', momentum } : { name: 'sgd' };
          const model = await compileTiny({ ...whole, proximalMu: 2, optimizer });
          const { parameters } = await model.trainLocally(tinyParameters, tinyData, { seed: 'a' });
          let w = Array.from(tinyParameters);
          let v = w.map(() => 0);
          for (let step = 0; step < 3; step++) {
            const g = gradientAt(w);
            v = v.map((value, i) => momentum * value + g[i]! + 2 * (w[i]! - tinyParameters[i]!));
            w = w.map((value, i) => value - 0.1 * v[i]!);
          }
          expectClose(parameters, w);
        }
      });

      it('the loss it reports is the mean of the last epoch, batch by batch', async () => {
        const model = await compileTiny({ batchSize: 5 });
        const { loss, samples } = await model.trainLocally(tinyParameters, tinyData, { seed: 'a' });
        const evaluation = await model.evaluate(tinyParameters, tinyData);
        expect(loss).to.be.closeTo(evaluation.loss, 1e-6);
        expect(samples).to.equal(5);
      });
    });

    describe('evaluates', () => {
      it('loss and accuracy by hand', async () => {
        const model = await compileTiny();
        const zero = new Float32Array(8);
        zero.set([0.5, 0], 6); // the bias prefers class 0, which two of the five samples are of
        const { loss, accuracy, count } = await model.evaluate(zero, tinyData);
        const total = Math.log(Math.exp(0.5) + 1);
        expect(loss).to.be.closeTo(total - (2 / 5) * 0.5, 1e-6);
        expect(accuracy).to.be.closeTo(0.4, 1e-12);
        expect(count).to.equal(5);
      });

      it('squared error, without an accuracy', async () => {
        const model = await compileTiny({ loss: 'squaredError' });
        const data = { ...tinyData, labels: Float32Array.of(1, 0, 0, 2, 0, 0, 0, 0, 0, 0) };
        const { loss, accuracy } = await model.evaluate(new Float32Array(8), data);
        expect(loss).to.be.closeTo((1 + 4) / 2 / 5, 1e-6);
        expect(accuracy).to.be.NaN;
      });
    });

    if (!learnsDigits) return;
    describe('learns', () => {
      let training: Dataset;
      let heldOut: Dataset;
      before(async () => {
        const digits = await loadMnistDigits();
        const order = Int32Array.from({ length: digits.count }, (_, index) => index);
        shuffleInPlace(order, createRandom('digits'));
        training = selectSamples(digits, order.subarray(0, 600));
        heldOut = selectSamples(digits, order.subarray(600, 900));
      });
      const task = { inputShape: [1, 28, 28], classes: 10 };
      const optimizers: [Optimizer, number][] = [
        [{ name: 'sgd' }, 0.1],
        [{ name: 'momentum', momentum: 0.9 }, 0.02],
        [{ name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, 0.001],
      ];
      for (const [optimizer, learningRate] of optimizers) {
        it(`digits, with ${optimizer.name}`, async () => {
          const model = await compile({ kind: '2nn', ...task }, { optimizer, learningRate, epochs: 8 });
          const start = model.initialParameters('a');
          const { parameters, loss } = await model.trainLocally(start, training, { seed: 'a' });
          expect((await model.evaluate(start, heldOut)).accuracy).to.be.below(0.3);
          expect((await model.evaluate(parameters, heldOut)).accuracy).to.be.above(0.85);
          expect(loss).to.be.below(0.2);
        });
      }

      it('digits, with the CNN', async () => {
        const optimizer: Optimizer = { name: 'momentum', momentum: 0.9 };
        const model = await compile({ kind: 'cnn', ...task }, { optimizer, learningRate: 0.02 });
        expect(model.layout.dimension).to.equal(1_663_370);
        const { parameters } = await model.trainLocally(model.initialParameters('a'), training, { seed: 'a' });
        expect((await model.evaluate(parameters, heldOut)).accuracy).to.be.above(0.75);
      });

      it('from images and from flat samples to the same bits', async () => {
        const flat = await compile({ kind: '2nn', inputShape: [784], classes: 10 });
        const image = await compile({ kind: '2nn', inputShape: [1, 28, 28], classes: 10 });
        const start = flat.initialParameters('a');
        const shape = (inputShape: number[]) => ({ ...training, inputShape });
        const one = await flat.trainLocally(start, shape([784]), { seed: 'a' });
        const other = await image.trainLocally(start, shape([1, 28, 28]), { seed: 'a' });
        expect(one.parameters).to.deep.equal(other.parameters);
      });

      it('the same bits from the same seed, others from another', async () => {
        const definition: ModelDefinition = { kind: '2nn', ...task };
        const momentum: Partial<TrainingPlan> = { optimizer: { name: 'momentum', momentum: 0.5 }, epochs: 2 };
        const run = async (seed: string) => {
          const model = await compile(definition, momentum);
          return (await model.trainLocally(model.initialParameters('a'), training, { seed })).parameters;
        };
        const first = await run('a');
        expect(await run('a')).to.deep.equal(first);
        expect(await run('b')).not.to.deep.equal(first);
      });

      it('and stays nearer to the start with FedProx, the more so the larger μ', async () => {
        const moved = async (proximalMu: number) => {
          const model = await compile({ kind: 'logistic', ...task }, { proximalMu, epochs: 3 });
          const start = model.initialParameters('a');
          return distance((await model.trainLocally(start, training, { seed: 'a' })).parameters, start);
        };
        const [free, light, strong] = [await moved(0), await moved(0.1), await moved(1)];
        expect(light).to.be.below(0.95 * free);
        expect(strong).to.be.below(0.7 * light);
      });

      it('and tells its progress up to the last sample', async () => {
        const model = await compile({ kind: '2nn', ...task }, { epochs: 4 });
        const seen: number[] = [];
        await model.trainLocally(model.initialParameters('a'), training, {
          seed: 'a',
          onProgress({ epoch, epochs, samplesDone, samplesTotal }) {
            expect(epochs).to.equal(4);
            expect(samplesTotal).to.equal(2400);
            expect(epoch).to.equal(Math.ceil(samplesDone / 600));
            seen.push(samplesDone);
          },
        });
        expect(seen.length).to.be.above(1);
        expect(seen.at(-1)).to.equal(2400);
        expect(seen).to.deep.equal(seen.toSorted((a, b) => a - b));
      });
    });
  });
}
