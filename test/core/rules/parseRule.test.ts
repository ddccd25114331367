import { expect } from 'chai';
import { parseRule } from '../../../client/core/rules/parseRule.ts';
import { trimCount } from '../../../client/core/rules/rule.ts';
import { codeOf } from '../rounds.ts';

describe('parseRule', () => {
  it('refuses what is no rule and names the field', () => {
    const texts = ['', 'Mean', 'mean:0.1', 'median:', 'krum', 'trimmedMean', 'trimmedMean:', 'trimmedMean:x'];
    for (const text of [...texts, 'trimmedMean:0', 'trimmedMean:0.5', 'trimmedMean:-0.1', 'trimmedMean:0.1:0.1']) {
      expect(
        codeOf(() => parseRule(text)),
        text,
      ).to.equal('CONFIG_INVALID');
    }
    expect(() => parseRule('krum')).to.throw(/^rule: "krum"/);
  });

  it('reads the three rules', () => {
    expect(parseRule('mean')).to.deep.equal({ name: 'mean', trimBasisPoints: 0 });
    expect(parseRule('median')).to.deep.equal({ name: 'median', trimBasisPoints: 0 });
    expect(parseRule('trimmedMean:0.15')).to.deep.equal({ name: 'trimmedMean', trimBasisPoints: 1500 });
    expect(parseRule('trimmedMean:0.4999')).to.deep.equal({ name: 'trimmedMean', trimBasisPoints: 4999 });
  });
});

describe('trimCount', () => {
  it('leaves one value or two to the median, and rounds the share down', () => {
    const counts = (rule: string, inputs: number[]) => inputs.map((n) => trimCount(parseRule(rule), n));
    expect(counts('mean', [1, 5, 100])).to.deep.equal([0, 0, 0]);
    expect(counts('median', [1, 2, 3, 4, 5, 10])).to.deep.equal([0, 0, 1, 1, 2, 4]);
    expect(counts('trimmedMean:0.2', [1, 4, 5, 9, 10, 14, 15])).to.deep.equal([0, 0, 1, 1, 2, 2, 3]);
    expect(counts('trimmedMean:0.4999', [1, 2, 3, 4, 5])).to.deep.equal([0, 0, 1, 1, 2]);
  });
});
