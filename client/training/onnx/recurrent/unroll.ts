/**
 * LSTM, GRU and RNN as the standard operators of their steps, one after the other: X [time, batch, I] and, for each
 * direction, W [directions, gates · H, I], R [directions, gates · H, H], B [directions, 2 · gates · H].
 */
import { createGraph, type GraphBuilder, splitInto } from '../graph.ts';
import { createNode, floatAttribute, integerAttribute, stringAttribute, stringsAttribute } from '../node.ts';
import { mismatch, unsupported } from '../operators/operator.ts';
import type { NodeProto } from '../proto.ts';
import { floatTensor, readTensor, type Shape } from '../tensor.ts';
import { type Cell, type CellState, type CellWeights, gru, gruResetAfter, lstm, rnn } from './cells.ts';

const cells: Readonly<Record<string, (node: NodeProto) => Cell>> = {
  GRU: (node) => (integerAttribute(node, 'linear_before_reset', 0) === 1 ? gruResetAfter : gru),
  LSTM: () => lstm,
  RNN: () => rnn,
};

/** Operators that are unrolled. */
export const unrolled: readonly string[] = Object.keys(cells);

/** Each step becomes a dozen nodes. */
const mostSteps = 1024;

interface Sequence {
  steps: number;
  batch: number;
  width: number;
  size: number;
  /** Whether each direction goes from the end to the beginning. */
  reversed: readonly boolean[];
}

/** Errors: OPERATOR_UNSUPPORTED, MODEL_MISMATCH. */
function sequenceOf(node: NodeProto, { activations }: Cell, shapes: ReadonlyMap<string, Shape>): Sequence {
  const [x, , r] = (node.input ?? []).map((name) => shapes.get(name));
  if (x?.length !== 3 || r?.length !== 3) throw mismatch(node, `it wants sequences [time, batch, numbers], not [${x}]`);
  const [steps, batch, width] = x as [number, number, number];
  const direction = stringAttribute(node, 'direction', 'forward');
  const reversed = { forward: [false], reverse: [true], bidirectional: [false, true] }[direction];
  const given = stringsAttribute(node, 'activations');
  const isUsual = given.every((name, place) => name === activations[place % activations.length]);
  if (!reversed || !isUsual) throw unsupported(node, `the functions ${given.join(', ')}`);
  if (node.input?.[4]) throw unsupported(node, 'lengths of its own for each sequence');
  if (node.opType === 'LSTM' && node.input?.[7]) throw unsupported(node, 'peepholes');
  if (integerAttribute(node, 'input_forget', 0) !== 0) throw unsupported(node, 'coupled input and forget gates');
  if (integerAttribute(node, 'layout', 0) !== 0) throw unsupported(node, 'the batch as its first axis');
  if (floatAttribute(node, 'clip', 0) !== 0) throw unsupported(node, 'clipped gates');
  if (steps > mostSteps) throw unsupported(node, `sequences of more than ${mostSteps} steps`);
  return { steps, batch, width, size: r[2]!, reversed };
}

/** One direction's part of an input, without the axis of directions. */
function part(graph: GraphBuilder, value: string, direction: number): string {
  const index = graph.constant({ type: 'int64', shape: [], data: Float64Array.of(direction) });
  return graph.add('Gather', [value, index], { axis: 0 });
}

interface Run {
  /** In the order of time, each [batch, H]. */
  hidden: string[];
  last: CellState;
}

function runDirection(graph: GraphBuilder, node: NodeProto, cell: Cell, sequence: Sequence, direction: number): Run {
  const { steps, batch, width, size, reversed } = sequence;
  const [x, w, r, b, , hidden, start] = node.input as [string, string, string, ...(string | undefined)[]];
  const zeros = (shape: Shape) => graph.constant(floatTensor(shape, Array(shape[0]! * (shape[1] ?? 1)).fill(0)));
  const length = cell.gates * size;
  const [wb, rb] = b
    ? splitInto(graph, part(graph, b, direction), [length, length], 0)
    : [zeros([length]), zeros([length])];
  const weights: CellWeights = { w: part(graph, w, direction), r: part(graph, r, direction), wb: wb!, rb: rb! };
  const initial = (given: string | undefined) => (given ? part(graph, given, direction) : zeros([batch, size]));

  const rows = graph.add('Reshape', [x, graph.integers([steps * batch, width])]);
  const projected = graph.add('Gemm', [rows, weights.w, cell.inputBias(graph, weights)], { transB: 1 });
  const inputs = splitInto(graph, projected, Array<number>(steps).fill(batch), 0);
  if (reversed[direction]) inputs.reverse();
  let state: CellState = { hidden: initial(hidden), cell: initial(cell === lstm ? start : undefined) };
  const all = inputs.map((input) => {
    state = cell.step(graph, input, state, weights, size);
    return state.hidden;
  });
  if (reversed[direction]) all.reverse();
  return { hidden: all, last: state };
}

function stack(graph: GraphBuilder, values: readonly string[], shape: Shape, axis: number): string {
  const apart = values.map((value) => graph.add('Reshape', [value, graph.integers(shape)]));
  return graph.add('Concat', apart, { axis });
}

/** The nodes that compute what the node does; undefined where it is none of these. Errors: OPERATOR_UNSUPPORTED, MODEL_MISMATCH. */
export function unroll(node: NodeProto, shapes: ReadonlyMap<string, Shape>): NodeProto[] | undefined {
  const cell = cells[node.opType]?.(node);
  if (!cell) return undefined;
  const sequence = sequenceOf(node, cell, shapes);
  const { batch, size, reversed } = sequence;
  const graph = createGraph(`${node.output!.find((name) => name !== '')}/`);
  const runs = reversed.map((_, direction) => runDirection(graph, node, cell, sequence, direction));
  const makers = [
    () => {
      const directions = runs.map(({ hidden }) => stack(graph, hidden, [1, 1, batch, size], 0));
      return graph.add('Concat', directions, { axis: 1 });
    },
    () =>
      stack(
        graph,
        runs.map(({ last }) => last.hidden),
        [1, batch, size],
        0,
      ),
    () =>
      stack(
        graph,
        runs.map(({ last }) => last.cell),
        [1, batch, size],
        0,
      ),
  ];
  const outputs = (node.output ?? []).flatMap((name, place) => {
    if (name === '') return [];
    graph.addNamed('Identity', [makers[place]!()], [name]);
    return [{ name }];
  });
  const { node: nodes = [], initializer = [] } = graph.build('unrolled', [], outputs);
  const constants = initializer.map((proto) =>
    createNode('Constant', [], [proto.name!], { value: { tensor: readTensor(proto) } }),
  );
  return [...constants, ...nodes];
}
