import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { DataDescription } from '../../../client/core/data/description.ts';
import type { Loss } from '../../../client/training/engine.ts';
import { calibrationError } from '../../../client/training/metrics/calibration.ts';
import { type Metrics, measure } from '../../../client/training/metrics/measure.ts';
import { type ClassMetrics, measureClasses } from '../../../client/training/metrics/ofClasses.ts';
import type { NumberMetrics } from '../../../client/training/metrics/ofNumbers.ts';
import type { QuestionMetrics } from '../../../client/training/metrics/ofQuestions.ts';
import { areaUnderCurve } from '../../../client/training/metrics/ranking.ts';
import { isBetter, metricOf, valueOfMetric } from '../../../client/training/metrics/taskMetric.ts';

const known = JSON.parse(readFileSync(new URL('./scikitLearn.json', import.meta.url), 'utf8'));

const training = (loss: Loss) => ({
  optimizer: { name: 'sgd' as const },
  learningRate: 0.1,
  epochs: 1,
  batchSize: 1,
  proximalMu: 0,
  loss,
});

function measured<M extends Metrics>(
  outputs: readonly number[],
  labels: readonly number[],
  loss: Loss,
  { classes = 2, data }: { classes?: number; data?: DataDescription } = {},
): M {
  const isClass = loss === 'softmaxCrossEntropy' || loss === 'binaryCrossEntropy';
  const typed = isClass ? Int32Array.from(labels) : Float32Array.from(labels);
  return measure(Float32Array.from(outputs), { labels: typed, classes }, { training: training(loss), data }) as M;
}

function expectClose(actual: object, expected: Record<string, number>, names: readonly string[]): void {
  for (const name of names) expect((actual as Record<string, number>)[name], name).to.be.closeTo(expected[name]!, 1e-6);
}

describe('metrics', () => {
  const shares = ['accuracy', 'balancedAccuracy', 'f1', 'auc', 'logLoss'];

  for (const [name, loss] of [
    ['softmax', 'softmaxCrossEntropy'],
    ['binary', 'binaryCrossEntropy'],
  ] as const) {
    it(`of ${name} outputs are those of scikit-learn ${known.scikitLearn}`, () => {
      const { outputs, labels, classes, ...expected } = known[name];
      const metrics = measured<ClassMetrics>(outputs, labels, loss, { classes });
      expectClose(metrics, expected, shares);
      expect(metrics.confusion).to.deep.equal(expected.confusion);
      for (const [each, counts] of metrics.perClass.entries()) {
        expectClose(counts, expected.perClass[each], ['precision', 'recall', 'f1', 'support']);
      }
    });
  }

  it('of numbers are those of scikit-learn, in the unit of the label', () => {
    const { outputs, labels, ...expected } = known.numbers;
    expectClose(measured<NumberMetrics>(outputs, labels, 'squaredError', { classes: 1 }), expected, [
      'rmse',
      'mae',
      'r2',
    ]);
    const label = { kind: 'number' as const, column: 'y', mean: 300, standardDeviation: 20 };
    const data = { kind: 'table', columns: [], ignored: [], label } as unknown as DataDescription;
    const inUnit = measured<NumberMetrics>(outputs, labels, 'absoluteError', { classes: 1, data });
    expectClose(inUnit, { rmse: 20 * expected.rmse, mae: 20 * expected.mae, r2: expected.r2 }, ['rmse', 'mae', 'r2']);
  });

  it('of questions are those of scikit-learn, for each question by its name', () => {
    const { outputs, labels, ...expected } = known.questions;
    const label = { kind: 'labels' as const, columns: ['p', 'q', 'r'], values: ['0', '1'] };
    const data = { kind: 'table', columns: [], ignored: [], label } as unknown as DataDescription;
    const metrics = measured<QuestionMetrics>(outputs, labels, 'multiLabelCrossEntropy', { classes: 3, data });
    expectClose(metrics, expected, ['auc']);
    expect(metrics.perQuestion.map(({ name }) => name)).to.deep.equal(['p', 'q', 'r']);
    for (const [each, question] of metrics.perQuestion.entries()) {
      expectClose(question, expected.perQuestion[each], ['precision', 'recall', 'f1', 'auc']);
    }
  });

  it('of a class that is neither met nor predicted leave it out of the means', () => {
    const metrics = measured<ClassMetrics>([2, 0, 0, 0, 3, 0, 1, 0, 0], [0, 1, 1], 'softmaxCrossEntropy', {
      classes: 3,
    });
    expect(metrics.confusion).to.deep.equal([
      [1, 0, 0],
      [1, 1, 0],
      [0, 0, 0],
    ]);
    expect(metrics.f1).to.be.closeTo((2 / 3 + 2 / 3) / 2, 1e-12);
    expect(metrics.balancedAccuracy).to.be.closeTo((1 + 0.5) / 2, 1e-12);
    expect(metrics.auc).to.be.within(0, 1);
    expect(metrics.perClass[2]).to.deep.equal({ name: '2', support: 0, precision: 0, recall: 0, f1: 0 });
  });

  it('of a single sample are numbers where they can be said, and NaN where not', () => {
    const metrics = measured<ClassMetrics>([0, 1], [1], 'softmaxCrossEntropy');
    expect(metrics.accuracy).to.equal(1);
    expect(metrics.auc).to.be.NaN;
    expect(measured<NumberMetrics>([1], [3], 'squaredError', { classes: 1 })).to.deep.include({
      rmse: 2,
      mae: 2,
      r2: Number.NaN,
    });
  });

  it('order samples by their logits, also where probabilities are rounded to 0 or 1', () => {
    const metrics = measured<ClassMetrics>([100, 60, 50, -60], [1, 1, 0, 0], 'binaryCrossEntropy');
    expect(metrics.auc).to.equal(1);
    expect(metrics.logLoss).to.be.closeTo(50 / 4, 1e-9);
    const three = measured<ClassMetrics>([900, 0, 0, 800, 0, 0, 0, 800, 0], [0, 1, 2], 'softmaxCrossEntropy', {
      classes: 3,
    });
    expect(three.auc).to.be.closeTo((1 + 1 / 2 + 1.5 / 2) / 3, 1e-12);
  });

  it('count equal scores half: 3 of 4 pairs are right, one is even', () => {
    expect(areaUnderCurve(Float64Array.of(0.2, 0.5, 0.5, 0.9), (sample) => sample === 2 || sample === 3)).to.equal(
      3.5 / 4,
    );
    expect(areaUnderCurve(Float64Array.of(1, 1, 1), (sample) => sample === 0)).to.equal(0.5);
    expect(areaUnderCurve(Float64Array.of(1, 2), () => true)).to.be.NaN;
  });

  it('are quick for many samples and many classes', () => {
    const [classes, count] = [100, 5000];
    const outputs = Float32Array.from({ length: classes * count }, (_, place) => (place * 7919) % 997);
    const labels = Int32Array.from({ length: count }, (_, sample) => sample % classes);
    const started = performance.now();
    expect(measureClasses(outputs, labels, Array.from({ length: classes }, String)).samples).to.equal(count);
    expect(performance.now() - started).to.be.below(20_000);
  });

  it('compare confidence with being right, bin by bin', () => {
    // bins of a fifteenth: 0.61 and 0.65 share (0.6, 0.667], 0.95 and 1 are in the last
    const error = calibrationError([0.61, 0.65, 0.95, 1], (sample) => sample === 0 || sample === 2);
    expect(error).to.be.closeTo((Math.abs(1 - 1.26) + Math.abs(1 - 1.95)) / 4, 1e-12);
    expect(calibrationError([1, 1], () => true)).to.equal(0);
  });
});

describe("a task's metric", () => {
  it('that its loss does not have is refused', () => {
    const wrong = { training: training('squaredError'), metric: { name: 'auc' as const, leastGain: 0 } };
    expect(() => metricOf(wrong)).to.throw(/metric.name: auc does not go with the loss squaredError/);
    expect(() =>
      metricOf({ training: training('softmaxCrossEntropy'), metric: { name: 'r2', leastGain: 0 } }),
    ).to.throw();
  });

  it('is the accuracy of classes and the root mean squared error of numbers where none is named', () => {
    expect(metricOf({ training: training('binaryCrossEntropy') }).name).to.equal('accuracy');
    expect(metricOf({ training: training('multiLabelCrossEntropy') }).name).to.equal('accuracy');
    expect(metricOf({ training: training('huberError') }).name).to.equal('rmse');
    const metrics = measured<NumberMetrics>([1, 2], [1, 4], 'squaredError', { classes: 1 });
    expect(valueOfMetric(metrics, 'mae')).to.equal(1);
    expect(valueOfMetric(metrics, 'auc')).to.be.NaN;
  });

  it('knows which of two values is better, and by how much it must be', () => {
    expect(isBetter({ name: 'auc', leastGain: 0 }, 0.81, 0.8)).to.equal(true);
    expect(isBetter({ name: 'auc', leastGain: 0.02 }, 0.81, 0.8)).to.equal(false);
    expect(isBetter({ name: 'rmse', leastGain: 0 }, 3, 4)).to.equal(true);
    expect(isBetter({ name: 'rmse', leastGain: 0 }, 4, 4)).to.equal(false);
    expect(isBetter({ name: 'r2', leastGain: 0 }, 0.1, Number.NaN)).to.equal(true);
    expect(isBetter({ name: 'r2', leastGain: 0 }, Number.NaN, 0.1)).to.equal(false);
  });
});
