import { expect } from 'chai';
import { dataDescriptionSchema } from '../../../client/core/data/description.ts';
import type { TensorsDefinition } from '../../../client/training/engine.ts';
import {
  floatsOf,
  readSafetensors,
  type StoredTensor,
  writeSafetensors,
} from '../../../client/training/safetensors.ts';
import { chooseTensorTerms, modelOfTask } from '../../../client/training/taskModel.ts';
import { compileTensors, readTensorsModel } from '../../../client/training/tensors/model.ts';
import { expectError } from '../../storage/expectError.ts';

const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const stored: StoredTensor[] = [
  { name: 'weight', dtype: 'F32', shape: [3], bytes: floats(1, -2, 3) },
  { name: 'steps', dtype: 'I64', shape: [], bytes: new Uint8Array(BigInt64Array.of(5n).buffer) },
  { name: 'half', dtype: 'F16', shape: [1, 2], bytes: new Uint8Array(Uint16Array.of(0x3c00, 0x3800).buffer) },
  { name: 'base', dtype: 'BF16', shape: [1], bytes: new Uint8Array(Uint16Array.of(0x3f80).buffer) },
];

function define(tensors: StoredTensor[], terms?: TensorsDefinition['tensors']) {
  return { bytes: writeSafetensors(tensors), tensors: terms };
}

describe('a model of named tensors', () => {
  it('has something to train, and numbers', async () => {
    const frozen = { weight: { frozen: true }, half: { frozen: true }, base: { frozen: true } };
    await expectError(() => readTensorsModel(define(stored, frozen)), 'MODEL_INVALID');
    const error = await expectError(
      () => readTensorsModel(define([{ name: 'w', dtype: 'F32', shape: [2], bytes: floats(1, Number.NaN) }])),
      'MODEL_INVALID',
    );
    expect(error.message).to.equal('In the model file the tensor "w" holds NaN at place 1.');
  });

  it('freezes no tensor that is not there', async () => {
    const error = await expectError(
      () => readTensorsModel(define(stored, { wieght: { frozen: true } })),
      'MODEL_MISMATCH',
    );
    expect(error.message).to.equal('model.tensors: the model file has no tensor "wieght"; did you mean weight?');
  });

  it('trains what is floating and not frozen, in the order of the file, and says what it has made of it', () => {
    const { layout, start, findings } = readTensorsModel(define(stored, { base: { frozen: true } }));
    expect(layout.tensors.map(({ name, shape, offset }) => [name, shape, offset])).to.deep.equal([
      ['weight', [3], 0],
      ['half', [1, 2], 3],
    ]);
    expect([...start]).to.deep.equal([1, -2, 3, 1, 0.5]);
    expect(findings.trained[0]).to.deep.equal({ name: 'weight', shape: [3], count: 3, largest: 3 });
    expect(findings.frozen.map(({ name, reason }) => [name, reason])).to.deep.equal([
      ['steps', 'it holds I64'],
      ['base', 'the task says so'],
    ]);
    expect(findings.changes).to.deep.equal([
      'Trained as float32, and exported so: half (F16).',
      'Frozen, since they hold no floating numbers: steps (I64).',
    ]);
  });

  it('is exported whole: what is trained as float32, what is frozen as it was', () => {
    const model = compileTensors(define(stored, { base: { frozen: true } }));
    const exported = readSafetensors(model.exportTensors!(Float32Array.of(4, 5, 6, 7, 8)), 'It');
    expect(exported).to.deep.equal([
      { ...stored[0], bytes: floats(4, 5, 6) },
      stored[1],
      { ...stored[2], dtype: 'F32', bytes: floats(7, 8) },
      stored[3],
    ]);
  });

  it('has its tensors in units that hold them, and running statistics in units that hold how they move', () => {
    const named = ['1.running_mean', '1.running_var', 'bn/moving_variance', 'running_variety', 'large'];
    const values = named.map(
      (name) => ({ name, dtype: 'F32', shape: [1], bytes: floats(name === 'large' ? 1000 : 1) }) as const,
    );
    const compiled = compileTensors(define([...values]));
    const manifest = { model: { kind: 'tensors', inputShape: [1], classes: 1 }, data: undefined, seed: 's' } as const;
    expect(chooseTensorTerms(compiled, manifest as never, 10)).to.deep.equal({
      '1.running_mean': { scale: 8 },
      '1.running_var': { scale: 8 },
      'bn/moving_variance': { scale: 8 },
      large: { scale: 32 },
    });
    const task = modelOfTask(compiled, { model: { ...manifest.model, tensors: { large: { scale: 32 } } } } as never);
    expect(task.initialParameters('s')[4]).to.equal(1000 / 32);
    const exported = readSafetensors(task.exportTensors!(task.initialParameters('s')), 'It');
    expect(floatsOf(exported[4]!)[0]).to.equal(1000);
  });

  it('takes no part where the federation computes the scaling of the data, which only a program knows', async () => {
    const program = { ...compileTensors(define(stored)), lossesInParts: async () => [1] };
    const columns = [{ name: 'age', kind: 'number', range: [0, 120], scaling: 'federated' }];
    const data = dataDescriptionSchema.parse({ kind: 'table', columns, label: { kind: 'number', column: 'y' } });
    const terms = { model: { kind: 'tensors', inputShape: [1], classes: 1 }, data } as never;
    expect((await expectError(() => modelOfTask(program, terms), 'CONFIG_INVALID')).message).to.match(
      /computes the scaling/,
    );
  });

  it('is neither trained nor evaluated without a program, and has no ONNX', async () => {
    const model = compileTensors(define(stored));
    const start = model.initialParameters('s');
    for (const act of [
      () => model.trainLocally(start, {} as never, { seed: 's' }),
      () => model.evaluate(start, {} as never),
    ]) {
      expect((await expectError(act, 'ENGINE_UNAVAILABLE')).message).to.match(
        /by a program of your own: .* --engine process:/,
      );
    }
    expect((await expectError(() => model.exportOnnx(start), 'OPERATOR_UNSUPPORTED')).message).to.match(
      /as safetensors/,
    );
  });
});
