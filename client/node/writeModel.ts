import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint } from '../actions/checkpoint.ts';
import { exportModel } from '../actions/exportModel.ts';
import { explainWriteFailure } from '../storage/durable.ts';
import type { CompiledModel } from '../training/engine.ts';

export interface WrittenModel {
  onnx: string;
  safetensors: string;
  checkpoint: string;
}

/** Writes the files into the folder. Errors: FOLDER_NOT_WRITABLE, DISK_FULL. */
export async function writeModel(
  folder: string,
  compiled: CompiledModel,
  checkpoint: Checkpoint,
): Promise<WrittenModel> {
  const files = exportModel(compiled, checkpoint);
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  } catch (cause) {
    throw explainWriteFailure(cause, folder);
  }
  return {
    onnx: join(folder, 'model.onnx'),
    safetensors: join(folder, 'model.safetensors'),
    checkpoint: join(folder, 'checkpoint.json'),
  };
}
