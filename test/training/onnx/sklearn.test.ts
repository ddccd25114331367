/** Models of scikit-learn: what its exporter writes computes the same as standard operators, and is trained. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Loss, TaskShape } from '../../../client/training/engine.ts';
import { writeModel } from '../../../client/training/onnx/model.ts';
import { readModel } from '../../../client/training/onnx/read.ts';
import { createRuntime, floats } from '../../../client/training/onnx/session.ts';
import { bothLosses, compileGiven, dataFor, refusalOf } from './given.ts';

const folder = new URL('./files/', import.meta.url);
const fileOf = (name: string) => new Uint8Array(readFileSync(new URL(`${name}.onnx`, folder)));
const { inputs, outputs } = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as {
  inputs: number[];
  outputs: Record<string, number[]>;
};
const inputShape = [4];

describe("a model of scikit-learn's exporter", () => {
  const runtime = createRuntime();
  after(() => runtime.dispose());

  for (const [name, expected] of Object.entries(outputs)) {
    it(`answers as scikit-learn does: ${name}`, async () => {
      const model = readModel(fileOf(name));
      const session = await runtime.createSession(writeModel(model, { inputShape, classes: expected.length / 5 }));
      const { data } = (await session.run({ [model.input]: floats(Float32Array.from(inputs), [5, 4]) }))[model.output]!;
      expect(data.length).to.equal(expected.length);
      expected.forEach((value, place) => {
        expect(data[place], `${place}`).to.be.closeTo(value, 2e-6 * Math.max(1, Math.abs(value)));
      });
      await session.release();
    });
  }

  const trained: [name: string, loss: Loss, classes: number, tensors: string[], changes: RegExp][] = [
    ['logistic-two', 'binaryCrossEntropy', 2, ['weight', 'bias'], /part of the loss.*with logits/],
    ['logistic-two', 'softmaxCrossEntropy', 2, ['weight', 'bias'], /the logits 0 and z/],
    [
      'scaler-logistic-names',
      'softmaxCrossEntropy',
      3,
      ['weight', 'bias'],
      /in the order of the outputs: cat, dog, owl/,
    ],
    ['sgd-two', 'binaryCrossEntropy', 2, ['coef', 'intercept'], /part of the loss/],
    [
      'scaler-mlp-two',
      'binaryCrossEntropy',
      2,
      ['coefficient', 'intercepts', 'coefficient1', 'intercepts1'],
      /Sigmoid/,
    ],
    ['mlp-three', 'softmaxCrossEntropy', 3, ['coefficient', 'intercepts', 'coefficient1', 'intercepts1'], /Softmax/],
    [
      'mlp-questions',
      'multiLabelCrossEntropy',
      3,
      ['coefficient', 'intercepts', 'coefficient1', 'intercepts1'],
      /Sigmoid/,
    ],
    ['linear', 'squaredError', 2, ['weight', 'bias'], /^$/],
    [
      'mlp-numbers',
      'huberError',
      2,
      ['coefficient', 'intercepts', 'coefficient1', 'intercepts1'],
      /2·batch,1\] is given as \[batch,2/,
    ],
  ];
  for (const [name, loss, classes, tensors, changes] of trained) {
    it(`is trained and evaluated as one and the same: ${name} with ${loss}`, async () => {
      const task: TaskShape = { inputShape, classes };
      const model = await compileGiven(fileOf(name), task, { loss });
      const { findings } = model;
      expect(findings.trained.map((tensor) => tensor.name.split('.').at(-1))).to.deep.equal(tensors);
      expect(findings.changes.join(' ')).to.match(changes);
      for (const { name: kept, reason } of findings.frozen) {
        expect([kept, reason].join()).to.match(/(offset|scale),it prepares the input|places,it is a mask/);
      }
      const data = dataFor(task, loss);
      const before = await bothLosses(model, data);
      expect(before.trained).to.be.closeTo(before.evaluated, 1e-5 * Math.max(1, before.evaluated));
      const start = model.initialParameters('');
      const { parameters } = await model.trainLocally(start, data, { seed: 'a' });
      expect((await model.evaluate(parameters, data)).loss).to.be.below(before.evaluated);
      const again = await compileGiven(model.exportOnnx(parameters), task, { loss });
      expect(again.initialParameters('')).to.deep.equal(parameters);
      await again.dispose();
      await model.dispose();
    });
  }

  const refused: [name: string, loss: Loss, classes: number, message: RegExp][] = [
    ['forest', 'softmaxCrossEntropy', 3, /TreeEnsembleClassifier is made of decision trees.*MLPClassifier/],
    ['svm', 'softmaxCrossEntropy', 2, /SVMClassifier is a support vector machine.*LogisticRegression/],
    ['neighbours', 'softmaxCrossEntropy', 3, /nearest neighbours.*LogisticRegression/],
    ['mlp-questions', 'softmaxCrossEntropy', 3, /Sigmoid.*multiLabelCrossEntropy/],
    ['mlp-three', 'binaryCrossEntropy', 2, /Softmax.*softmaxCrossEntropy/],
  ];
  for (const [name, loss, classes, message] of refused) {
    it(`is refused with advice: ${name} with ${loss}`, async () => {
      expect(await refusalOf(compileGiven(fileOf(name), { inputShape, classes }, { loss }))).to.match(message);
    });
  }
});
