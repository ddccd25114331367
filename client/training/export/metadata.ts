/** What a model says of itself wherever it is taken: texts by name, in ONNX's metadata and in safetensors' header. */
import { classNamesOf, type DataDescription, dataDescriptionSchema } from '../../core/data/description.ts';
import { TributaryError } from '../../core/errors.ts';
import { parseWith, type TaskManifest, taskManifestSchema } from '../../core/task.ts';
import { decodeModel, type ModelProto } from '../onnx/proto.ts';

/** Texts by their names. */
export type ModelMetadata = Readonly<Record<string, string>>;

/** Whence a model is. */
export interface ModelOrigin {
  round: number;
  /** 0x and 64 hex digits, as on chain. */
  modelRoot: string;
  chainId: number;
  federation: string;
  manifest: TaskManifest;
}

const format = 'tributary-model/1';

/** `data` is the task's description with the constants of every column, where it has any. */
export function metadataOf(
  { round, modelRoot, chainId, federation, manifest }: ModelOrigin,
  data: DataDescription | undefined,
): ModelMetadata {
  const classes = data && classNamesOf(data);
  const { inputShape, classes: classCount } = manifest.model;
  return {
    'tributary.format': format,
    'tributary.task': manifest.name,
    'tributary.round': String(round),
    'tributary.chainId': String(chainId),
    'tributary.federation': federation,
    'tributary.modelRoot': modelRoot,
    'tributary.loss': manifest.training.loss,
    'tributary.shape': JSON.stringify({ inputShape, classes: classCount }),
    ...(classes && { 'tributary.classes': JSON.stringify(classes) }),
    ...(data && { 'tributary.data': JSON.stringify(data) }),
  };
}

/** What `metadataOf` has written. */
export interface ModelFacts {
  task: string;
  round: number;
  modelRoot: string;
  loss: TaskManifest['training']['loss'];
  inputShape: number[];
  classes: number;
  data: DataDescription | undefined;
}

/** Errors: MODEL_INVALID where the file is no ONNX model, or none that this program has exported. */
export function readMetadata(bytes: Uint8Array, path: string): ModelFacts {
  const of = new Map((decode(bytes, path).metadataProps ?? []).map(({ key, value = '' }) => [key, value]));
  if (of.get('tributary.format') !== format) {
    throw invalid(`${path} does not say what task it is of: take a model.onnx that \`tributary fetch-model\` wrote.`);
  }
  const json = of.get('tributary.data');
  const { model, training } = taskManifestSchema.shape;
  const shape = parseWith(
    model.pick({ inputShape: true, classes: true }),
    parseJson(of.get('tributary.shape'), path),
    'metadata.shape',
  );
  return {
    task: of.get('tributary.task') ?? '',
    round: Number(of.get('tributary.round')),
    modelRoot: of.get('tributary.modelRoot') ?? '',
    loss: parseWith(training.shape.loss, of.get('tributary.loss'), 'metadata.loss'),
    ...shape,
    data: json === undefined ? undefined : parseWith(dataDescriptionSchema, parseJson(json, path), 'metadata.data'),
  };
}

function decode(bytes: Uint8Array, path: string): ModelProto {
  try {
    return decodeModel(bytes);
  } catch (cause) {
    throw invalid(`${path} is no ONNX model: take a model.onnx that \`tributary fetch-model\` wrote.`, cause);
  }
}

function parseJson(text: string | undefined, path: string): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch (cause) {
    throw invalid(`${path} has damaged metadata: take it anew from where it was fetched.`, cause);
  }
}

function invalid(message: string, cause?: unknown): TributaryError {
  return new TributaryError('MODEL_INVALID', message, { cause });
}
