/**
 * Reverse-mode derivation (Griewank and Walther, Evaluating Derivatives, chapter 3): the forward nodes in order, then the
 * gradients in reverse, both as standard ONNX operators.
 */
import type { Analysis } from './analysis.ts';
import type { GraphBuilder } from './graph.ts';
import type { Shape } from './tensor.ts';

/** Adds the model's nodes as they are in training. `mask` gives random masks for dropout. */
export function addForward(
  graph: GraphBuilder,
  { nodes, constants, parameters }: Analysis,
  mask: (shape: Shape, keep: number) => string,
): void {
  for (const [name, value] of constants) {
    if (!parameters.includes(name)) graph.addNamed('Constant', [], [name], { value: { tensor: value } });
  }
  for (const { operator, ...context } of nodes) {
    if (operator.forward) operator.forward({ ...context, graph, mask });
    else graph.append(context.node);
  }
}

/** ∂loss/∂value for each of `wanted`, given `gradient`, which is ∂loss/∂output. */
export function addBackward(
  graph: GraphBuilder,
  { nodes }: Analysis,
  output: string,
  gradient: string,
  wanted: readonly string[],
): Map<string, string> {
  const dependent = new Set(wanted);
  for (const { operator, inputs, output: result } of nodes) {
    const depends = (name: string, place: number) =>
      dependent.has(name) && (operator.differentiable?.includes(place) ?? true);
    if (inputs.some(depends)) dependent.add(result);
  }
  const gradients = new Map([[output, gradient]]);
  for (const { operator, ...context } of nodes.toReversed()) {
    const received = gradients.get(context.output);
    if (received === undefined || !dependent.has(context.output)) continue;
    const isWanted = (input: number) => dependent.has(context.inputs[input]!);
    operator.backward({ ...context, graph, gradient: received, wanted: isWanted }).forEach((contribution, input) => {
      const name = context.inputs[input]!;
      if (contribution === undefined || !isWanted(input)) return;
      const sum = gradients.get(name);
      gradients.set(name, sum === undefined ? contribution : graph.add('Add', [sum, contribution]));
    });
  }
  return gradients;
}
