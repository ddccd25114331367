/** Matrix products: Gemm and MatMul. */
import { reduceTo } from '../graph.ts';
import { float, floatAttribute, integerAttribute } from '../node.ts';
import type { Shape } from '../tensor.ts';
import { broadcast } from './arithmetic.ts';
import { type BackwardContext, mismatch, type Operator } from './operator.ts';

/** Y = alpha · op(A) · op(B) + beta · C */
export const gemm: Operator = {
  inferShape({ node, shapes }) {
    const [a = [], b = []] = shapes;
    if (a.length !== 2 || b.length !== 2) throw mismatch(node, `it multiplies matrices, not [${a}] and [${b}]`);
    const transA = integerAttribute(node, 'transA', 0);
    const transB = integerAttribute(node, 'transB', 0);
    if (a[1 - transA] !== b[transB]) throw mismatch(node, `it cannot multiply [${a}] and [${b}]`);
    return [a[transA]!, b[1 - transB]!];
  },
  backward({ graph, node, inputs, shapes, outputShape, gradient, wanted }) {
    const [a, b, c] = inputs as [string, string, string?];
    const transA = integerAttribute(node, 'transA', 0);
    const transB = integerAttribute(node, 'transB', 0);
    const alpha = float(floatAttribute(node, 'alpha', 1));
    const product = (left: string, right: string, leftTransposed: number, rightTransposed: number) =>
      graph.add('Gemm', [left, right], { transA: leftTransposed, transB: rightTransposed, alpha });
    const gradientOfA = () => (transA ? product(b, gradient, transB, 1) : product(gradient, b, 0, 1 - transB));
    const gradientOfB = () => (transB ? product(gradient, a, 1, transA) : product(a, gradient, 1 - transA, 0));
    const gradientOfC = () =>
      graph.scale(reduceTo(graph, gradient, outputShape, shapes[2]!), floatAttribute(node, 'beta', 1));
    return [
      wanted(0) ? gradientOfA() : undefined,
      wanted(1) ? gradientOfB() : undefined,
      c && wanted(2) ? gradientOfC() : undefined,
    ];
  },
};

function swapLastTwo(shape: Shape): number[] {
  const axes = shape.map((_, axis) => axis);
  return [...axes.slice(0, -2), axes.length - 1, axes.length - 2];
}

/** As NumPy has it, a vector on the left is a row, one on the right a column. */
function matrices([a = [], b = []]: readonly Shape[]): [Shape, Shape] {
  return [a.length === 1 ? [1, ...a] : a, b.length === 1 ? [...b, 1] : b];
}

function batchedGradients({ graph, inputs, shapes, gradient, wanted, node }: BackwardContext) {
  const reshape = (value: string, from: Shape, to: Shape) =>
    from.length === to.length ? value : graph.add('Reshape', [value, graph.integers(to)]);
  const [shapeA, shapeB] = matrices(shapes);
  const a = reshape(inputs[0]!, shapes[0]!, shapeA);
  const b = reshape(inputs[1]!, shapes[1]!, shapeB);
  const batch = broadcast(node, shapeA.slice(0, -2), shapeB.slice(0, -2));
  const whole = [...batch, shapeA.at(-2)!, shapeB.at(-1)!];
  const g = shapes.some((shape) => shape.length === 1)
    ? graph.add('Reshape', [gradient, graph.integers(whole)])
    : gradient;
  const transpose = (value: string, shape: Shape) => graph.add('Transpose', [value], { perm: swapLastTwo(shape) });
  const gradientOfA = () => {
    const product = graph.add('MatMul', [g, transpose(b, shapeB)]);
    return reshape(reduceTo(graph, product, [...batch, ...shapeA.slice(-2)], shapeA), shapeA, shapes[0]!);
  };
  const gradientOfB = () => {
    const product = graph.add('MatMul', [transpose(a, shapeA), g]);
    return reshape(reduceTo(graph, product, [...batch, ...shapeB.slice(-2)], shapeB), shapeB, shapes[1]!);
  };
  return [wanted(0) ? gradientOfA() : undefined, wanted(1) ? gradientOfB() : undefined];
}

export const matMul: Operator = {
  inferShape({ node, shapes }) {
    const [a = [], b = []] = shapes;
    const [left, right] = matrices(shapes);
    if (a.length === 0 || b.length === 0 || left.at(-1) !== right.at(-2)) {
      throw mismatch(node, `it cannot multiply [${a}] and [${b}]`);
    }
    const rows = a.length === 1 ? [] : [left.at(-2)!];
    const columns = b.length === 1 ? [] : [right.at(-1)!];
    return [...broadcast(node, left.slice(0, -2), right.slice(0, -2)), ...rows, ...columns];
  },
  backward(context) {
    const { graph, inputs, shapes, gradient, wanted } = context;
    if (shapes.some((shape) => shape.length !== 2)) return batchedGradients(context);
    const [a, b] = inputs as [string, string];
    return [
      wanted(0) ? graph.add('Gemm', [gradient, b], { transB: 1 }) : undefined,
      wanted(1) ? graph.add('Gemm', [a, gradient], { transA: 1 }) : undefined,
    ];
  },
};
