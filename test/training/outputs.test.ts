/** What a model puts out, by each engine. */
import { expect } from 'chai';
import type { Dataset, Engine } from '../../client/training/engine.ts';
import { measureModel } from '../../client/training/metrics/measure.ts';
import { createOnnxEngine } from '../../client/training/onnx/engine.ts';
import { createTfjsEngine } from '../../client/training/tfjs/engine.ts';
import { errorCodeOf } from './errorCode.ts';
import { createPlan } from './plan.ts';

const training = createPlan({ batchSize: 10 });
const count = 600; // more than a batch of evaluation, and not a multiple of one
const shape = { inputShape: [3], classes: 2 };
const data: Dataset = {
  features: Float32Array.from({ length: 3 * count }, (_, place) => ((place * 37) % 101) / 50 - 1),
  // other labels in each batch
  labels: Int32Array.from({ length: count }, (_, sample) => (sample % 3 === 0 ? 1 : 0)),
  count,
  ...shape,
};
/** Weight [3, 2], bias [2]. */
const parameters = Float32Array.of(0.1, -0.2, 0.3, 0.4, -0.5, 0.6, 0.05, -0.05);

const engines: Record<string, () => Engine | Promise<Engine>> = { onnx: createOnnxEngine, tfjs: createTfjsEngine };
for (const [name, create] of Object.entries(engines)) {
  describe(`the outputs of the ${name} engine`, () => {
    it('are the logits of each sample, from which evaluation and metrics follow', async () => {
      const model = await (await create()).compile({ kind: 'logistic', ...shape }, training);
      const outputs = await model.predict(parameters, data);
      expect(outputs.length).to.equal(2 * count);
      for (const sample of [0, 255, 256, count - 1]) {
        const x = data.features.subarray(3 * sample, 3 * sample + 3);
        for (const k of [0, 1]) {
          const logit = x.reduce((sum, value, i) => sum + value * parameters[2 * i + k]!, parameters[6 + k]!);
          expect(outputs[2 * sample + k], `${sample}`).to.be.closeTo(logit, 1e-6);
        }
      }
      const { accuracy, loss } = await model.evaluate(parameters, data);
      const metrics = await measureModel(model, parameters, data, { training });
      expect(metrics).to.include({ kind: 'classes', samples: count, accuracy });
      expect('logLoss' in metrics && metrics.logLoss).to.be.closeTo(loss, 1e-6);
      const empty = { ...data, features: new Float32Array(), labels: new Int32Array(), count: 0 };
      expect(await errorCodeOf(() => model.predict(parameters, empty))).to.equal('DATA_EMPTY');
      expect(await errorCodeOf(() => model.predict(parameters.slice(1), data))).to.equal('MODEL_MISMATCH');
      await model.dispose();
    });
  });
}
