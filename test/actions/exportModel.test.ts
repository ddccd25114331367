/** What lies in the folder of a model that somebody is handed. */
import { execFile } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { readCheckpoint } from '../../client/actions/checkpoint.ts';
import { exportModel } from '../../client/actions/exportModel.ts';
import { historyOf, type ModelHistory } from '../../client/actions/modelCard/history.ts';
import type { FederationState, Round } from '../../client/chain/rounds.ts';
import { decodeModel } from '../../client/core/codec.ts';
import { dataDescriptionSchema, type TableDescription } from '../../client/core/data/description.ts';
import { compileCheckpoint } from '../../client/node/compileCheckpoint.ts';
import type { CompiledModel } from '../../client/training/engine.ts';
import { readMetadata } from '../../client/training/export/metadata.ts';
import { floatsOf, readSafetensors } from '../../client/training/safetensors.ts';
import { type Exported, exportRandomModel, patients } from '../cli/exported.ts';
import { describedPictures } from '../training/data/describedPictures.ts';

const history: ModelHistory = {
  rounds: [
    { round: 6, updates: 2, totalWeight: 300 },
    { round: 7, updates: 1, totalWeight: 100, metric: { name: 'auc', value: 0.87654 } },
  ],
  trainers: [{ account: '0xTrainer', rounds: 2, weight: 250 }],
};
const packages = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** What the card's lines for Node.js print when they are run beside the model. */
async function runCard({ folder, files }: Exported): Promise<string> {
  const [, lines] = /```js\n(.*?)```/s.exec(readFileSync(files.card, 'utf8'))!;
  expect(lines!.trim().split('\n').length).to.be.at.most(5);
  symlinkSync(packages, join(folder, 'node_modules'));
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', lines!], {
    cwd: folder,
  });
  return stdout;
}

describe('an exported model', () => {
  let exported: Exported;
  before(async () => {
    exported = await exportRandomModel(patients, { history });
  });

  it('says of itself what it is, in ONNX and in safetensors', () => {
    const { files, manifest } = exported;
    const { data, ...facts } = readMetadata(new Uint8Array(readFileSync(files.onnx!)), files.onnx!);
    expect(facts).to.deep.include({
      task: manifest.name,
      round: 7,
      loss: 'softmaxCrossEntropy',
      inputShape: [6],
      classes: 2,
    });
    expect(data).to.deep.equal(patients);
    const safetensors = readFileSync(files.safetensors);
    const header = JSON.parse(safetensors.subarray(8, 8 + Number(safetensors.readBigUInt64LE(0))).toString());
    const said = header.__metadata__;
    expect(JSON.parse(said['tributary.data'])).to.deep.equal(patients);
    expect(JSON.parse(said['tributary.classes'])).to.deep.equal(['healthy', 'ill']);
    expect(said).to.include({
      'tributary.round': '7',
      'tributary.chainId': '31337',
      'tributary.modelRoot': facts.modelRoot,
    });
    expect(Object.values(said).every((text) => typeof text === 'string')).to.equal(true);
  });

  it('has the constants that the federation computed, and parameters in their own units', async () => {
    const data = dataDescriptionSchema.parse({
      kind: 'table',
      columns: [{ kind: 'number', name: 'x', scaling: 'federated', range: [10, 30] }],
      label: { kind: 'class', column: 'y', classes: ['no', 'yes'] },
    });
    const { files: written, parameters } = await exportRandomModel(data);
    const checkpoint = readCheckpoint(readFileSync(written.checkpoint, 'utf8'));
    const compiled = await compileCheckpoint(checkpoint, written.checkpoint);
    const computed = { mean: Float64Array.of(0.25), standardDeviation: Float64Array.of(0.5) };
    const statistics = { read: () => computed } as unknown as NonNullable<CompiledModel['statistics']>;
    const units = parameters.map((_, place) => 2 ** place);
    const files = exportModel({ ...compiled, statistics, units }, checkpoint);
    await compiled.dispose();
    const facts = readMetadata(files['model.onnx']!, 'model.onnx');
    expect((facts.data as TableDescription).columns[0]).to.include({ mean: 0.25, standardDeviation: 0.5 });
    const tensors = readSafetensors(files['model.safetensors']!, 'model.safetensors');
    const values = tensors.flatMap((tensor) => [...floatsOf(tensor)]);
    const expected = decodeModel(checkpoint.model).map((value, place) => value * 2 ** place);
    expect(values).to.deep.equal([...expected]);
  });

  it('that did not come from here is refused by name', () => {
    expect(() => readMetadata(new TextEncoder().encode('{}'), 'x.onnx')).to.throw(/x\.onnx/);
    expect(() => readMetadata(new Uint8Array(), 'x.onnx')).to.throw(/x\.onnx does not say what task it is of/);
  });

  it('has a card that says what it takes, whence it is and who trained it', () => {
    const card = readFileSync(exported.files.card, 'utf8');
    for (const text of [
      'outcomes of patients, round 7',
      'a number in mg/dl from 20 to 600',
      'healthy, ill',
      'chain 31337',
      '0xTrainer | 2 | 250',
      '| 7 | 1 | 100 | 0.8765 |',
      'ε is not applicable (open updates)',
    ]) {
      expect(card).to.include(text);
    }
    expect(card).to.include(JSON.parse(readFileSync(exported.files.checkpoint, 'utf8')).modelRoot);
  });

  it('runs by the lines of its card: a table, pictures, and what is not described', async () => {
    const pictures = describedPictures([1, 3, 5]);
    const others = await Promise.all([exportRandomModel(pictures), exportRandomModel(undefined)]);
    const [table, image, plain] = await Promise.all([exported, ...others].map(runCard));
    expect(table)
      .to.match(/label \[ '(healthy|ill)' \]/)
      .and.not.to.include('NaN');
    expect(image)
      .to.match(/label \[ '(cat|dog)' \]/)
      .and.not.to.include('NaN');
    expect(plain).to.match(/logits Float32Array\(2\)/);
  });
});

describe('whose updates a model was made of', () => {
  const round = (number: number, baseRound: number, weights: Record<string, number>, included: string[]) => {
    const submissions = new Map(Object.entries(weights).map(([trainer, weight]) => [trainer, { trainer, weight }]));
    return [
      number,
      { number, baseRound, submissions, proposed: { included, proposal: { totalWeight: 9 } } },
    ] as unknown as [number, Round];
  };

  it('is told from the chain of rounds that it stands on, without those that were skipped or left out', () => {
    const rounds = new Map([
      round(1, 0, { a: 10, b: 20 }, ['a', 'b']),
      round(2, 1, { a: 500 }, ['a']), // skipped: nothing stands on it
      round(3, 1, { a: 11, b: 21, c: 400 }, ['a', 'b']),
      round(4, 3, { a: 1000 }, ['a']),
    ]);
    const told = historyOf(
      { rounds } as Pick<FederationState, 'rounds'>,
      3,
      new Map([[3, { name: 'f1', value: 0.5 }]]),
    );
    expect(told.trainers).to.deep.equal([
      { account: 'b', rounds: 2, weight: 41 },
      { account: 'a', rounds: 2, weight: 21 },
    ]);
    expect(told.rounds).to.deep.equal([
      { round: 1, updates: 2, totalWeight: 9 },
      { round: 3, updates: 2, totalWeight: 9, metric: { name: 'f1', value: 0.5 } },
    ]);
  });
});
