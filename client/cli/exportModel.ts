/** A model as files: ONNX, safetensors, and a checkpoint of the task. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeModel } from '../core/codec.ts';
import type { TaskManifest } from '../core/task.ts';
import type { CompiledModel } from '../training/engine.ts';
import { exportSafetensors } from '../training/export.ts';
import { type Checkpoint, writeCheckpoint } from './checkpoint.ts';

export interface ExportedModel {
  onnx: string;
  safetensors: string;
  checkpoint: string;
}

/** Errors: FOLDER_NOT_WRITABLE as the file system says it. */
export async function exportModel(
  folder: string,
  model: CompiledModel,
  manifest: TaskManifest,
  origin: Omit<Checkpoint, 'manifest' | 'model'>,
  fixedPoint: Int32Array,
): Promise<ExportedModel> {
  await mkdir(folder, { recursive: true });
  const parameters = decodeModel(fixedPoint);
  const files = {
    onnx: join(folder, 'model.onnx'),
    safetensors: join(folder, 'model.safetensors'),
    checkpoint: join(folder, 'checkpoint.json'),
  };
  await writeFile(files.onnx, model.exportOnnx(parameters));
  await writeFile(files.safetensors, exportSafetensors(model.layout, parameters));
  await writeFile(files.checkpoint, writeCheckpoint({ ...origin, manifest, model: fixedPoint }));
  return files;
}
