import { float } from '../../../../client/training/onnx/node.ts';
import type { Subjects } from './values.ts';

export const linear: Subjects = {
  Einsum: {
    'product of matrices': {
      inputs: [
        [2, 3],
        [3, 4],
      ],
      attributes: { equation: 'ij,jk->ik' },
    },
    'attention scores': {
      inputs: [
        [2, 3, 2, 4],
        [2, 5, 2, 4],
      ],
      attributes: { equation: 'bqhd,bkhd->bhqk' },
    },
    'without an arrow, with spaces': {
      inputs: [
        [2, 3],
        [3, 4],
      ],
      attributes: { equation: 'ij, jk' },
    },
    'without an arrow, in the alphabet’s order': {
      inputs: [
        [2, 3],
        [3, 4],
      ],
      attributes: { equation: 'zj,ja' },
    },
    'outer product': { inputs: [[2], [3]], attributes: { equation: 'i,j->ij' } },
    'an index that only one has is summed': {
      inputs: [
        [2, 3],
        [2, 4],
      ],
      attributes: { equation: 'ij,ik->ik' },
    },
    'one operand, transposed and summed': { inputs: [[2, 3, 4]], attributes: { equation: 'ijk->kj' } },
  },
  Gemm: {
    'plain, with bias': { inputs: [[3, 4], [4, 5], [5]] },
    'B transposed, alpha and beta': {
      attributes: { transB: 1, alpha: float(0.5), beta: float(-1.5) },
      inputs: [
        [3, 4],
        [5, 4],
        [1, 5],
      ],
    },
    'A transposed, alpha': {
      attributes: { transA: 1, alpha: float(2) },
      inputs: [
        [3, 6],
        [3, 5],
      ],
    },
    'both transposed, bias by row': {
      attributes: { transA: 1, transB: 1, alpha: float(3), beta: float(2) },
      inputs: [
        [3, 6],
        [5, 3],
        [6, 1],
      ],
    },
    'a scalar bias': { inputs: [[3, 4], [4, 5], []] },
  },
  MatMul: {
    matrices: {
      inputs: [
        [3, 4],
        [4, 2],
      ],
    },
    'a batch with one matrix': {
      inputs: [
        [2, 3, 4],
        [4, 5],
      ],
    },
    'one matrix with a batch': {
      inputs: [
        [3, 4],
        [2, 4, 5],
      ],
    },
    'a batch with a broadcast batch': {
      inputs: [
        [2, 3, 2, 4],
        [1, 4, 3],
      ],
    },
    'a matrix with a vector': { inputs: [[3, 4], [4]] },
    'a vector with a matrix': { inputs: [[4], [4, 3]] },
    'a batch with a vector': { inputs: [[2, 3, 4], [4]] },
    'a vector with a batch': { inputs: [[4], [2, 4, 3]] },
    'two vectors': { inputs: [[4], [4]] },
  },
};
