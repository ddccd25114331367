/** A graph while it is rewritten: passes change it in place and say what they changed. */
import { TributaryError } from '../../../core/errors.ts';
import { createNode } from '../node.ts';
import type { NodeProto } from '../proto.ts';
import { type ConstantTensor, floatTensor, integerTensor } from '../tensor.ts';

export interface Draft {
  input: string;
  output: string;
  nodes: NodeProto[];
  initializers: Map<string, ConstantTensor>;
  opset: number;
  /** A sentence for each thing that is no longer as in the file. */
  changes: string[];
  /** Names of the initializers that were values of Constant nodes. */
  fromNodes: Set<string>;
}

export function invalid(reason: string, cause?: unknown): TributaryError {
  return new TributaryError('MODEL_INVALID', `The ONNX model cannot be used: ${reason}.`, { cause });
}

/** A name that no value of the draft has. */
export function freshName({ nodes, initializers, input }: Draft, hint: string): string {
  const taken = new Set([input, ...initializers.keys(), ...nodes.flatMap(({ output }) => output ?? [])]);
  for (let count = 0; ; count++) {
    const name = count === 0 ? hint : `${hint}.${count}`;
    if (!taken.has(name)) return name;
  }
}

/** Adds a number that belongs to a formula. */
export function addScalar(draft: Draft, hint: string, value: number): string {
  const name = freshName(draft, hint);
  draft.initializers.set(name, floatTensor([], [value]));
  draft.fromNodes.add(name);
  return name;
}

/** Adds a list of int64: axes, a shape, positions. */
export function addIntegers(draft: Draft, hint: string, values: readonly number[]): string {
  const name = freshName(draft, hint);
  draft.initializers.set(name, integerTensor([values.length], values));
  return name;
}

export function addFloats(draft: Draft, hint: string, shape: readonly number[], values: readonly number[]): string {
  const name = freshName(draft, hint);
  draft.initializers.set(name, floatTensor(shape, values));
  return name;
}

/** Replaces each node by what `rule` gives for it, or keeps it where that is undefined. */
export function rewrite(draft: Draft, rule: (node: NodeProto) => readonly NodeProto[] | undefined): void {
  draft.nodes = draft.nodes.flatMap((node) => rule(node) ?? [node]);
}

/** Whoever used `from` uses `to`. */
export function replaceValue(draft: Draft, from: string, to: string): void {
  const replaced = (name: string) => (name === from ? to : name);
  rewrite(draft, (node) => (node.input?.includes(from) ? [{ ...node, input: node.input.map(replaced) }] : undefined));
  draft.output = replaced(draft.output);
}

export function producerOf({ nodes }: Pick<Draft, 'nodes'>, value: string): NodeProto | undefined {
  return nodes.find(({ output }) => output?.includes(value));
}

/** The nodes that `output` depends on. */
export function neededFor(nodes: readonly NodeProto[], output: string): NodeProto[] {
  const needed = new Set([output]);
  const kept = nodes.toReversed().filter((node) => {
    if (!node.output?.some((name) => needed.has(name))) return false;
    for (const name of node.input ?? []) needed.add(name);
    return true;
  });
  return kept.reverse();
}

/** Drops what the output does not depend on. */
export function prune(draft: Draft): void {
  draft.nodes = neededFor(draft.nodes, draft.output);
  const used = new Set([draft.output, ...draft.nodes.flatMap(({ input }) => input ?? [])]);
  for (const name of [...draft.initializers.keys()]) if (!used.has(name)) draft.initializers.delete(name);
}

/** A node that keeps the name of the one it takes the place of. */
export function inPlaceOf(
  { name, output }: NodeProto,
  opType: string,
  input: readonly string[],
  attributes: Parameters<typeof createNode>[3] = {},
): NodeProto {
  return { ...createNode(opType, input, [output![0]!], attributes), ...(name && { name }) };
}
