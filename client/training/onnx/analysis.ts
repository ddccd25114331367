/** What is known of a model before it runs: every value's shape for a batch of a given size, constants, parameters. */
import { TributaryError } from '../../core/errors.ts';
import type { TaskShape } from '../engine.ts';
import { createKnownValues } from './fold.ts';
import { made, make } from './folding/making.ts';
import type { InferenceModel } from './model.ts';
import { type BatchStatistics, describe, type NodeContext, type Operator } from './operators/operator.ts';
import { operators, refused } from './operators/table.ts';
import type { NodeProto } from './proto.ts';
import { unroll } from './recurrent/unroll.ts';
import type { ConstantTensor, Shape } from './tensor.ts';

/** A node of a graph, with its operator and its shapes. */
export interface AnalysedNode extends NodeContext {
  operator: Operator;
  /** Places of the inputs that a gradient flows through. */
  differentiable: readonly number[];
  outputs: readonly string[];
  outputShapes: readonly Shape[];
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
  /** Those of the parameters that the forward pass changes, not a gradient. */
  statistics: ReadonlyMap<string, 'mean' | 'variance'>;
}

function operatorOf(node: NodeProto): Operator {
  const operator = operators.get(node.opType);
  if (operator) return operator;
  const advice =
    (made.includes(node.opType) ? 'its value depends on the data' : refused.get(node.opType)) ??
    'docs/operators.md lists the operators that can, write it out in those';
  throw new TributaryError('OPERATOR_UNSUPPORTED', `${describe(node)} cannot be trained: ${advice}.`, {
    args: { operator: node.opType },
  });
}

/** Names of the values that a gradient of the output reaches. */
function reachedFrom(output: string, nodes: readonly AnalysedNode[]): Set<string> {
  const reached = new Set([output]);
  for (const { inputs, outputs, differentiable } of nodes.toReversed()) {
    if (outputs.some((name) => reached.has(name))) for (const place of differentiable) reached.add(inputs[place] ?? '');
  }
  return reached;
}

/** What is added to scores so that some count for nothing: 0 and −∞. */
function isMask(data: ConstantTensor['data']): boolean {
  const none = Number.NEGATIVE_INFINITY;
  return data.includes(none) && data.every((value) => value === 0 || value === none);
}

/**
 * A parameter is an initializer of floats of rank 1 or more that a gradient of the output reaches, or a statistic that the
 * forward pass keeps; scalars are constants.
 * Errors: OPERATOR_UNSUPPORTED, MODEL_INVALID, MODEL_MISMATCH.
 */
export function analyse(
  model: InferenceModel,
  task: TaskShape,
  batch: number,
  batchStatistics: BatchStatistics = 'federated',
): Analysis {
  const known = createKnownValues(model.initializers);
  const shapes = new Map<string, Shape>([[model.input, [batch, ...task.inputShape]]]);
  for (const [name, { shape }] of model.initializers) shapes.set(name, shape);
  const nodes: AnalysedNode[] = [];

  const add = (node: NodeProto) => {
    const value = make(node, shapes, known.find);
    if (value) {
      known.add(node, value);
      shapes.set(node.output![0]!, value.shape);
      return;
    }
    const analysed = analyseNode(node, {
      shapes,
      batch,
      batchStatistics,
      find: known.find,
      initializers: model.initializers,
    });
    analysed.outputShapes.forEach((shape, place) => {
      shapes.set(analysed.outputs[place] ?? '', shape);
    });
    if (!known.fold(analysed)) nodes.push(analysed);
  };
  for (const node of model.nodes) for (const each of unroll(node, shapes) ?? [node]) add(each);
  checkOutput(model, task, batch, shapes.get(model.output));

  const reached = reachedFrom(model.output, nodes);
  const statistics = new Map(nodes.flatMap((node) => [...(node.operator.statistics?.(node) ?? [])]));
  const isParameter = (name: string) => reached.has(name) || statistics.has(name);
  const parameters = [...model.initializers]
    .filter(([name, { type, shape }]) => type === 'float32' && shape.length > 0 && isParameter(name))
    .filter(([, { data }]) => !isMask(data))
    .map(([name]) => name);
  return { nodes, constants: known.constants, parameters, statistics };
}

interface Surroundings extends Pick<NodeContext, 'batch' | 'batchStatistics'> {
  shapes: ReadonlyMap<string, Shape>;
  initializers: InferenceModel['initializers'];
  find(name: string): ConstantTensor | undefined;
}

function analyseNode(node: NodeProto, { shapes, find, initializers, ...terms }: Surroundings): AnalysedNode {
  const operator = operatorOf(node);
  const inputs = node.input ?? [];
  const unknown = inputs.find((name) => name !== '' && !shapes.has(name));
  if (unknown !== undefined) {
    throw new TributaryError(
      'MODEL_INVALID',
      `${describe(node)} uses "${unknown}", which nothing before it gives, or which is a further output that cannot be trained.`,
    );
  }
  const context: NodeContext = {
    node,
    inputs,
    shapes: inputs.map((name) => shapes.get(name) ?? []),
    constant(input) {
      const value = find(inputs[input] ?? '');
      return value && [...value.data];
    },
    isInitializer: (input) => initializers.has(inputs[input] ?? ''),
    ...terms,
  };
  const outputShapes = operator.inferShapes?.(context) ?? [operator.inferShape(context)];
  const { differentiable = inputs.map((_, place) => place) } = operator;
  const outputs = node.output ?? [];
  return {
    ...context,
    operator,
    differentiable: typeof differentiable === 'function' ? differentiable(context) : differentiable,
    outputs,
    outputShapes,
    output: outputs[0] ?? '',
    outputShape: outputShapes[0]!,
  };
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
