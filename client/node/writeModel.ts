import { join } from 'node:path';
import type { Checkpoint } from '../actions/checkpoint.ts';
import { type ExportOptions, exportModel } from '../actions/exportModel.ts';
import { writeWhole } from '../storage/wholeFile.ts';
import type { CompiledModel } from '../training/engine.ts';

export interface WrittenModel {
  /** None of a model of named tensors. */
  onnx?: string;
  safetensors: string;
  checkpoint: string;
  card: string;
}

/** Writes the files into the folder, each whole. Errors: FOLDER_NOT_WRITABLE, DISK_FULL. */
export function writeModel(
  folder: string,
  compiled: CompiledModel,
  checkpoint: Checkpoint,
  options: ExportOptions = {},
): WrittenModel {
  const files = exportModel(compiled, checkpoint, options);
  for (const [name, bytes] of Object.entries(files)) writeWhole(join(folder, name), bytes);
  return {
    ...(files['model.onnx'] && { onnx: join(folder, 'model.onnx') }),
    safetensors: join(folder, 'model.safetensors'),
    checkpoint: join(folder, 'checkpoint.json'),
    card: join(folder, 'model-card.md'),
  };
}
