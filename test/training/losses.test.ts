/** Each loss, by both engines, against its formula in double precision. */
import { expect } from 'chai';
import { type Dataset, type Engine, type Loss, outputsOf, type TrainingPlan } from '../../client/training/engine.ts';
import { createOnnxEngine } from '../../client/training/onnx/engine.ts';
import { createTfjsEngine } from '../../client/training/tfjs/engine.ts';
import { errorCodeOf } from './errorCode.ts';
import { createPlan } from './plan.ts';

const features = Float32Array.of(0.5, -1, 2, 1, 0.25, -0.5, -0.75, 1.5, 0, 2, 1, -1, 0.1, 0.2, 0.3);
const classLabels = Int32Array.of(0, 2, 1, 2, 1);
const binaryLabels = Int32Array.of(0, 1, 1, 0, 1);
const answers = Float32Array.of(1, 0, 0, 1, 1, 0, 0.25, 1, 1, 0);
const numbers = Float32Array.of(1, 0, 0.5, -1, 2, 3, -0.25, 0, 0.75, -4);

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
const ofAnswer = (z: number, q: number) => -q * Math.log(sigmoid(z)) - (1 - q) * Math.log(1 - sigmoid(z));
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

interface Case {
  plan: Partial<TrainingPlan> & { loss: Loss };
  labels: Dataset['labels'];
  classes: number;
  /** The loss of one sample as it is trained. */
  lossOf(outputs: readonly number[], sample: number): number;
}

function softmaxLoss(z: readonly number[], label: number, smoothing: number): number {
  const total = z.reduce((sum, value) => sum + Math.exp(value), 0);
  const terms = z.map((value, k) => {
    const q = (1 - smoothing) * (k === label ? 1 : 0) + smoothing / z.length;
    return -q * Math.log(Math.exp(value) / total);
  });
  return terms.reduce((sum, term) => sum + term);
}

const huber = (e: number, delta: number) => (Math.abs(e) <= delta ? e ** 2 / 2 : delta * (Math.abs(e) - delta / 2));
const ofNumbers = (termOf: (error: number) => number) => (outputs: readonly number[], sample: number) =>
  mean(outputs.map((output, k) => termOf(output - numbers[2 * sample + k]!)));

const cases: Record<string, Case> = {
  'softmax cross-entropy with class weights and label smoothing': {
    plan: { loss: 'softmaxCrossEntropy', classWeights: [0.5, 2, 3], labelSmoothing: 0.2 },
    labels: classLabels,
    classes: 3,
    lossOf: (z, sample) => [0.5, 2, 3][classLabels[sample]!]! * softmaxLoss(z, classLabels[sample]!, 0.2),
  },
  'binary cross-entropy': {
    plan: { loss: 'binaryCrossEntropy' },
    labels: binaryLabels,
    classes: 2,
    lossOf: ([z], sample) => ofAnswer(z!, binaryLabels[sample]!),
  },
  'binary cross-entropy with class weights and label smoothing': {
    plan: { loss: 'binaryCrossEntropy', classWeights: [0.25, 3], labelSmoothing: 0.3 },
    labels: binaryLabels,
    classes: 2,
    lossOf: ([z], sample) => (binaryLabels[sample] ? 3 : 0.25) * ofAnswer(z!, 0.7 * binaryLabels[sample]! + 0.15),
  },
  'multi-label cross-entropy, its questions weighed and smoothed': {
    plan: { loss: 'multiLabelCrossEntropy', classWeights: [0.5, 4], labelSmoothing: 0.1 },
    labels: answers,
    classes: 2,
    lossOf: (z, sample) =>
      mean(z.map((value, k) => [0.5, 4][k]! * ofAnswer(value, 0.9 * answers[2 * sample + k]! + 0.05))),
  },
  'absolute error': {
    plan: { loss: 'absoluteError' },
    labels: numbers,
    classes: 2,
    lossOf: ofNumbers(Math.abs),
  },
  'Huber error': {
    plan: { loss: 'huberError', huberDelta: 0.6 },
    labels: numbers,
    classes: 2,
    lossOf: ofNumbers((error) => huber(error, 0.6)),
  },
};

/** Logistic regression: weight [3, outputs], bias [outputs]. */
function outputsFor(parameters: ArrayLike<number>, outputs: number, sample: number): number[] {
  const x = features.subarray(3 * sample, 3 * sample + 3);
  return Array.from({ length: outputs }, (_, k) =>
    x.reduce((sum, value, i) => sum + value * parameters[i * outputs + k]!, parameters[3 * outputs + k]!),
  );
}

for (const [name, create] of Object.entries({ onnx: createOnnxEngine, tfjs: createTfjsEngine })) {
  describe(`the losses of the ${name} engine`, () => {
    let engine: Engine;
    before(async () => {
      engine = await create();
    });
    const compile = (classes: number, plan: Partial<TrainingPlan>) =>
      engine.compile({ kind: 'logistic', inputShape: [3], classes }, createPlan({ batchSize: 5, ...plan }));

    for (const [what, { plan, labels, classes, lossOf }] of Object.entries(cases)) {
      it(`${what}: the step and the loss that the formula says`, async () => {
        const model = await compile(classes, plan);
        const outputs = outputsOf({ classes }, plan.loss);
        const data = { features, labels, count: 5, inputShape: [3], classes };
        const start = Float32Array.from({ length: 4 * outputs }, (_, i) => Math.sin(3 * i + 1));
        const lossAt = (w: ArrayLike<number>) => mean([0, 1, 2, 3, 4].map((i) => lossOf(outputsFor(w, outputs, i), i)));
        const { parameters, loss } = await model.trainLocally(start, data, { seed: 'a' });
        await model.dispose();
        expect(loss).to.be.closeTo(lossAt(start), 1e-5);
        start.forEach((value, place) => {
          const at = (change: number) => lossAt(Array.from(start, (w, i) => (i === place ? w + change : w)));
          const slope = (at(1e-5) - at(-1e-5)) / 2e-5;
          expect(parameters[place], `${place}`).to.be.closeTo(value - 0.1 * slope, 1e-5);
        });
      });
    }

    it('are reported by evaluation without weights of classes and smoothing', async () => {
      const model = await compile(2, { loss: 'binaryCrossEntropy', classWeights: [5, 7], labelSmoothing: 0.4 });
      const data = { features, labels: binaryLabels, count: 5, inputShape: [3], classes: 2 };
      const start = Float32Array.of(0.3, -0.2, 0.5, 0.1);
      const { loss, accuracy } = await model.evaluate(start, data);
      const logits = [0, 1, 2, 3, 4].map((sample) => outputsFor(start, 1, sample)[0]!);
      expect(loss).to.be.closeTo(mean(logits.map((z, i) => ofAnswer(z, binaryLabels[i]!))), 1e-6);
      expect(accuracy).to.equal(mean(logits.map((z, i) => (z > 0 === (binaryLabels[i] === 1) ? 1 : 0))));
      await model.dispose();
    });

    it('give the share of right answers where there are several questions, and none for numbers', async () => {
      const labels = Float32Array.of(1, 0, 1, 1, 0, 1, 0, 0, 1, 0);
      const data = { features, labels, count: 5, inputShape: [3], classes: 2 };
      const bias = Float32Array.of(0, 0, 0, 0, 0, 0, 1, -1); // yes to the first question, no to the second
      const questions = await compile(2, { loss: 'multiLabelCrossEntropy' });
      expect((await questions.evaluate(bias, data)).accuracy).to.be.closeTo(0.6, 1e-12);
      const others = await compile(2, { loss: 'huberError' });
      expect((await others.evaluate(bias, data)).accuracy).to.be.NaN;
      await questions.dispose();
      await others.dispose();
    });

    for (const loss of ['binaryCrossEntropy', 'multiLabelCrossEntropy', 'softmaxCrossEntropy'] as const) {
      it(`stay finite and lead back from logits of ±1000 (${loss})`, async () => {
        const model = await compile(2, { loss, learningRate: 1 });
        const outputs = outputsOf({ classes: 2 }, loss);
        const labels = loss === 'multiLabelCrossEntropy' ? Float32Array.of(0, 1, 1, 0) : Int32Array.of(0, 1);
        const data = { features: Float32Array.of(1, 0, 0, -1, 0, 0), labels, count: 2, inputShape: [3], classes: 2 };
        const start = new Float32Array(4 * outputs);
        start[0] = 1000; // wrong for both samples, as far as can be
        if (outputs === 2) start[1] = -1000;
        if (loss === 'softmaxCrossEntropy') start.set([-1000, 1000]);
        const { parameters, loss: trained } = await model.trainLocally(start, data, { seed: 'a' });
        const { loss: evaluated } = await model.evaluate(start, data);
        expect(trained).to.be.closeTo(evaluated, 1e-3);
        expect(evaluated).to.be.closeTo(loss === 'softmaxCrossEntropy' ? 2000 : 1000, 1e-3);
        expect(Math.abs(parameters[0]!)).to.be.below(1000);
        await model.dispose();
      });
    }

    const refused: [string, number, Partial<TrainingPlan>][] = [
      ['softmax of one class', 1, {}],
      ['binary cross-entropy of three classes', 3, { loss: 'binaryCrossEntropy' }],
      ['weights for another number of classes', 3, { classWeights: [1, 2] }],
      ['a weight of 0', 2, { classWeights: [1, 0] }],
      ['class weights for numbers', 2, { loss: 'absoluteError', classWeights: [1, 2] }],
      ['label smoothing for numbers', 2, { loss: 'huberError', labelSmoothing: 0.1 }],
      ['a huberDelta for another loss', 2, { loss: 'squaredError', huberDelta: 2 }],
    ];
    for (const [what, classes, plan] of refused) {
      it(`are refused with ${what}`, async () => {
        expect(await errorCodeOf(() => compile(classes, plan))).to.equal('ARGUMENT_INVALID');
      });
    }
  });
}
