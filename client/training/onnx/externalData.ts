/** Weights that an exporter has put into files beside the model: https://onnx.ai/onnx/repo-docs/ExternalData.html */
import { TributaryError } from '../../core/errors.ts';
import { decodeModel, encodeModel, type ModelProto, type TensorProto } from './proto.ts';

interface Place {
  location: string;
  offset: number;
  length: number | undefined;
}

function placeOf({ name = '', externalData = [] }: TensorProto): Place {
  const { location = '', offset = 0, length } = Object.fromEntries(externalData.map(({ key, value }) => [key, value]));
  const isOutside = location === '' || /^([/\\]|[A-Za-z]:)/.test(location) || location.split(/[/\\]/).includes('..');
  if (isOutside) {
    throw new TributaryError(
      'MODEL_INVALID',
      `Tensor "${name}" is kept at "${location}", which is no file beside the model: save the model with its weights inside.`,
    );
  }
  return { location, offset: Number(offset), length: length === undefined ? undefined : Number(length) };
}

function externalTensors({ graph }: ModelProto): TensorProto[] {
  const inNodes = (graph?.node ?? []).flatMap(({ attribute = [] }) => attribute.flatMap(({ t }) => t ?? []));
  return [...(graph?.initializer ?? []), ...inNodes].filter(({ dataLocation }) => dataLocation === 1);
}

/**
 * The model with the weights of all files inside; bytes that hold none, or are no model, are given back as they are.
 * `read` gives the bytes of a file by its path beside the model. Errors: those of `read`, MODEL_INVALID.
 */
export async function bundleExternalData(
  bytes: Uint8Array,
  read: (location: string) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  let model: ModelProto;
  try {
    model = decodeModel(bytes);
  } catch {
    return bytes; // whoever reads the model says so
  }
  const tensors = externalTensors(model);
  if (tensors.length === 0) return bytes;
  const files = new Map<string, Uint8Array>();
  for (const tensor of tensors) {
    const { location, offset, length } = placeOf(tensor);
    const file = files.get(location) ?? (await read(location));
    files.set(location, file);
    tensor.rawData = file.subarray(offset, length === undefined ? undefined : offset + length);
    delete tensor.dataLocation;
    delete tensor.externalData;
  }
  return encodeModel(model);
}
