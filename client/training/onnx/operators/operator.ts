/** What the gradient builder knows of an ONNX operator. All extents are known: the batch is of a fixed size. */
import { TributaryError } from '../../../core/errors.ts';
import type { GraphBuilder } from '../graph.ts';
import type { NodeProto } from '../proto.ts';
import type { Shape } from '../tensor.ts';

export interface NodeContext {
  node: NodeProto;
  /** Shapes of the inputs; that of an absent one is []. */
  shapes: readonly Shape[];
  /** The value of an input that does not depend on the data or on parameters, for shapes and axes. */
  constant(input: number): readonly number[] | undefined;
}

export interface ForwardContext extends NodeContext {
  graph: GraphBuilder;
  inputs: readonly string[];
  output: string;
  outputShape: Shape;
  /** Dropout only: asks the training loop for a random mask of this shape (1 keeps, with probability `keep`; else 0). */
  mask(shape: Shape, keep: number): string;
}

export interface BackwardContext extends Omit<ForwardContext, 'mask'> {
  /** ∂loss/∂output */
  gradient: string;
  /** Whether ∂loss/∂input is needed. */
  wanted(input: number): boolean;
}

export interface Operator {
  /** Places of the inputs that a gradient flows through; all of them when absent. */
  differentiable?: readonly number[];
  /** The shape of the output. Errors: MODEL_MISMATCH, OPERATOR_UNSUPPORTED. */
  inferShape(context: NodeContext): Shape;
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
