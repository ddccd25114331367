/** Values that are known before the model runs: exporters compute shapes, axes and masks from them. */
import { elementCount } from '../layout.ts';
import { elementwise } from './folding/elementwise.ts';
import { rearranging } from './folding/rearranging.ts';
import { reducing } from './folding/reducing.ts';
import type { Rule } from './folding/rule.ts';
import type { GraphContext } from './operators/operator.ts';
import type { NodeProto } from './proto.ts';
import type { ConstantTensor } from './tensor.ts';

const rules: Readonly<Record<string, Rule>> = { ...elementwise, ...rearranging, ...reducing };

/** Values that come from weights are known only where they are as small as a shape is. */
const largestFromWeights = 64;

export interface KnownValues {
  /** Values that depend neither on data nor on weights, and the initializers. */
  constants: ReadonlyMap<string, ConstantTensor>;
  find(name: string): ConstantTensor | undefined;
  /** The node makes this value out of nothing. */
  add(node: NodeProto, value: ConstantTensor): void;
  /** Whether the node's value is constant: it need not run. */
  fold(node: Omit<GraphContext, 'graph'>): boolean;
}

export function createKnownValues(initializers: ReadonlyMap<string, ConstantTensor>): KnownValues {
  const constants = new Map(initializers);
  /** What is computed from initializers of floats, which training may change: their nodes run. */
  const fromWeights = new Map<string, ConstantTensor>();
  const isWeight = (name: string) => initializers.get(name)?.type === 'float32';
  const find = (name: string) => constants.get(name) ?? fromWeights.get(name);

  return {
    constants,
    find,
    add: (node, value) => constants.set(node.output![0]!, value),
    fold(node) {
      const rule = rules[node.node.opType];
      const given = node.inputs.filter((name) => name !== '');
      const values = given.flatMap((name) => find(name) ?? []);
      if (!rule || node.outputs.length !== 1 || values.length < given.length) return false;
      const isConstant = !given.some((name) => isWeight(name) || fromWeights.has(name));
      if (!isConstant && values.some(({ shape }) => elementCount(shape) > largestFromWeights)) return false;
      const value = rule(node, values);
      if (value === undefined) return false;
      (isConstant ? constants : fromWeights).set(node.output, value);
      return isConstant;
    },
  };
}
