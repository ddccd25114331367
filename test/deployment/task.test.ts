/** From a configuration to the model that rounds train, and to what is exported of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { exportModel } from '../../client/actions/exportModel.ts';
import { encodeModel } from '../../client/core/codec.ts';
import { toHex } from '../../client/core/hash.ts';
import { parseFederationConfig } from '../../client/deployment/config.ts';
import { type Task, taskOf } from '../../client/deployment/task.ts';
import { compileTask } from '../../client/node/engine.ts';
import { trainUpdate } from '../../client/participant/rounds/localUpdate.ts';
import { loadData } from '../../client/training/data/source.ts';
import type { CompiledModel } from '../../client/training/engine.ts';
import { floatsOf, readSafetensors } from '../../client/training/safetensors.ts';

const column = (name: string, range: [number, number]) => ({
  ...{ kind: 'number', name, range, scaling: 'federated' },
  missing: { as: ['', 'NA'], become: 'mean' },
});
const data = {
  kind: 'table',
  columns: [
    column('glucose', [40, 400]),
    { kind: 'category', name: 'sex', values: ['f', 'm'] },
    column('age', [0, 120]),
  ],
  label: { kind: 'class', column: 'outcome', classes: ['well', 'sick'] },
};
const rows = Array.from({ length: 60 }, (_, row) => {
  const isSick = row % 3 === 0;
  const glucose = row % 10 === 7 ? 'NA' : 90 + (row % 7) + (isSick ? 60 : 0);
  return `${30 + (row % 11)},${row % 2 ? 'f' : 'm'},${glucose},${isSick ? 'sick' : 'well'}`;
});

describe('the task of a configuration', () => {
  let folder: string;
  let task: Task;
  let model: CompiledModel;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tributary-task-'));
    task = await taskOf(parseFederationConfig({ data, model: { kind: 'logistic' }, clipNorm: 2 }));
    model = await compileTask(task.manifest, { get: async () => task.modelFile! }, 'onnx', AbortSignal.timeout(60_000));
  });
  after(async () => {
    await model.dispose();
    rmSync(folder, { recursive: true });
  });

  it('has the units of the statistics that its federation computes, and the model has the statistics', () => {
    expect(task.manifest.model.tensors).to.deep.equal({
      'data.statistics': { scale: 4 },
      'data.statistics.rest': { scale: 4 },
    });
    expect(model.layout.tensors.map(({ name, shape }) => [name, shape])).to.deep.equal([
      ['layer1.weight', [4, 2]],
      ['layer1.bias', [2]],
      ['data.statistics', [3, 2]],
      ['data.statistics.rest', [3, 2]],
    ]);
  });

  it('exports a model that takes raw rows, with what the federation has computed, and weights in their own units', async () => {
    const path = join(folder, 'table.csv');
    writeFileSync(path, `age,sex,glucose,outcome\n${rows.join('\n')}\n`);
    const own = await loadData(`csv:${path}`, task.manifest);
    const author = { seed: '1', account: '0x01', round: 1 };
    let parameters = model.initialParameters('1');
    for (const round of [1, 2, 3]) {
      const { update, isExact } = await trainUpdate(model, parameters, own, { ...author, round });
      expect(isExact).to.equal(round === 1);
      parameters = parameters.map((value, place) => value + update[place]!);
    }
    const outputs = await model.predict(parameters, own);
    const files = exportModel(model, {
      ...{ round: 3, modelRoot: toHex(new Uint8Array(32)), modelCid: 'b', chainId: 1, federation: '0x01' },
      manifest: task.manifest,
      model: encodeModel(parameters),
    });
    const session = await InferenceSession.create(files['model.onnx']!);
    const cells = rows.map((row) => row.split(','));
    const results = await session.run({
      age: new Tensor(
        'float32',
        Float32Array.from(cells, ([age]) => Number(age)),
        [60, 1],
      ),
      sex: new Tensor(
        'string',
        cells.map(([, sex]) => sex!),
        [60, 1],
      ),
      glucose: new Tensor(
        'float32',
        Float32Array.from(cells, ([, , glucose]) => Number(glucose)),
        [60, 1],
      ),
    });
    const probabilities = results.probabilities!.data as Float32Array;
    for (let row = 0; row < 60; row++) {
      const sick = 1 / (1 + Math.exp(outputs[2 * row]! - outputs[2 * row + 1]!));
      expect(probabilities[2 * row + 1], rows[row]).to.be.closeTo(sick, 1e-5);
    }
    const [statistics] = readSafetensors(files['model.safetensors']!, 'It').filter(
      ({ name }) => name === 'data.statistics',
    );
    // 54 of 60 values of glucose are known, all of age
    expect(floatsOf(statistics!)[0]).to.be.closeTo(0.9, 1e-4);
    expect(floatsOf(statistics!)[1]).to.be.closeTo(1, 1e-4);
  });
});
