import { expect } from 'chai';
import type { Loss } from '../../../client/training/engine.ts';
import { answersOf } from '../../../client/training/predict/answers.ts';

describe('answers of a task that does not describe its data', () => {
  const answer = (loss: Loss, classes: number, outputs: number[]) =>
    answersOf(
      { outputs: { type: 'float32', data: Float32Array.from(outputs), dims: [1, outputs.length] } },
      { data: undefined, loss, classes },
      [undefined],
    )[0]!;

  it('are made of what it was trained to give', () => {
    const logit = Math.log(3);
    const binary = answer('binaryCrossEntropy', 2, [logit]) as { label: string; probabilities: Record<string, number> };
    expect(binary.label).to.equal('1');
    expect(binary.probabilities['0']).to.be.closeTo(0.25, 1e-6);
    expect(binary.probabilities['1']).to.be.closeTo(0.75, 1e-6);
    const classes = answer('softmaxCrossEntropy', 2, [logit, 0]) as typeof binary;
    expect(classes.label).to.equal('0');
    expect(classes.probabilities['0']).to.be.closeTo(0.75, 1e-6);
    const questions = answer('multiLabelCrossEntropy', 2, [logit, -logit]) as typeof binary;
    expect(questions).not.to.have.property('label');
    expect(questions.probabilities['0']).to.be.closeTo(0.75, 1e-6);
    expect(questions.probabilities['1']).to.be.closeTo(0.25, 1e-6);
    expect(answer('huberError', 1, [2.5])).to.deep.equal({ predictions: { '0': 2.5 } });
  });
});
