/** A model as files: ONNX that takes raw data, safetensors, a checkpoint of the task, and a card that says what it is. */
import { decodeModel } from '../core/codec.ts';
import { type DataDescription, withComputedConstants } from '../core/data/description.ts';
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
}

/** By the file's name. `compiled` is of the checkpoint's task. */
export function exportModel(
  compiled: CompiledModel,
  checkpoint: Checkpoint,
  { history }: ExportOptions = {},
): Partial<Record<ExportedName, Uint8Array>> {
  const parameters = decodeModel(checkpoint.model);
  const { units } = compiled;
  const weights = units === undefined ? parameters : parameters.map((value, index) => value * units[index]!);
  const data = dataWithConstants(compiled, checkpoint.manifest.data, parameters);
  const { model, training } = checkpoint.manifest;
  const metadata = metadataOf(checkpoint, data);
  const graph = exportGraph(compiled, parameters, (onnx) =>
    data === undefined
      ? withMetadata(onnx, metadata)
      : withRawData(onnx, { data, loss: training.loss, ...model }, metadata),
  );
  const utf8 = new TextEncoder();
  return {
    ...(graph && { 'model.onnx': graph }),
    'model.safetensors': compiled.exportTensors?.(parameters) ?? exportSafetensors(compiled.layout, weights, metadata),
    'checkpoint.json': utf8.encode(writeCheckpoint(checkpoint)),
    'model-card.md': utf8.encode(writeModelCard(checkpoint, data, history)),
  };
}

/** A model of named tensors has none. */
function exportGraph(
  compiled: CompiledModel,
  parameters: Float32Array,
  finish: (onnx: Uint8Array) => Uint8Array,
): Uint8Array | undefined {
  return compiled.exportTensors === undefined ? finish(compiled.exportOnnx(parameters)) : undefined;
}

/** The description with constants for every column: those that the federation has computed stand in the model. */
function dataWithConstants(
  { statistics }: CompiledModel,
  data: DataDescription | undefined,
  parameters: Float32Array,
): DataDescription | undefined {
  return data && withComputedConstants(data, statistics?.read(parameters));
}

/** The files that a model is exported to. */
export type ExportedName = 'model.onnx' | 'model.safetensors' | 'checkpoint.json' | 'model-card.md';
