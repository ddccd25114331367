/** Nodes of a graph, and their attributes by name. */
import type { AttributeProto, GraphProto, NodeProto } from './proto.ts';
import { type ConstantTensor, writeTensor } from './tensor.ts';

/** AttributeProto.AttributeType */
const attributeType = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8 } as const;

/** Plain numbers are integers; `float(x)` marks the others. */
export type Attribute =
  | number
  | string
  | readonly number[]
  | { float: number }
  | { floats: readonly number[] }
  | { strings: readonly string[] }
  | { tensor: ConstantTensor }
  | { graph: GraphProto };

export type Attributes = Readonly<Record<string, Attribute>>;

export function float(value: number): Attribute {
  return { float: value };
}

function writeAttribute(name: string, attribute: Attribute): AttributeProto {
  if (typeof attribute === 'number') return { name, type: attributeType.int, i: attribute };
  if (typeof attribute === 'string') {
    return { name, type: attributeType.string, s: new TextEncoder().encode(attribute) };
  }
  if ('floats' in attribute) return { name, type: attributeType.floats, floats: [...attribute.floats] };
  if ('strings' in attribute) {
    const strings = attribute.strings.map((text) => new TextEncoder().encode(text));
    return { name, type: attributeType.strings, strings };
  }
  if ('float' in attribute) return { name, type: attributeType.float, f: attribute.float };
  if ('tensor' in attribute) return { name, type: attributeType.tensor, t: writeTensor('', attribute.tensor) };
  if ('graph' in attribute) return { name, type: attributeType.graph, g: attribute.graph };
  return { name, type: attributeType.ints, ints: [...attribute] };
}

export function createNode(
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Attributes = {},
): NodeProto {
  const attribute = Object.entries(attributes).map(([name, value]) => writeAttribute(name, value));
  return { opType, input: [...input], output: [...output], attribute };
}

function find(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attribute?.find((attribute) => attribute.name === name);
}

/** A field of an attribute that is there; protocol buffers leave out a field that is 0 or empty. */
function fieldOf<T>(node: NodeProto, name: string, fallback: T, read: (attribute: AttributeProto) => T): T {
  const attribute = find(node, name);
  return attribute === undefined ? fallback : read(attribute);
}

export function integerAttribute(node: NodeProto, name: string, fallback: number): number {
  return fieldOf(node, name, fallback, ({ i = 0 }) => i);
}

export function floatAttribute(node: NodeProto, name: string, fallback: number): number {
  return fieldOf(node, name, fallback, ({ f = 0 }) => f);
}

export function integersAttribute(node: NodeProto, name: string, fallback: readonly number[]): readonly number[] {
  return fieldOf(node, name, fallback, ({ ints = [] }) => ints);
}

export function floatsAttribute(node: NodeProto, name: string, fallback: readonly number[]): readonly number[] {
  return fieldOf(node, name, fallback, ({ floats = [] }) => floats);
}

export function stringAttribute(node: NodeProto, name: string, fallback: string): string {
  return fieldOf(node, name, fallback, ({ s }) => new TextDecoder().decode(s));
}

export function stringsAttribute(node: NodeProto, name: string): string[] {
  return (find(node, name)?.strings ?? []).map((bytes) => new TextDecoder().decode(bytes));
}

export function hasAttribute(node: NodeProto, name: string): boolean {
  return find(node, name) !== undefined;
}

/** The node without some of its attributes. */
export function withoutAttributes(node: NodeProto, ...names: string[]): NodeProto {
  return { ...node, attribute: (node.attribute ?? []).filter(({ name }) => !names.includes(name)) };
}

export function tensorAttribute(node: NodeProto, name: string) {
  return find(node, name)?.t;
}
