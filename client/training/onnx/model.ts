/** An inference model: one input, one output of logits, weights inside. */
import { TributaryError } from '../../core/errors.ts';
import type { TaskShape } from '../engine.ts';
import { valueInfo } from './graph.ts';
import {
  floatAttribute,
  floatsAttribute,
  hasAttribute,
  integerAttribute,
  integersAttribute,
  tensorAttribute,
} from './node.ts';
import { encodeModel, type GraphProto, type NodeProto } from './proto.ts';
import { type ConstantTensor, floatTensor, integerTensor, readTensor, writeTensor } from './tensor.ts';

/** A graph with one input and one output. What is trained, evaluated and exported is one and the same. */
export interface InferenceModel {
  input: string;
  output: string;
  nodes: readonly NodeProto[];
  /** Weights and constants by name, in the order of the file. */
  initializers: ReadonlyMap<string, ConstantTensor>;
  /** Version of the operators: `opset`, or that of the file where it is newer. */
  opset: number;
}

/** Version of the operators that our own graphs use. */
export const opset = 18;

/** Version of the file format that came with a version of the operators, https://github.com/onnx/onnx/blob/main/docs/Versioning.md */
function irVersionOf(version: number): number {
  const newest = [19, 21, 23, 24, 25].filter((first) => version >= first).length;
  return 8 + newest;
}

export function encodeGraph(graph: GraphProto, version: number = opset): Uint8Array {
  return encodeModel({
    irVersion: irVersionOf(version),
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

/** The value of a Constant node. Errors: MODEL_INVALID. */
export function readConstant(node: NodeProto): ConstantTensor {
  const proto = tensorAttribute(node, 'value');
  if (proto) return readTensor({ ...proto, name: node.output?.[0] ?? '' });
  if (hasAttribute(node, 'value_float')) return floatTensor([], [floatAttribute(node, 'value_float', 0)]);
  if (hasAttribute(node, 'value_floats')) {
    const values = floatsAttribute(node, 'value_floats', []);
    return floatTensor([values.length], values);
  }
  if (hasAttribute(node, 'value_int')) return integerTensor([], [integerAttribute(node, 'value_int', 0)]);
  if (hasAttribute(node, 'value_ints')) {
    const values = integersAttribute(node, 'value_ints', []);
    return integerTensor([values.length], values);
  }
  throw new TributaryError(
    'MODEL_INVALID',
    `The value of the Constant "${node.output?.[0]}" is neither a tensor nor numbers: export the model without it.`,
  );
}
