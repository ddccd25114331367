/**
 * The squared norm of each sample's gradient of one tensor of weights, without the gradients themselves where that is less work ("ghost
 * norms": Goodfellow, https://arxiv.org/abs/1510.01799; Li et al., https://arxiv.org/abs/2110.05679, section 4).
 */
import { TributaryError } from '../../../core/errors.ts';
import { elementCount } from '../../layout.ts';
import type { AnalysedNode } from '../analysis.ts';
import type { GraphBuilder } from '../graph.ts';
import { floatAttribute } from '../node.ts';
import { correlate, groupsOf, perChannel, swapFirstTwo } from '../operators/convolution.ts';
import { describe } from '../operators/operator.ts';
import { resolveWindow } from '../operators/window.ts';
import type { Shape } from '../tensor.ts';

/** Squared norms, [batch, 1], of the gradients of the node's input at `place`, where `gradient` is that of its output. Errors: OPERATOR_UNSUPPORTED. */
export function squaredNorms(graph: GraphBuilder, node: AnalysedNode, place: number, gradient: string): string {
  const { opType } = node.node;
  const [data] = node.inputs as [string];
  if (opType === 'Gemm' && place === 1) {
    const alpha = floatAttribute(node.node, 'alpha', 1);
    const product = graph.add('Mul', [
      rowSums(graph, data, node.shapes[0]!),
      rowSums(graph, gradient, node.outputShape),
    ]);
    return graph.scale(product, alpha ** 2);
  }
  if (opType === 'Gemm' && place === 2) {
    return graph.scale(ofBroadcast(graph, node, place, gradient), floatAttribute(node.node, 'beta', 1) ** 2);
  }
  if (opType === 'MatMul' && place === 1 && node.shapes[1]!.length === 2) return ofMatMul(graph, node, gradient);
  if (opType === 'Conv' && place === 1) return ofKernels(graph, node, gradient);
  if ((opType === 'Conv' && place === 2) || opType === 'Add' || opType === 'Sub' || opType === 'Sum') {
    return ofBroadcast(graph, node, place, gradient);
  }
  if (opType === 'Mul') return ofBroadcast(graph, node, place, graph.add('Mul', [gradient, node.inputs[1 - place]!]));
  throw new TributaryError(
    'OPERATOR_UNSUPPORTED',
    `The gradient that one sample gives the weights of ${describe(node.node)} cannot be clipped by itself: freeze "${node.inputs[place]}" (model.tensors), or train without --record-dp.`,
    { args: { operator: opType, tensor: node.inputs[place] } },
  );
}

/** Σ x² of each sample: [batch, 1] */
function rowSums(graph: GraphBuilder, value: string, shape: Shape): string {
  const rows = graph.add('Reshape', [value, graph.integers([shape[0]!, elementCount(shape.slice(1))])]);
  return graph.add('ReduceSumSquare', [rows, graph.integers([1])], { keepdims: 1 });
}

/** Where the weights are added to every sample alike: the gradient, summed over the axes along which they were spread, is theirs. */
function ofBroadcast(graph: GraphBuilder, node: AnalysedNode, place: number, gradient: string): string {
  const shape = node.outputShape;
  // a convolution's bias has the channels' axis alone
  const own: Shape = node.node.opType === 'Conv' ? perChannel(shape) : node.shapes[place]!;
  const missing = shape.length - own.length;
  const spread = shape.flatMap((extent, axis) => {
    const isOwn = axis >= missing && own[axis - missing] !== 1;
    return axis > 0 && !isOwn && extent !== 1 ? axis : [];
  });
  const summed =
    spread.length === 0 ? gradient : graph.add('ReduceSum', [gradient, graph.integers(spread)], { keepdims: 1 });
  return rowSums(
    graph,
    summed,
    shape.map((extent, axis) => (spread.includes(axis) ? 1 : extent)),
  );
}

/** X [batch, …, T, k] times W [k, m]: ‖Σ xᵗ gᵗ‖² is Σ (xᵗ·xᵘ)(gᵗ·gᵘ), or is computed as it stands, whichever is less. */
function ofMatMul(graph: GraphBuilder, { inputs, shapes, outputShape }: AnalysedNode, gradient: string): string {
  const [x, w] = shapes as [Shape, Shape];
  const [k, m] = w as [number, number];
  const [batch] = x as [number];
  const rows = elementCount(x.slice(1)) / k;
  const data = graph.add('Reshape', [inputs[0]!, graph.integers([batch, rows, k])]);
  const slopes = graph.add('Reshape', [gradient, graph.integers([batch, rows, m])]);
  const turned = (value: string) => graph.add('Transpose', [value], { perm: [0, 2, 1] });
  if (rows === 1) return graph.add('Mul', [rowSums(graph, inputs[0]!, x), rowSums(graph, gradient, outputShape)]);
  if (rows * rows >= k * m) {
    return rowSums(graph, graph.add('MatMul', [turned(data), slopes]), [batch, k, m]);
  }
  const products = [data, slopes].map((value) => graph.add('MatMul', [value, turned(value)]));
  const flat = graph.add('Reshape', [graph.add('Mul', products), graph.integers([batch, rows * rows])]);
  return graph.add('ReduceSum', [flat, graph.integers([1])], { keepdims: 1 });
}

/** One convolution for all: the samples are its groups, each the correlation of its own input and gradient. */
function ofKernels(graph: GraphBuilder, node: AnalysedNode, gradient: string): string {
  const { inputs, shapes, outputShape } = node;
  const [x, w] = shapes as [Shape, Shape];
  const [batch, channels, ...extents] = x as [number, number, ...number[]];
  const groups = groupsOf(node);
  const slid = resolveWindow(node.node, x, w.slice(2));
  const [each, kernels] = [channels / groups, w[0]! / groups];
  // [groups of all samples × kernels, 1, …outputs] slide over [each channel as a batch, groups of all samples, …]
  const own = graph.add('Reshape', [inputs[0]!, graph.integers([batch * groups, each, ...extents])]);
  const wide = swapFirstTwo(graph, own, x.length);
  const narrow = graph.add('Reshape', [
    gradient,
    graph.integers([batch * groups * kernels, 1, ...outputShape.slice(2)]),
  ]);
  const correlation = correlate(graph, wide, narrow, batch * groups, slid);
  // [each, batch × groups × kernels, …kernel]
  const apart = graph.add('Reshape', [
    correlation,
    graph.integers([each, batch, groups * kernels * elementCount(slid.kernel)]),
  ]);
  const byKernels = graph.add('ReduceSumSquare', [apart, graph.integers([0, 2])], { keepdims: 0 });
  return graph.add('Reshape', [byKernels, graph.integers([batch, 1])]);
}
