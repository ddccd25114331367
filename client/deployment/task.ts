/** The task of a configuration, with what the configuration leaves open about the model's tensors: the units of their numbers. */
import { squaredNormBound, type TaskManifest } from '../core/task.ts';
import { compileModel } from '../node/engine.ts';
import { clipNormForBound } from '../privacy/clip.ts';
import { chooseTensorTerms, needsTensorTerms } from '../training/taskModel.ts';
import { readTensorsModel } from '../training/tensors/model.ts';
import { type FederationConfig, manifestOf } from './config.ts';

/** A manifest, and the bytes of its model's file where it has one. */
export interface Task {
  manifest: TaskManifest;
  modelFile: Uint8Array | undefined;
  /** A sentence for each thing that is no longer as in the file. */
  changes: readonly string[];
}

/** Errors: those of the configuration and of `compileModel`. */
export async function taskOf(config: FederationConfig): Promise<Task> {
  const { manifest, modelFile } = await manifestOf(config);
  if (!needsTensorTerms(manifest)) return { manifest, modelFile, changes: [] };
  const changes =
    manifest.model.kind === 'tensors'
      ? readTensorsModel({ bytes: modelFile!, ...manifest.model }).findings.changes
      : [];
  const compiled = await compileModel(manifest, { get: async () => modelFile! }, 'onnx', AbortSignal.timeout(60_000));
  try {
    const maxNorm = clipNormForBound(squaredNormBound(config.clipNorm), compiled.layout.dimension);
    const tensors = chooseTensorTerms(compiled, manifest, maxNorm);
    const terms = tensors === undefined ? {} : { tensors };
    return { manifest: { ...manifest, model: { ...manifest.model, ...terms } }, modelFile, changes };
  } finally {
    await compiled.dispose();
  }
}
