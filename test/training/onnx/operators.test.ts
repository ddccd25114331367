import { expect } from 'chai';
import { operators } from '../../../client/training/onnx/operators/table.ts';
import { unrolled } from '../../../client/training/onnx/recurrent/unroll.ts';
import { createRuntime } from '../../../client/training/onnx/session.ts';
import { checkOperator } from './operatorCheck.ts';
import { activations } from './subjects/activations.ts';
import { arithmetic } from './subjects/arithmetic.ts';
import { linear } from './subjects/linear.ts';
import { moving } from './subjects/moving.ts';
import { normalisations } from './subjects/normalisations.ts';
import { recurrent } from './subjects/recurrent.ts';
import { reductions } from './subjects/reductions.ts';
import type { Subjects } from './subjects/values.ts';
import { windows } from './subjects/windows.ts';

const subjects: Subjects = {
  ...activations,
  ...arithmetic,
  ...linear,
  ...moving,
  ...normalisations,
  ...recurrent,
  ...reductions,
  ...windows,
};

describe('an operator in training against ONNX Runtime: shape, values, and gradient by central differences', () => {
  const runtime = createRuntime();
  after(() => runtime.dispose());

  for (const [operator, cases] of Object.entries(subjects)) {
    for (const [what, subject] of Object.entries(cases)) {
      it(`${operator}: ${what}`, () => checkOperator(runtime, operator, subject));
    }
  }

  it('covers every operator of the table', () => {
    expect([...operators.keys(), ...unrolled].filter((operator) => !(operator in subjects))).to.deep.equal([]);
  });
});
