import { expect } from 'chai';
import { type NumberColumn, numberColumnSchema } from '../../../client/core/data/columns.ts';
import { createRandom } from '../../../client/core/random.ts';
import { Tally } from '../../../client/training/data/table/tally.ts';
import { findOtherUnits } from '../../../client/training/data/table/units.ts';

const describedAs = (more: object): NumberColumn => numberColumnSchema.parse({ kind: 'number', name: 'v', ...more });

/** What is said of `count` numbers around a mean. */
function findingOf(column: NumberColumn, mean: number, deviation: number, count = 50) {
  const random = createRandom('units', mean, deviation);
  const tally = new Tally();
  const [low, high] = column.range ?? [-Infinity, Infinity];
  for (let i = 0; i < count; i++) {
    const value = mean + deviation * random.normal();
    tally.add(value);
    if (value < low || value > high) tally.outside++;
  }
  return findOtherUnits([column], [tally])[0];
}

describe('a column in another unit than the task’s', () => {
  const cases: [
    what: string,
    unit: string | undefined,
    task: [number, number],
    site: [number, number],
    pair: RegExp,
  ][] = [
    ['glucose', 'mg/dl', [118, 35], [6.5, 1.9], /mmol\/l where the task has mg\/dl/],
    ['glucose, the other way', 'mmol/l', [6.5, 1.9], [118, 35], /mg\/dl where the task has mmol\/l/],
    ['cholesterol', 'mg/dl', [200, 40], [5.2, 1], /mmol\/l where/],
    ['creatinine', 'µmol/l', [85, 25], [0.96, 0.3], /mg\/dl where the task has µmol\/l/],
    ['bilirubin without a unit', undefined, [12, 9], [0.7, 0.5], /looks like/],
    ['temperature', '°C', [37, 0.6], [98.6, 1.1], /°F where the task has °C/],
    ['weight', 'kg', [78, 15], [172, 33], /lb where the task has kg/],
    ['height', 'cm', [171, 10], [67.3, 4], /in where the task has cm/],
    ['height in metres', 'cm', [171, 10], [1.71, 0.1], /m where the task has cm/],
    ['haemoglobin', 'g/dl', [13.5, 1.6], [135, 16], /g\/l where the task has g\/dl/],
    ['HbA1c', '%', [6.5, 1.2], [47.5, 13], /mmol\/mol where the task has %/],
    ['area without a unit', undefined, [655, 350], [6.55, 3.5], /looks like/],
  ];
  for (const [what, unit, [mean, standardDeviation], [siteMean, siteDeviation], pair] of cases) {
    it(`is found: ${what}`, () => {
      const column = describedAs({ mean, standardDeviation, ...(unit !== undefined && { unit }) });
      const finding = findingOf(column, siteMean, siteDeviation)!;
      expect(finding.isOtherUnit).to.equal(true);
      expect(finding.sentence)
        .to.match(/^"v" has the mean .* in the task: it looks like /)
        .and.to.match(pair);
      expect(findingOf(column, mean, standardDeviation)).to.equal(undefined);
    });
  }

  it('is found by the range where the task has no constants', () => {
    const column = describedAs({ scaling: 'federated', range: [40, 500], unit: 'mg/dl' });
    expect(findingOf(column, 6.5, 1.5)).to.deep.include({ isOtherUnit: true });
    expect(findingOf(column, 120, 30)).to.equal(undefined);
  });

  it('is not seen in a site that is one-sided, nearly empty, or of other patients', () => {
    const glucose = describedAs({ mean: 118, standardDeviation: 35, unit: 'mg/dl' });
    expect(findingOf(glucose, 150, 5)).to.equal(undefined); // a ward of the sick
    const visits = describedAs({ mean: 0.3, standardDeviation: 1 });
    expect(findingOf(visits, 0.002, 0.04)).to.equal(undefined);
    expect(findingOf(describedAs({ mean: 0.5, standardDeviation: 0.5 }), 0, 0)).to.equal(undefined);
    const weight = describedAs({ mean: 75, standardDeviation: 15, unit: 'kg' });
    expect(findingOf(weight, 28, 9)).to.deep.include({ isOtherUnit: false }); // children: a remark
    expect(findingOf(weight, 28, 9)!.sentence).to.match(/is its unit the task's\?$/);
  });

  it('is not said of one patient, who may be anybody', () => {
    const glucose = describedAs({ mean: 118, standardDeviation: 35, unit: 'mg/dl' });
    expect(findingOf(glucose, 6.5, 0, 1)?.isOtherUnit ?? false).to.equal(false);
  });
});
