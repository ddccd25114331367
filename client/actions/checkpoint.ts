/** A checkpoint: a task and the fixed-point model that one of its rounds ended with, in one JSON file. */
import { z } from 'zod/v4';
import { fromBase64, toBase64 } from '../core/base64.ts';
import { modelFromBytes, modelToBytes } from '../core/codec.ts';
import { fromHex } from '../core/hash.ts';
import { type JsonText, parseJsonText } from '../core/jsonText.ts';
import { parseWith, type TaskManifest, taskManifestSchema } from '../core/task.ts';
import { verifyModel } from '../core/verify.ts';

/** A model with all that says whence it is. */
export interface Checkpoint {
  round: number;
  /** 0x and 64 hex digits, as on chain. */
  modelRoot: string;
  modelCid: string;
  chainId: number;
  federation: string;
  manifest: TaskManifest;
  /** Fixed-point parameters. */
  model: Int32Array;
  /** Of a task whose model is a file: that file. */
  modelFile?: Uint8Array | undefined;
}

const checkpointSchema = z.strictObject({
  format: z.literal('tributary-checkpoint/1'),
  round: z.int().min(0),
  modelRoot: z.string().regex(/^0x[0-9a-f]{64}$/),
  modelCid: z.string(),
  chainId: z.int(),
  federation: z.string(),
  manifest: taskManifestSchema,
  dimension: z.int().min(1),
  /** Base64 of the model's chunks, as they are pinned. */
  model: z.base64(),
  modelFile: z.base64().optional(),
});

/** As JSON, with the model and its file as base64. `readCheckpoint` reads it. */
export function writeCheckpoint(checkpoint: Checkpoint): string {
  const { model, modelFile, ...origin } = checkpoint;
  const json = {
    format: 'tributary-checkpoint/1',
    ...origin,
    dimension: model.length,
    model: toBase64(modelToBytes(model)),
    ...(modelFile && { modelFile: toBase64(modelFile) }),
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

/** What is wrong is said of the file at `path`. Errors: CONFIG_INVALID, COMMITMENT_MISMATCH where the model is not the one that the root names. */
export function readCheckpoint(text: string, path = 'the file'): Checkpoint {
  const json = parseJsonText(text, checkpointFile(path));
  const { format: _, dimension, model: base64, modelFile, ...origin } = parseWith(checkpointSchema, json, 'checkpoint');
  const model = modelFromBytes(fromBase64(base64), dimension);
  verifyModel(model, fromHex(origin.modelRoot));
  return { ...origin, model, ...(modelFile !== undefined && { modelFile: fromBase64(modelFile) }) };
}

/** As sentences name it. */
export function checkpointFile(path: string): JsonText {
  return { name: 'checkpoint', path, remedy: 'take one that `tributary fetch-model` or `tributary start` wrote' };
}
