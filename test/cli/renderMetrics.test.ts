import { expect } from 'chai';
import { renderMetrics } from '../../client/cli/renderMetrics.ts';
import { createRandom } from '../../client/core/random.ts';
import { measureClasses } from '../../client/training/metrics/ofClasses.ts';
import { measureNumbers } from '../../client/training/metrics/ofNumbers.ts';
import { measureQuestions } from '../../client/training/metrics/ofQuestions.ts';

function random(classes: number, count = 2000) {
  const { float } = createRandom('metrics', classes);
  const names = Array.from({ length: classes }, (_, each) => `a class of a long name, number ${each}`);
  const outputs = Float32Array.from({ length: classes * count }, () => 3 * float());
  const labels = Int32Array.from({ length: count }, () => Math.floor(float() * classes));
  return renderMetrics(measureClasses(outputs, labels, names));
}

describe('metrics for people', () => {
  it('fit 80 columns, whatever the classes: a matrix where there is room, else what is confused most', () => {
    for (const classes of [2, 10, 40]) {
      const text = random(classes);
      expect(Math.max(...text.split('\n').map((line) => line.length)), `${classes}`).to.be.at.most(80);
      expect(text.includes('is \\ predicted'), `${classes}`).to.equal(classes < 40);
    }
    expect(random(40)).to.match(/and \d+ more, which --json lists/);
  });

  it('say what is what, and a dash where nothing can be said', () => {
    const text = renderMetrics(measureClasses(Float32Array.of(2, 0, 3, 1), Int32Array.of(0, 0), ['cat', 'dog']));
    expect(text)
      .to.match(/accuracy +100\.0 %/)
      .and.to.match(/AUC +–/);
    expect(text)
      .to.match(/0 cat +2 +·/)
      .and.to.match(/cat +2 +100\.0 % +100\.0 % +100\.0 %/);
    expect(renderMetrics(measureNumbers(Float32Array.of(1, 2), [3, 5], 1, 10), 'mg/dl')).to.match(
      /RMSE +25\.5 mg\/dl\n +MAE +25 mg\/dl/,
    );
    const questions = renderMetrics(measureQuestions(Float32Array.of(1, -1, -1, 1), [1, 0, 1, 1], ['fever', 'cough']));
    expect(questions)
      .to.match(/fever +2 +100\.0 % +50\.0 %/)
      .and.to.match(/cough +1/);
  });
});
