import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Checkpoint } from '../actions/checkpoint.ts';
import { unreadable } from '../core/jsonText.ts';
import type { CompiledModel } from '../training/engine.ts';
import { compileTask, type TaskEngine } from './engine.ts';

const compileTimeoutMs = 60_000;

/** The model of the checkpoint's task; `path` is where the checkpoint was. Errors: CONFIG_INVALID, and those of `compileTask`. */
export async function compileCheckpoint(
  { manifest, modelFile }: Checkpoint,
  path: string,
  engine: TaskEngine = 'onnx',
): Promise<CompiledModel> {
  // an older checkpoint does not hold the file of a given model, which lies beside it
  const store = { get: async () => modelFile ?? (await readModelFile(join(dirname(path), 'model.onnx'))) };
  return await compileTask(manifest, store, engine, AbortSignal.timeout(compileTimeoutMs));
}

async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    throw unreadable(
      { name: 'model', path, remedy: 'leave the checkpoint beside the model that was written with it' },
      cause,
    );
  }
}
