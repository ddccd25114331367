/** What the gradient builder knows of an ONNX operator. All extents are known: the batch is of a fixed size. */
import { TributaryError } from '../../../core/errors.ts';
import type { GraphBuilder } from '../graph.ts';
import { integerAttribute } from '../node.ts';
import type { NodeProto } from '../proto.ts';
import type { Shape } from '../tensor.ts';

/** Running means and variances of batch normalisations: averaged like weights, or those of the file for ever. */
export type BatchStatistics = 'federated' | 'frozen';

export interface NodeContext {
  node: NodeProto;
  /** Names of the inputs; that of an absent one is ''. */
  inputs: readonly string[];
  /** Shapes of the inputs; that of an absent one is []. */
  shapes: readonly Shape[];
  /** The value of an input that does not depend on the data, for shapes and axes. */
  constant(input: number): readonly number[] | undefined;
  /** Whether an input is one of the tensors that the file holds. */
  isInitializer(input: number): boolean;
  /** Samples in the batch. */
  batch: number;
  batchStatistics: BatchStatistics;
}

/** What an operator may ask of the training loop. */
export interface TrainingLoop {
  /** A random mask of this shape (1 keeps, with probability `keep`; else 0). */
  mask(shape: Shape, keep: number): string;
  /** Each sample's weight in means over the batch, [batch, 1]: they add up to 1. */
  weights: string;
  /** Carries a tensor of the model to the next step, changed. */
  carry(name: string, change: (before: string) => string): void;
}

export interface GraphContext extends NodeContext {
  graph: GraphBuilder;
  outputs: readonly string[];
  outputShapes: readonly Shape[];
  /** The first of `outputs`, and its shape. */
  output: string;
  outputShape: Shape;
}

export interface ForwardContext extends GraphContext {
  loop: TrainingLoop;
}

export interface BackwardContext extends GraphContext {
  /** ∂loss/∂output, of the first output. */
  gradient: string;
  /** ∂loss/∂output of every output; undefined where the loss does not depend on it. */
  gradients: readonly (string | undefined)[];
  /** Whether ∂loss/∂input is needed. */
  wanted(input: number): boolean;
}

export interface Operator {
  /** Places of the inputs that a gradient flows through; all of them when absent. */
  differentiable?: readonly number[] | ((context: NodeContext) => readonly number[]);
  /** The shape of the first output. Errors: MODEL_MISMATCH, OPERATOR_UNSUPPORTED. */
  inferShape(context: NodeContext): Shape;
  /** The shapes of all outputs, where there are several. */
  inferShapes?(context: NodeContext): readonly Shape[];
  /** Names of the inputs that the forward pass itself changes from step to step. */
  statistics?(context: NodeContext): ReadonlyMap<string, 'mean' | 'variance'>;
  /** Adds the operator as it is in training; where absent, the node itself. */
  forward?(context: ForwardContext): void;
  /** ∂loss/∂input for each input, by the chain rule; undefined where it is not wanted. */
  backward(context: BackwardContext): (string | undefined)[];
}

export function describe(node: NodeProto): string {
  return node.name ? `${node.opType} "${node.name}"` : node.opType;
}

export function mismatch(node: NodeProto, reason: string): TributaryError {
  return new TributaryError('MODEL_MISMATCH', `${describe(node)} does not fit the task's shape: ${reason}.`);
}

export function unsupported(node: NodeProto, reason: string): TributaryError {
  return new TributaryError(
    'OPERATOR_UNSUPPORTED',
    `${describe(node)} cannot be trained with ${reason}: export the model without it.`,
    { args: { operator: node.opType } },
  );
}

/** An axis counted from the front. */
export function axisOf(node: NodeProto, axis: number, rank: number): number {
  if (axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  throw mismatch(node, `it has no axis ${axis} among ${rank}`);
}

/** The node's attribute `axis`, among those of its first input. */
export function axisIn({ node, shapes }: NodeContext, fallback: number): number {
  return axisOf(node, integerAttribute(node, 'axis', fallback), shapes[0]!.length);
}

/** Integers that are an input in newer opsets and an attribute in older ones. */
export function integersOf(
  { node, inputs, constant }: NodeContext,
  input: number,
  name: string,
): readonly number[] | undefined {
  if (!inputs[input]) return node.attribute?.find((attribute) => attribute.name === name)?.ints;
  const value = constant(input);
  if (value === undefined) throw unsupported(node, `${name} that depend on the data`);
  return value;
}
