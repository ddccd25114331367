import { expect } from 'chai';
import { keccak256, toHex } from '../../client/core/hash.ts';
import { taskManifestSchema } from '../../client/core/task.ts';
import { compileTask } from '../../client/node/engine.ts';
import { expectRejection } from '../training/data/rejection.ts';
import { first, layer, output, sequential } from '../training/tfjs/kerasJson.ts';

describe('the model of a task that names a Keras file', () => {
  const compile = async (json: unknown, batchStatistics?: 'federated' | 'frozen') => {
    const bytes = new TextEncoder().encode(JSON.stringify(json));
    const manifest = taskManifestSchema.parse({
      format: 'tributary-task/1',
      name: 'Keras',
      model: {
        kind: 'keras',
        inputShape: [6],
        classes: 3,
        batchStatistics,
        file: { cid: toHex(keccak256(bytes)), bytes: bytes.length },
      },
      training: { learningRate: 0.1, epochs: 1, batchSize: 4 },
      seed: '1',
    });
    return await compileTask(manifest, { get: async () => bytes }, 'onnx', new AbortController().signal);
  };

  it('has running statistics as parameters unless the task freezes them', async () => {
    const json = sequential(layer('BatchNormalization', first), output());
    for (const [statistics, dimension] of [
      [undefined, 45],
      ['federated', 45],
      ['frozen', 33],
    ] as const) {
      const model = await compile(json, statistics);
      expect(model.layout.dimension, statistics).to.equal(dimension);
      await model.dispose();
    }
  });

  it('is refused before anything is trained where it could not be exported', async () => {
    const json = sequential(
      layer('LayerNormalization', { ...first, axis: 1, name: 'inner' }),
      layer('RandomFlip'),
      output(),
    );
    await expectRejection(
      () => compile(json),
      'OPERATOR_UNSUPPORTED',
      /"randomflip" \(RandomFlip\) is not supported here/,
    );
    const lstm = layer('LSTM', { units: 2, activation: 'relu', batch_input_shape: [null, 6, 1] });
    await expectRejection(
      () => compile(sequential(lstm, output())),
      'OPERATOR_UNSUPPORTED',
      /"lstm" .* cannot be exported/,
    );
  });
});
