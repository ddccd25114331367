/** Reads a model as somebody gives it, in the terms of our own operators: one graph, which is trained, evaluated and exported. */

import { createNode } from './node.ts';
import { liftConstants } from './normalise/constants.ts';
import { type Draft, invalid, neededFor } from './normalise/draft.ts';
import { chooseInput, chooseOutput } from './normalise/ends.ts';
import { dropEmptyPromises, leaveTrainingMode } from './normalise/inference.ts';
import { insertBehindInput } from './normalise/sampleShape.ts';
import { separateEqualTensors } from './normalise/separate.ts';
import { convertSklearn } from './normalise/sklearn/convert.ts';
import { dropIdentities, unifyTypes } from './normalise/types.ts';
import { upgrade } from './normalise/upgrade.ts';
import { fuseSoftmax } from './normalise/writtenOut.ts';
import { decodeModel, type ModelProto, type ValueInfoProto } from './proto.ts';
import { readTensor } from './tensor.ts';

/** A model that somebody gives. */
export interface GivenModel extends Draft {
  /** What its input declares, extent by extent; undefined where that is open. */
  declared: readonly (number | undefined)[];
}

/** Oldest with NumPy's broadcasting; newest that onnxruntime 1.30 knows. */
const [oldestOpset, newestOpset] = [7, 26];

function decode(bytes: Uint8Array): ModelProto & { graph: NonNullable<ModelProto['graph']> } {
  try {
    const model = decodeModel(bytes);
    if (model.graph?.node?.length) return { ...model, graph: model.graph };
  } catch (cause) {
    throw invalid('the bytes are not an ONNX file', cause);
  }
  throw invalid('the bytes are not an ONNX file with a graph');
}

function opsetOf({ opsetImport = [] }: ModelProto): number {
  const version = opsetImport.find(({ domain = '' }) => domain === '' || domain === 'ai.onnx')?.version;
  if (version === undefined) return oldestOpset; // no standard operator in it
  if (version >= oldestOpset && version <= newestOpset) return version;
  throw invalid(`its opset is ${version}, export it with an opset from ${oldestOpset} to ${newestOpset}`);
}

function extentsOf({ type }: ValueInfoProto): (number | undefined)[] {
  const dim = type?.tensorType?.shape?.dim ?? [];
  return dim.map(({ dimValue }) => (Number(dimValue ?? 0) > 0 ? Number(dimValue) : undefined));
}

/** Samples come as float32: what takes whole numbers, such as tokens, gets them by a cast. */
function castInput(draft: Draft, elemType: number | undefined): void {
  if (elemType === 10 || elemType === 16) throw invalid('its input is of 16 bits: export the model in float32');
  if (elemType === 8) throw invalid('its input is text: export the model behind what turns the text into numbers');
  if (elemType === undefined || elemType === 0 || elemType === 1 || elemType === 11) return;
  insertBehindInput(draft, 'whole', (input, output) => createNode('Cast', [input], [output], { to: elemType }));
  draft.changes.push('Its input takes whole numbers: they are given as float32, and cast.');
}

/**
 * Reads a model that a person gives.
 * Errors: MODEL_INVALID (not ONNX, several inputs or outputs, opset, 16 bits, NaN), OPERATOR_UNSUPPORTED (other domains).
 */
export function readModel(bytes: Uint8Array): GivenModel {
  const model = decode(bytes);
  const { graph, producerName } = model;
  const opset = opsetOf(model);
  const changes: string[] = [];
  const output = chooseOutput(graph, changes);
  const input = chooseInput(graph, output);
  const nodes = neededFor(graph.node!, output);
  const used = new Set([output, ...nodes.flatMap((node) => node.input ?? [])]);
  const tensors = (graph.initializer ?? []).filter(({ name = '' }) => used.has(name));
  const initializers = new Map(tensors.map((proto) => [proto.name ?? '', readTensor(proto)]));
  const separated = separateEqualTensors({ nodes, initializers });
  const draft: Draft = { input: input.name, output, ...separated, opset, changes, fromNodes: new Set() };
  const elemType = input.type?.tensorType?.elemType;
  liftConstants(draft);
  convertSklearn(draft, producerName);
  unifyTypes(draft, elemType);
  dropIdentities(draft);
  leaveTrainingMode(draft);
  dropEmptyPromises(draft);
  upgrade(draft);
  fuseSoftmax(draft);
  castInput(draft, elemType);
  return { ...draft, declared: extentsOf(input) };
}

/** The shape of one sample that the model itself declares, where it declares all of it. Errors: MODEL_INVALID. */
export function readInputShape(bytes: Uint8Array): number[] | undefined {
  const { graph } = decode(bytes);
  const shape = extentsOf(chooseInput(graph, chooseOutput(graph, []))).slice(1);
  return shape.length > 0 && shape.every((extent) => extent !== undefined) ? (shape as number[]) : undefined;
}
