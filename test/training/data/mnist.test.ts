import { createRequire } from 'node:module';
import { expect } from 'chai';
import { checkSamples } from '../../../client/training/data/dataset.ts';
import { loadMnistDigits, parsePixels } from '../../../client/training/data/mnist.ts';

describe('the bundled digits', () => {
  it('are 10,000 of all ten classes, each pixel a byte over 255', async () => {
    const digits = await loadMnistDigits();
    checkSamples(digits);
    expect(digits.count).to.equal(10_000);
    expect(digits.inputShape).to.deep.equal([1, 28, 28]);
    const counts = new Array<number>(10).fill(0);
    for (const label of digits.labels) counts[label]!++;
    expect(counts).to.deep.equal([1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]);
    expect(digits.features.every((value) => value === Math.fround(Math.round(value * 255) / 255))).to.equal(true);
    expect(Math.max(...digits.features.subarray(0, 784))).to.be.within(0.9, 1);
  });

  it('agree with JSON.parse to the three decimals of the package', async () => {
    const raw = createRequire(import.meta.url)('mnist/src/digits/5.json').data as number[];
    const digits = await loadMnistDigits();
    const start = digits.labels.indexOf(5) * 784;
    const furthest = raw.reduce((most, value, i) => Math.max(most, Math.abs(value - digits.features[start + i]!)), 0);
    expect(raw).to.have.length(863 * 784);
    expect(furthest).to.be.below(0.000501);
  });

  it('are refused where the JSON is not as expected', () => {
    const parse = (json: string) => parsePixels(new TextEncoder().encode(json));
    expect(() => parse('{ "data": [0,1e3] }')).to.throw(/holds the byte 101/);
    expect(() => parse('{ "data": [0,1,0.5] }')).to.throw(/holds 3 pixels/);
  });
});
