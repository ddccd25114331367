/** What is known of a model before it runs: every value's shape for a batch of a given size, constants, parameters. */
import { TributaryError } from '../../core/errors.ts';
import type { TaskShape } from '../engine.ts';
import { fold } from './fold.ts';
import type { InferenceModel } from './model.ts';
import { describe, type NodeContext, type Operator } from './operators/operator.ts';
import { operators } from './operators/table.ts';
import type { NodeProto } from './proto.ts';
import type { ConstantTensor, Shape } from './tensor.ts';

/** A node of a graph, with its operator and its shapes. */
export interface AnalysedNode extends NodeContext {
  operator: Operator;
  inputs: readonly string[];
  output: string;
  outputShape: Shape;
}

/** A model whose shapes are known. */
export interface Analysis {
  /** The nodes that run, in order. */
  nodes: readonly AnalysedNode[];
  constants: ReadonlyMap<string, ConstantTensor>;
  /** Names of the values that training changes, in the order of the file. */
  parameters: readonly string[];
}

function operatorOf(node: NodeProto): Operator {
  const operator = operators.get(node.opType);
  if (operator) return operator;
  throw new TributaryError(
    'OPERATOR_UNSUPPORTED',
    `${describe(node)} cannot be trained: the operators that can are ${[...operators.keys()].join(', ')}.`,
    { args: { operator: node.opType } },
  );
}

/**
 * A parameter is an initializer of floats of rank 1 or more that a gradient reaches; scalars are constants.
 * Errors: OPERATOR_UNSUPPORTED, MODEL_INVALID, MODEL_MISMATCH.
 */
export function analyse(model: InferenceModel, task: TaskShape, batch: number): Analysis {
  const constants = new Map(model.initializers);
  const shapes = new Map<string, Shape>([[model.input, [batch, ...task.inputShape]]]);
  for (const [name, { shape }] of model.initializers) shapes.set(name, shape);
  const nodes: AnalysedNode[] = [];
  const reached = new Set<string>();

  for (const node of model.nodes) {
    const inputs = node.input ?? [];
    const output = node.output?.[0] ?? '';
    const constant = fold(node, constants, shapes);
    if (constant) {
      constants.set(output, constant);
      shapes.set(output, constant.shape);
      continue;
    }
    const operator = operatorOf(node);
    const unknown = inputs.find((name) => name !== '' && !shapes.has(name));
    if (unknown !== undefined) {
      throw new TributaryError('MODEL_INVALID', `${describe(node)} uses "${unknown}" before anything gives it.`);
    }
    const values = inputs.map((name) => constants.get(name)?.data);
    const context: NodeContext = {
      node,
      shapes: inputs.map((name) => shapes.get(name) ?? []),
      constant: (input) => values[input] && [...values[input]],
    };
    const outputShape = operator.inferShape(context);
    shapes.set(output, outputShape);
    nodes.push({ ...context, operator, inputs, output, outputShape });
    inputs.forEach((name, place) => {
      if (operator.differentiable?.includes(place) ?? true) reached.add(name);
    });
  }
  checkOutput(model, task, batch, shapes.get(model.output));

  const parameters = [...model.initializers]
    .filter(([name, { type, shape }]) => type === 'float32' && shape.length > 0 && reached.has(name))
    .map(([name]) => name);
  return { nodes, constants, parameters };
}

function checkOutput(model: InferenceModel, { inputShape, classes }: TaskShape, batch: number, shape?: Shape): void {
  if (shape?.length === 2 && shape[0] === batch && shape[1] === classes) return;
  const given = shape ? `[${shape}]` : 'nothing';
  throw new TributaryError(
    'MODEL_MISMATCH',
    `For ${batch} samples of shape [${inputShape}] the model's output "${model.output}" is ${given}, but the task wants [${batch},${classes}].`,
    { args: { output: shape } },
  );
}
