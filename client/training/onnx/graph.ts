/** Builds a graph node by node: every value has a name, the builder invents those that nobody gives. */
import { type Attributes, createNode, float, floatAttribute } from './node.ts';
import type { GraphProto, NodeProto, ValueInfoProto } from './proto.ts';
import {
  type ConstantTensor,
  dataType,
  floatTensor,
  integerTensor,
  type Shape,
  type TensorType,
  writeTensor,
} from './tensor.ts';

/** A value of a graph: a symbolic extent is a name. */
export function valueInfo(name: string, type: TensorType, shape: readonly (number | string)[]): ValueInfoProto {
  const dim = shape.map((extent) => (typeof extent === 'number' ? { dimValue: extent } : { dimParam: extent }));
  return { name, type: { tensorType: { elemType: dataType[type], shape: { dim } } } };
}

export interface GraphBuilder {
  /** Adds a node and gives the name of its first output. */
  add(opType: string, inputs: readonly string[], attributes?: Attributes): string;
  /** Adds a node with outputs of given names. */
  addNamed(opType: string, inputs: readonly string[], outputs: readonly string[], attributes?: Attributes): void;
  append(node: NodeProto): void;
  constant(tensor: ConstantTensor): string;
  scalar(value: number): string;
  /** A list of int64, for shapes and axes. */
  integers(values: readonly number[]): string;
  /** alpha · value + beta · base; folded into the matrix product that gives `value` where there is one. */
  addScaled(value: string, alpha: number, base: string, beta: number): string;
  scale(value: string, factor: number): string;
  /** A name that no other value has. */
  name(hint: string): string;
  /** The graph, without the nodes that no output depends on. */
  build(name: string, inputs: ValueInfoProto[], outputs: ValueInfoProto[]): GraphProto;
}

/** Nodes stand in topological order. */
function prune(nodes: readonly NodeProto[], outputs: readonly string[]): NodeProto[] {
  const needed = new Set(outputs);
  const kept = nodes.toReversed().filter((node) => {
    if (!node.output?.some((output) => needed.has(output))) return false;
    for (const input of node.input ?? []) needed.add(input);
    return true;
  });
  return kept.reverse();
}

/** Names begin with `prefix`, which no value of another origin may share. */
export function createGraph(prefix: string): GraphBuilder {
  const nodes: NodeProto[] = [];
  const constants = new Map<string, { name: string; tensor: ConstantTensor }>();
  let count = 0;

  const name = (hint: string) => `${prefix}${hint}.${count++}`;
  const add = (opType: string, inputs: readonly string[], attributes: Attributes = {}) => {
    const output = name(opType);
    nodes.push(createNode(opType, inputs, [output], attributes));
    return output;
  };
  const constant = (tensor: ConstantTensor) => {
    const key = `${tensor.type}[${tensor.shape}]${tensor.data.length > 1024 ? count : tensor.data}`;
    const known = constants.get(key) ?? { name: name('constant'), tensor };
    constants.set(key, known);
    return known.name;
  };
  const scalar = (value: number) => constant(floatTensor([], [value]));
  const scale = (value: string, factor: number) => (factor === 1 ? value : add('Mul', [value, scalar(factor)]));

  return {
    add,
    addNamed: (opType, inputs, outputs, attributes = {}) => nodes.push(createNode(opType, inputs, outputs, attributes)),
    append: (node) => nodes.push(node),
    constant,
    scalar,
    integers: (values) => constant(integerTensor([values.length], values)),
    scale,
    addScaled(value, alpha, base, beta) {
      const producer = nodes.find((node) => node.output?.[0] === value);
      if (producer?.opType === 'Gemm' && producer.input?.length === 2) {
        const others = producer.attribute!.filter((attribute) => attribute.name !== 'alpha');
        const output = name('Gemm');
        const scaled = createNode('Gemm', [...producer.input, base], [output], {
          alpha: float(alpha * floatAttribute(producer, 'alpha', 1)),
          beta: float(beta),
        });
        nodes.push({ ...scaled, attribute: [...others, ...scaled.attribute!] });
        return output;
      }
      const scaledBase = scale(base, beta);
      return alpha === -1 ? add('Sub', [scaledBase, value]) : add('Add', [scaledBase, scale(value, alpha)]);
    },
    name,
    build(graphName, input, output) {
      const node = prune(
        nodes,
        output.map((value) => value.name),
      );
      const used = new Set(node.flatMap((each) => each.input ?? []));
      const initializer = [...constants.values()]
        .filter((entry) => used.has(entry.name))
        .map((entry) => writeTensor(entry.name, entry.tensor));
      return { name: graphName, node, initializer, input, output };
    },
  };
}

/** The parts of `value` along an axis. */
export function splitInto(graph: GraphBuilder, value: string, sizes: readonly number[], axis: number): string[] {
  const parts = sizes.map((_, place) => graph.name(`part.${place}`));
  graph.addNamed('Split', [value, graph.integers(sizes)], parts, { axis });
  return parts;
}

/** Sums `value` of shape `from` over the axes along which `to` was broadcast. */
export function reduceTo(graph: GraphBuilder, value: string, from: Shape, to: Shape): string {
  const leading = from.length - to.length;
  const axes = from.flatMap((extent, axis) =>
    axis < leading || (to[axis - leading] === 1 && extent !== 1) ? axis : [],
  );
  if (axes.length === 0) return value;
  const sum = graph.add('ReduceSum', [value, graph.integers(axes)], { keepdims: 0 });
  return to.includes(1) ? graph.add('Reshape', [sum, graph.integers(to)]) : sum;
}
