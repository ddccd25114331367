/** A model as files: ONNX, safetensors, and a checkpoint of the task. */
import { decodeModel } from '../core/codec.ts';
import type { CompiledModel } from '../training/engine.ts';
import { exportSafetensors } from '../training/export.ts';
import { type Checkpoint, writeCheckpoint } from './checkpoint.ts';

/** By the file's name. `compiled` is of the checkpoint's task. */
export function exportModel(
  compiled: CompiledModel,
  checkpoint: Checkpoint,
): Partial<Record<ExportedName, Uint8Array>> {
  const parameters = decodeModel(checkpoint.model);
  return {
    // a model of named tensors has no graph
    ...(compiled.exportTensors === undefined && { 'model.onnx': compiled.exportOnnx(parameters) }),
    'model.safetensors': compiled.exportTensors?.(parameters) ?? exportSafetensors(compiled.layout, parameters),
    'checkpoint.json': new TextEncoder().encode(writeCheckpoint(checkpoint)),
  };
}

/** The files that a model is exported to. */
export type ExportedName = 'model.onnx' | 'model.safetensors' | 'checkpoint.json';
