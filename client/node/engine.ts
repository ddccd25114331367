/** The task's model, compiled for training or evaluation. */
import { cidFromDigest } from '../core/cid.ts';
import { TributaryError } from '../core/errors.ts';
import { fromHex } from '../core/hash.ts';
import type { TaskManifest } from '../core/task.ts';
import { withFetchTimeout } from '../participant/fetchTimeout.ts';
import type { Participant } from '../participant/participant.ts';
import type { CompileTask } from '../participant/plans.ts';
import type { BlobStore } from '../storage/store.ts';
import type { CompiledModel, Engine, ModelDefinition, TensorsDefinition } from '../training/engine.ts';
import { createOnnxEngine } from '../training/onnx/engine.ts';
import type { ProcessEngine } from '../training/process/engine.ts';
import { modelOfTask } from '../training/taskModel.ts';
import { compileTensors } from '../training/tensors/model.ts';

/** ONNX Runtime, which comes with the package, or TensorFlow.js. */
export type EngineName = 'onnx' | 'tfjs';
/** One of them, or a program of one's own: see `createProcessEngine`. */
export type TaskEngine = EngineName | ProcessEngine;

/** With the engine that its options name. */
export function compileWith(engine: TaskEngine, { store, signal }: Pick<Participant, 'store' | 'signal'>): CompileTask {
  return (manifest) => compileTask(manifest, store, engine, signal);
}

/** Errors: as `compileModel`, and MODEL_MISMATCH where the task names tensors that the model does not have. */
export async function compileTask(...given: Parameters<typeof compileModel>): Promise<CompiledModel> {
  return modelOfTask(await compileModel(...given), given[0]);
}

/**
 * The model of the task's definition, before what the task says of its tensors.
 * Errors: those of the store for the model's file; MODEL_INVALID, MODEL_MISMATCH, OPERATOR_UNSUPPORTED, ENGINE_UNAVAILABLE, PACKAGE_MISSING.
 */
export async function compileModel(
  manifest: TaskManifest,
  store: Pick<BlobStore, 'get'>,
  engine: TaskEngine,
  signal: AbortSignal,
): Promise<CompiledModel> {
  const definition = await readDefinition(manifest, store, signal);
  if (typeof engine !== 'string') return await engine.compile(definition, manifest.training);
  if (definition.kind === 'tensors') return compileTensors(definition);
  return await (await engineFor(definition, engine)).compile(definition, manifest.training);
}

/** A Keras model has one engine, whatever is asked for. */
async function engineFor({ kind }: ModelDefinition, name: EngineName): Promise<Engine> {
  if (name !== 'tfjs' && kind !== 'keras') return createOnnxEngine();
  return await (await import('../training/tfjs/engine.ts')).createTfjsEngine();
}

async function readDefinition(
  manifest: TaskManifest,
  store: Pick<BlobStore, 'get'>,
  signal: AbortSignal,
): Promise<ModelDefinition | TensorsDefinition> {
  const { kind, inputShape, classes, tensors, batchStatistics } = manifest.model;
  const shape = { inputShape, classes, tensors, batchStatistics };
  if (kind !== 'onnx' && kind !== 'keras' && kind !== 'tensors') return { kind, ...shape };
  const bytes = await fetchModelFile(manifest, store, signal);
  if (bytes === undefined)
    throw new TributaryError('CONFIG_INVALID', `task.model.file: a model of kind ${kind} needs its file.`);
  if (kind === 'tensors') return { kind, bytes, ...shape };
  return kind === 'onnx' ? { kind, bytes, ...shape } : { kind, json: new TextDecoder().decode(bytes), ...shape };
}

/** Undefined for a task whose model is no file. Errors: those of the store. */
export async function fetchModelFile(
  { model: { file } }: TaskManifest,
  store: Pick<BlobStore, 'get'>,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  if (file === undefined) return undefined;
  return await store.get(cidFromDigest(fromHex(file.cid), file.bytes), {
    maxBytes: file.bytes,
    signal: withFetchTimeout(signal),
  });
}
