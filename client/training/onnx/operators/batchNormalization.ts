/**
 * BatchNormalization (Ioffe and Szegedy, https://arxiv.org/abs/1502.03167): X [N, C, …], scale, bias, running mean and
 * running variance [C]. With federated statistics training normalises by the batch and moves the running statistics
 * towards it, as the operator's training mode does; with frozen ones it is an affine map for each channel.
 */
import { elementCount } from '../../layout.ts';
import { float, floatAttribute } from '../node.ts';
import { biasGradient, perChannel } from './convolution.ts';
import { epsilonOf } from './layerNormalization.ts';
import { type Normalized, normalize, normalizeBackward, type Over } from './normalization.ts';
import {
  type BackwardContext,
  type ForwardContext,
  type GraphContext,
  mismatch,
  type NodeContext,
  type Operator,
  unsupported,
} from './operator.ts';

function isFederated({ batchStatistics, isInitializer }: NodeContext): boolean {
  return batchStatistics === 'federated' && isInitializer(3) && isInitializer(4);
}

function ofEachChannel({ graph, inputs, shapes }: GraphContext, input: number): string {
  return graph.add('Reshape', [inputs[input]!, graph.integers(perChannel(shapes[0]!))]);
}

/** Each element's share of its channel's mean: the samples' weights, which leave out what fills up a batch. */
function overBatch({ graph, shapes, batch }: GraphContext, weights: string): Over {
  const [rows, , ...extents] = shapes[0]! as [number, number, ...number[]];
  const each = rows / batch; // rows that one sample has become
  const spread = each === 1 ? weights : graph.add('Expand', [weights, graph.integers([batch, each])]);
  const column = graph.add('Reshape', [spread, graph.integers([rows, 1, ...extents.map(() => 1)])]);
  return {
    axes: [0, ...extents.map((_, axis) => axis + 2)],
    share: graph.scale(column, 1 / (each * elementCount(extents))),
  };
}

/** Names of what the forward pass leaves to the backward pass. */
function kept({ output }: GraphContext) {
  return { value: `${output}/normalized`, inverse: `${output}/inverse`, share: `${output}/share` };
}

function normalizeByBatch(context: ForwardContext): Normalized {
  const { graph, inputs, loop } = context;
  const over = overBatch(context, loop.weights);
  const normalized = normalize(graph, inputs[0]!, over, epsilonOf(context));
  const names = kept(context);
  graph.addNamed('Identity', [normalized.value], [names.value]);
  graph.addNamed('Identity', [normalized.inverse], [names.inverse]);
  graph.addNamed('Identity', [over.share], [names.share]);
  return normalized;
}

function moveStatistics({ graph, node, inputs, shapes, loop }: ForwardContext, { mean, variance }: Normalized): void {
  const momentum = floatAttribute(node, 'momentum', Math.fround(0.9));
  for (const [input, statistic] of [mean, variance].entries()) {
    const ofBatch = graph.add('Reshape', [statistic, graph.integers(shapes[1]!)]);
    loop.carry(inputs[input + 3]!, (before) =>
      graph.add('Add', [graph.scale(before, momentum), graph.scale(ofBatch, 1 - momentum)]),
    );
  }
}

/** x̂ and 1 / √(variance + ε) by the running statistics. */
function normalizeByFile(context: BackwardContext): Pick<Normalized, 'value' | 'inverse'> {
  const { graph, inputs } = context;
  const deviation = graph.add('Sqrt', [
    graph.add('Add', [ofEachChannel(context, 4), graph.scalar(epsilonOf(context))]),
  ]);
  const inverse = graph.add('Reciprocal', [deviation]);
  const centred = graph.add('Sub', [inputs[0]!, ofEachChannel(context, 3)]);
  return { value: graph.add('Mul', [centred, inverse]), inverse };
}

export const batchNormalization: Operator = {
  differentiable: [0, 1, 2],
  statistics: (context) =>
    new Map(
      isFederated(context)
        ? [
            [context.inputs[3]!, 'mean'],
            [context.inputs[4]!, 'variance'],
          ]
        : [],
    ),
  inferShape(context) {
    const { node, shapes, batch } = context;
    const [x = [], ...channels] = shapes;
    const odd = channels.find((shape) => shape.length !== 1 || shape[0] !== x[1]);
    if (odd) throw mismatch(node, `[${odd}] numbers do not fit the channels of [${x}]`);
    if (isFederated(context) && x[0]! % batch !== 0) throw unsupported(node, 'a first axis that is not the batch');
    return x;
  },
  forward(context) {
    const { graph, inputs, output } = context;
    if (!isFederated(context)) {
      return graph.addNamed('BatchNormalization', inputs, [output], { epsilon: float(epsilonOf(context)) });
    }
    const normalized = normalizeByBatch(context);
    moveStatistics(context, normalized);
    const scaled = graph.add('Mul', [normalized.value, ofEachChannel(context, 1)]);
    graph.addNamed('Add', [scaled, ofEachChannel(context, 2)], [output]);
  },
  backward(context) {
    const { graph, shapes, gradient, wanted } = context;
    const isBatch = isFederated(context);
    const { share, ...names } = kept(context);
    const normalized = isBatch ? names : normalizeByFile(context);
    const ofInput = () => {
      const scaled = graph.add('Mul', [gradient, ofEachChannel(context, 1)]);
      const axes = shapes[0]!.flatMap((_, axis) => (axis === 1 ? [] : axis));
      return isBatch
        ? normalizeBackward(graph, normalized, { axes, share }, scaled)
        : graph.add('Mul', [scaled, normalized.inverse]);
    };
    return [
      wanted(0) ? ofInput() : undefined,
      wanted(1) ? biasGradient(graph, graph.add('Mul', [gradient, normalized.value]), shapes[0]!) : undefined,
      wanted(2) ? biasGradient(graph, gradient, shapes[0]!) : undefined,
    ];
  },
};
