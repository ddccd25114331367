/**
 * Reverse-mode derivation (Griewank and Walther, Evaluating Derivatives, chapter 3): the forward nodes in order, then the
 * gradients in reverse, both as standard ONNX operators.
 */
import type { AnalysedNode, Analysis } from './analysis.ts';
import type { GraphBuilder } from './graph.ts';
import type { TrainingLoop } from './operators/operator.ts';

/** Adds the model's nodes as they are in training. */
export function addForward(graph: GraphBuilder, { nodes, constants, parameters }: Analysis, loop: TrainingLoop): void {
  for (const [name, value] of constants) {
    if (!parameters.includes(name)) graph.addNamed('Constant', [], [name], { value: { tensor: value } });
  }
  for (const { operator, ...context } of nodes) {
    if (operator.forward) operator.forward({ ...context, graph, loop });
    else graph.append(context.node);
  }
}

/** ∂loss/∂value for each of `wanted`, given `gradient`, which is ∂loss/∂output. `visit` hears each node with ∂loss/∂output of its own. */
export function addBackward(
  graph: GraphBuilder,
  { nodes }: Analysis,
  output: string,
  gradient: string,
  wanted: readonly string[],
  visit: (node: AnalysedNode, gradient: string) => void = () => undefined,
): Map<string, string> {
  const dependent = new Set(wanted);
  for (const { inputs, outputs, differentiable } of nodes) {
    if (differentiable.some((place) => dependent.has(inputs[place]!))) for (const name of outputs) dependent.add(name);
  }
  const gradients = new Map([[output, gradient]]);
  for (const node of nodes.toReversed()) {
    const { operator, ...context } = node;
    const received = context.outputs.map((name) => gradients.get(name));
    if (!received.some((each) => each !== undefined) || !dependent.has(context.output)) continue;
    const isWanted = (input: number) => context.differentiable.includes(input) && dependent.has(context.inputs[input]!);
    if (received[0] !== undefined) visit(node, received[0]);
    const own = { ...context, graph, gradient: received[0]!, gradients: received, wanted: isWanted };
    operator.backward(own).forEach((contribution, input) => {
      const name = context.inputs[input]!;
      if (contribution === undefined || !isWanted(input)) return;
      const sum = gradients.get(name);
      gradients.set(name, sum === undefined ? contribution : graph.add('Add', [sum, contribution]));
    });
  }
  return gradients;
}
