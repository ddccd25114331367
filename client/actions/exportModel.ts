/** A model as files: ONNX that takes raw data, safetensors, a checkpoint of the task, and a card that says what it is. */
import { decodeModel } from '../core/codec.ts';
import type { DataDescription } from '../core/data/description.ts';
import type { CompiledModel } from '../training/engine.ts';
import { metadataOf } from '../training/export/metadata.ts';
import { withMetadata, withRawData } from '../training/export/rawModel.ts';
import { exportSafetensors } from '../training/export/safetensors.ts';
import { type Checkpoint, writeCheckpoint } from './checkpoint.ts';
import type { ModelHistory } from './modelCard/history.ts';
import { writeModelCard } from './modelCard/modelCard.ts';

/** What is known of a model beside its checkpoint. */
export interface ExportOptions {
  history?: ModelHistory | undefined;
  /** The task's description with constants for every column; the manifest's where nothing is said. */
  data?: DataDescription | undefined;
}

/** By the file's name. `compiled` is of the checkpoint's task. */
export function exportModel(
  compiled: CompiledModel,
  checkpoint: Checkpoint,
  { history, data = checkpoint.manifest.data }: ExportOptions = {},
): Record<ExportedName, Uint8Array> {
  const parameters = decodeModel(checkpoint.model);
  const { model, training } = checkpoint.manifest;
  const metadata = metadataOf(checkpoint, data);
  const onnx = compiled.exportOnnx(parameters);
  const utf8 = new TextEncoder();
  return {
    'model.onnx':
      data === undefined
        ? withMetadata(onnx, metadata)
        : withRawData(onnx, { data, loss: training.loss, ...model }, metadata),
    'model.safetensors': exportSafetensors(compiled.layout, parameters, metadata),
    'checkpoint.json': utf8.encode(writeCheckpoint(checkpoint)),
    'model-card.md': utf8.encode(writeModelCard(checkpoint, data, history)),
  };
}

/** The files that a model is exported to. */
export type ExportedName = 'model.onnx' | 'model.safetensors' | 'checkpoint.json' | 'model-card.md';
