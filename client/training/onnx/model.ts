/** An inference model: one input, one output of logits, weights inside. */
import { TributaryError } from '../../core/errors.ts';
import type { TaskShape } from '../engine.ts';
import { valueInfo } from './graph.ts';
import { tensorAttribute } from './node.ts';
import { separateEqualTensors } from './normalise/separate.ts';
import { decodeModel, encodeModel, type GraphProto, type NodeProto } from './proto.ts';
import { type ConstantTensor, readTensor, writeTensor } from './tensor.ts';

/** A graph with one input and one output, as its file has it. */
export interface InferenceModel {
  input: string;
  output: string;
  nodes: readonly NodeProto[];
  /** Weights and constants by name, in the order of the file. */
  initializers: ReadonlyMap<string, ConstantTensor>;
  opset: number;
}

/** Version of the operators that our own graphs use, and of the file format that came with it. */
export const opset = 18;
const irVersion = 8;
/** Oldest with NumPy's broadcasting; newest that onnxruntime 1.30 knows. */
const oldestOpset = 7;

export function encodeGraph(graph: GraphProto, version: number = opset): Uint8Array {
  return encodeModel({
    irVersion,
    producerName: 'tributary',
    opsetImport: [{ domain: '', version }],
    graph,
  });
}

/**
 * The model as ONNX bytes, its first axis named `batch`. The parameters named in `fed` become further inputs instead of
 * initializers.
 */
export function writeModel(
  model: InferenceModel,
  { inputShape, classes }: TaskShape,
  fed: readonly string[] = [],
): Uint8Array {
  const kept = [...model.initializers].filter(([name]) => !fed.includes(name));
  const parameters = fed.map((name) => valueInfo(name, 'float32', model.initializers.get(name)!.shape));
  const graph = {
    name: 'tributary',
    node: [...model.nodes],
    initializer: kept.map(([name, tensor]) => writeTensor(name, tensor)),
    input: [valueInfo(model.input, 'float32', ['batch', ...inputShape]), ...parameters],
    output: [valueInfo(model.output, 'float32', ['batch', classes])],
  };
  return encodeGraph(graph, model.opset);
}

function invalid(reason: string, cause?: unknown): TributaryError {
  return new TributaryError('MODEL_INVALID', `The ONNX model cannot be used: ${reason}.`, { cause });
}

function decode(bytes: Uint8Array) {
  try {
    const { graph, opsetImport = [] } = decodeModel(bytes);
    if (graph?.node?.length) return { graph, opsetImport };
  } catch (cause) {
    throw invalid('the bytes are not an ONNX file', cause);
  }
  throw invalid('the bytes are not an ONNX file with a graph');
}

/**
 * Reads a model that a person gives.
 * Errors: MODEL_INVALID (not ONNX, several inputs or outputs, opset), OPERATOR_UNSUPPORTED (operators of other domains).
 */
export function readModel(bytes: Uint8Array): InferenceModel {
  const { graph, opsetImport } = decode(bytes);
  const version = opsetImport.find(({ domain = '' }) => domain === '' || domain === 'ai.onnx')?.version ?? 0;
  if (version < oldestOpset) throw invalid(`its opset is ${version}, export it with opset ${oldestOpset} or newer`);
  const foreign = graph.node?.find(({ domain = '' }) => domain !== '' && domain !== 'ai.onnx');
  if (foreign) {
    throw new TributaryError(
      'OPERATOR_UNSUPPORTED',
      `The operator ${foreign.domain}.${foreign.opType} is not a standard ONNX operator: export the model without it.`,
      { args: { operator: foreign.opType } },
    );
  }
  const initializers = new Map((graph.initializer ?? []).map((proto) => [proto.name ?? '', readTensor(proto)]));
  const inputs = (graph.input ?? []).filter(({ name }) => !initializers.has(name));
  const outputs = graph.output ?? [];
  const [input] = inputs;
  const [output] = outputs;
  if (!input || inputs.length > 1) {
    throw invalid(`it has ${inputs.length} inputs (${inputs.map(({ name }) => name).join(', ')}), but one is wanted`);
  }
  if (!output || outputs.length > 1) {
    throw invalid(
      `it has ${outputs.length} outputs (${outputs.map(({ name }) => name).join(', ')}), but one is wanted`,
    );
  }
  const separated = separateEqualTensors({ nodes: graph.node!, initializers });
  return { input: input.name, output: output.name, ...separated, opset: version };
}

/** The shape of one sample that the model itself declares, where it declares all of it. Errors: MODEL_INVALID. */
export function readInputShape(bytes: Uint8Array): number[] | undefined {
  const { graph } = decode(bytes);
  const { input } = readModel(bytes);
  const dims = graph.input?.find(({ name }) => name === input)?.type?.tensorType?.shape?.dim?.slice(1) ?? [];
  const shape = dims.map(({ dimValue }) => Number(dimValue ?? 0));
  return shape.length > 0 && shape.every((extent) => extent > 0) ? shape : undefined;
}

/** The value of a Constant node. */
export function readConstant(node: NodeProto): ConstantTensor {
  const proto = tensorAttribute(node, 'value');
  if (!proto) throw invalid('one of its Constant nodes has no tensor');
  return readTensor(proto);
}
