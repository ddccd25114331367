/** `tributary evaluate` by every metric, on the digits. */
import { expect } from 'chai';
import { exportRandomModel } from './exported.ts';
import { tributary } from './tributary.ts';

describe('tributary evaluate', () => {
  it('prints the metrics, with a confusion matrix of 80 columns, and all of them as JSON', async () => {
    const { folder } = await exportRandomModel(undefined, { inputShape: [784], classes: 10 });
    const args = ['evaluate', '--checkpoint', 'checkpoint.json', '--source', 'mnist?set=heldOut&heldOut=0.05'];
    const [text, json] = await Promise.all([tributary(args, {}, folder), tributary([...args, '--json'], {}, folder)]);
    expect(text.code, text.stderr).to.equal(0);
    expect(text.stdout)
      .to.match(/classifies \d+\.\d % of \d+ samples rightly/)
      .and.to.include('is \\ predicted');
    expect(Math.max(...text.stdout.split('\n').map((line) => line.length))).to.be.at.most(80);
    const { accuracy, loss, samples, metrics } = JSON.parse(json.stdout);
    expect(samples).to.be.within(450, 550);
    expect(metrics.accuracy).to.be.closeTo(accuracy, 1e-12);
    expect(metrics.logLoss).to.be.closeTo(loss, 1e-5);
    expect(metrics.perClass).to.have.length(10);
    expect(metrics.confusion.flat().reduce((sum: number, count: number) => sum + count, 0)).to.equal(samples);
  });
});
