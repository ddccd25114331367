import { expect } from 'chai';
import {
  type DataDescription,
  dataDescriptionSchema,
  federatedPlaces,
  shapeOfData,
  type TableDescription,
  withComputedConstants,
} from '../../client/core/data/description.ts';

const label = { kind: 'class', column: 'y', classes: ['no', 'yes'] };
const raw = { kind: 'number', name: 'x', scaling: 'none' };
const ward = { kind: 'category', name: 'ward', values: ['ER', 'ICU'] };
const table = (columns: object[], more: object = {}) => ({ kind: 'table', columns, label, ...more });

describe('what a task says of its data', () => {
  const complaints = (data: object) =>
    dataDescriptionSchema.safeParse(data).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

  it('is refused where one field of it speaks against another', () => {
    const number = (more: object) => table([ward, { ...raw, ...more }]);
    const category = (more: object) => table([{ ...ward, ...more }]);
    const classes = (names: string[]) => table([raw], { label: { ...label, classes: names } });
    const normalisation = { mean: [0, 0], standardDeviation: [1, 1] };
    const images = { kind: 'images', channels: 3, height: 2, width: 2, classes: ['a', 'b'] };
    const vectors = { kind: 'vectors', shape: [1, 2], range: [0, 1], classes: ['0', '1'] };
    const wrong: [object, string][] = [
      [number({ scaling: 'standardise', standardDeviation: 1 }), 'columns.1.mean: is missing: standardising wants it'],
      [number({ scaling: 'standardise', mean: 1 }), 'columns.1.standardDeviation: is missing: standardising wants it'],
      [number({ scaling: 'range' }), 'columns.1.range: is missing: scaling "range" wants it'],
      [number({ scaling: 'federated' }), 'columns.1.range: is missing: scaling "federated" wants it'],
      [number({ missing: { become: 'median' } }), 'columns.1.median: is missing: a missing value is to become it'],
      [number({ missing: { become: 'mean' } }), 'columns.1.mean: is missing: a missing value is to become it'],
      [
        category({ encoding: 'index', missing: { become: 'none' } }),
        'columns.0.missing.become: "none" has no place among the values: let it become one of them',
      ],
      [
        category({ missing: { become: { value: 'er' } } }),
        'columns.0.missing.become: "er" is none of the column\'s values',
      ],
      [category({ values: ['1', 'a', '1.0'] }), 'columns.0.values: "1" stands there twice'],
      [table([raw], { ignored: ['y'] }), 'columns: "y" stands there twice'],
      [classes(['no', 'no ']), 'label.classes: "no " stands there twice'],
      [classes(['-1', '\u22121']), 'label.classes: "-1" stands there twice'],
      [{ ...images, normalisation }, 'normalisation: wants 3 means and standard deviations'],
      [{ ...vectors, normalisation }, 'normalisation: wants 1 means and standard deviations'],
      [{ ...vectors, classes: ['0', '0'] }, 'classes: "0" stands there twice'],
    ];
    for (const [data, message] of wrong) expect(complaints(data)).to.deep.equal([message]);
    for (const data of [
      number({ scaling: 'federated', range: [0, 1], missing: { become: 'mean' } }),
      classes(['1', '01', '1 0']),
      { ...images, normalisation: { mean: [0, 0, 0], standardDeviation: [1, 1, 1] } },
    ]) {
      expect(complaints(data)).to.equal(undefined);
    }
  });

  it('says which features the federation scales, and takes what it has computed for them in that order', () => {
    const federated = (name: string, more: object = {}) => ({
      ...raw,
      ...{ name, scaling: 'federated', range: [0, 10], ...more },
    });
    const columns = [
      { ...ward, missing: { become: 'none', indicator: true } },
      federated('a', { missing: { become: 'mean', indicator: true } }),
      raw,
      federated('b'),
    ];
    const data = dataDescriptionSchema.parse(table(columns)) as TableDescription;
    expect(shapeOfData(data)).to.deep.equal([7]);
    expect(federatedPlaces(data)).to.deep.equal([3, 6]);
    const constantsOf = (described: DataDescription) =>
      (described as TableDescription).columns.map((column) =>
        column.kind === 'number' ? [column.mean, column.standardDeviation] : [],
      );
    const computed = { mean: [0.25, -0.5], standardDeviation: [0.5, 2] };
    const unknown = [undefined, undefined];
    expect(constantsOf(withComputedConstants(data, computed))).to.deep.equal([[], [0.25, 0.5], unknown, [-0.5, 2]]);
    expect(constantsOf(withComputedConstants(data, undefined))).to.deep.equal([[], [0, 1], unknown, [0, 1]]);
  });
});
