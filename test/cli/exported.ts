/** A model of a described task in a folder, as `fetch-model` writes it; its parameters are random. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelHistory } from '../../client/actions/modelCard/history.ts';
import { encodeModel } from '../../client/core/codec.ts';
import { buildModelTree } from '../../client/core/commitment.ts';
import { type DataDescription, dataDescriptionSchema, shapeOfData } from '../../client/core/data/description.ts';
import { toHex } from '../../client/core/hash.ts';
import { merkleRoot } from '../../client/core/merkle.ts';
import { type TaskManifest, taskManifestSchema } from '../../client/core/task.ts';
import { compileTask } from '../../client/node/engine.ts';
import { type WrittenModel, writeModel } from '../../client/node/writeModel.ts';

export const patients = dataDescriptionSchema.parse({
  kind: 'table',
  columns: [
    { kind: 'number', name: 'age', unit: 'years', range: [0, 120], mean: 50, standardDeviation: 15 },
    { kind: 'category', name: 'sex', values: ['f', 'm'], missing: { as: ['', 'NA'], become: 'none', indicator: true } },
    {
      kind: 'number',
      name: 'glucose',
      unit: 'mg/dl',
      range: [20, 600],
      mean: 110,
      standardDeviation: 30,
      missing: { as: ['', '-9'], become: 'mean', indicator: true },
    },
  ],
  ignored: ['id'],
  label: { kind: 'class', column: 'outcome', classes: ['healthy', 'ill'] },
});

export interface Exported {
  folder: string;
  files: WrittenModel;
  manifest: TaskManifest;
  parameters: Float32Array;
}

export async function exportRandomModel(
  data: DataDescription | undefined,
  {
    kind = 'logistic',
    history,
    inputShape = [4],
    classes = 2,
  }: { kind?: 'logistic' | '2nn'; history?: ModelHistory; inputShape?: number[]; classes?: number } = {},
): Promise<Exported> {
  const manifest = taskManifestSchema.parse({
    format: 'tributary-task/1',
    name: 'outcomes of patients',
    model: { kind, inputShape: data === undefined ? inputShape : shapeOfData(data), classes },
    ...(data && { data }),
    training: { learningRate: 0.1, epochs: 1, batchSize: 10 },
    seed: 'exported',
  });
  const compiled = await compileTask(manifest, { get: () => Promise.reject() }, 'onnx', new AbortController().signal);
  const parameters = compiled.initialParameters('exported');
  const model = encodeModel(parameters);
  const modelRoot = toHex(merkleRoot(buildModelTree(model)));
  const origin = { round: 7, modelRoot, modelCid: 'bafkexample', chainId: 31_337, federation: `0x${'ab'.repeat(20)}` };
  const folder = mkdtempSync(join(tmpdir(), 'tributary-exported-'));
  const files = writeModel(folder, compiled, { ...origin, manifest, model }, { history });
  await compiled.dispose();
  return { folder, files, manifest, parameters };
}
