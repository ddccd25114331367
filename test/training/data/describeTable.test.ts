import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import {
  dataDescriptionSchema,
  labelCountOf,
  shapeOfData,
  type TableDescription,
} from '../../../client/core/data/description.ts';
import { type DescribeOptions, describeData } from '../../../client/training/data/describe.ts';
import { readData } from '../../../client/training/data/source.ts';
import { createFolder } from './folder.ts';
import { expectRejection } from './rejection.ts';

const count = 60;
/** A table of `count` rows: a cell for each row by its number. The label is y. */
const tableOf = (columns: Record<string, (row: number) => string | number>) => {
  const names = Object.keys(columns);
  const rows = Array.from({ length: count }, (_, row) => names.map((name) => columns[name]!(row)).join(';'));
  return [names.join(';'), ...rows].join('\n');
};
const y = (row: number) => (row % 2 === 0 ? 'no' : 'yes');
const level = (row: number) => ((row * 37) % 101) / 10;

describe('the guide to data', () => {
  it('shows a description that a task can have', () => {
    const guide = readFileSync(new URL('../../../docs/data.md', import.meta.url), 'utf8');
    const [description] = [...guide.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => JSON.parse(text!) as object);
    const data = dataDescriptionSchema.parse(description);
    expect([shapeOfData(data), labelCountOf(data)]).to.deep.equal([[5], 2]);
  });
});

describe('describing a table', () => {
  let folder: Awaited<ReturnType<typeof createFolder>>;
  before(async () => {
    folder = await createFolder();
  });
  after(() => folder.remove());

  /** A description always accepts the file that it was made from. */
  async function describeIt(content: string | Uint8Array, options: DescribeOptions = { label: ['y'] }, query = '') {
    const source = `csv:${await folder.write('table.csv', content)}${query}`;
    const { data, questions } = await describeData(source, options);
    const table = data as TableDescription;
    const model = { inputShape: shapeOfData(data), classes: labelCountOf(data) };
    const { dataset, report } = await readData(source.replace(/[?&](label|target|ignore)=[^&]*/g, ''), { model, data });
    const column = (name: string) => table.columns.find((one) => one.name === name) as Record<string, unknown>;
    return { ...table, column, asked: questions.join('\n'), dataset, report };
  }

  it('wants a label that is there and has something to tell apart', async () => {
    const content = tableOf({ x: level, y: () => 'sick' });
    await expectRejection(() => describeIt(content, {}), 'CONFIG_INVALID', /name the column to predict .* x, y\./);
    await expectRejection(() => describeIt(content, { label: ['z'] }), 'DATA_INVALID', /no column "z"/);
    await expectRejection(() => describeIt(content), 'DATA_INVALID', /has only the class sick/);
    await expectRejection(() => describeIt('x;y\n'), 'DATA_EMPTY', /holds no rows/);
    await expectRejection(() => describeIt(tableOf({ y })), 'DATA_INVALID', /no column to learn from/);
    await expectRejection(
      () => describeIt(content, {}, '?label=a&b=1'),
      'CONFIG_INVALID',
      /b: "1" is not one of .*%26/,
    );
  });

  it('gives the columns in order, with constants of the whole file and classes in order', async () => {
    const described = await describeIt(
      tableOf({ b: level, ward: (row) => ['ICU', 'ER'][row % 2]!, y: (row) => 3 - (row % 3), a: level }),
    );
    expect(described.columns.map(({ name, kind }) => [name, kind])).to.deep.equal([
      ['b', 'number'],
      ['ward', 'category'],
      ['a', 'number'],
    ]);
    expect(described.column('ward').values).to.deep.equal(['ER', 'ICU']);
    expect(described.label).to.deep.equal({ kind: 'class', column: 'y', classes: ['1', '2', '3'] });
    const values = Array.from({ length: count }, (_, row) => level(row));
    const mean = values.reduce((a, b) => a + b) / count;
    expect(described.column('a').mean).to.be.closeTo(mean, 1e-5);
    expect(described.asked).to.match(/y: its 3 numbers are classes: or is it a number/);
  });

  it('takes names with any sign, from the options or from the source', async () => {
    const content = tableOf({ x: level, 'CD4+': y, 'R&D': level, 'a%': level });
    for (const [options, query] of [
      [{ label: ['CD4+'], ignore: ['R&D', 'a%'] }, ''],
      [{}, '?label=CD4+&ignore=R%26D&ignore=a%25'],
    ] as const) {
      const { label, ignored, columns } = await describeIt(content, options, query);
      expect(label).to.deep.include({ column: 'CD4+' });
      expect(ignored).to.deep.equal(['R&D', 'a%']);
      expect(columns).to.have.length(1);
    }
  });

  it('may predict a number, or answer several questions', async () => {
    const number = await describeIt(tableOf({ x: level, y: (row) => row * 1.5 }));
    expect(number.label).to.deep.include({ kind: 'number', column: 'y', mean: 44.25 });
    expect(number.asked).to.match(/y: more than 20 different numbers/);
    const small = tableOf({ x: level, y: (row) => row % 3 });
    expect((await describeIt(small, { label: ['y'], target: 'number' })).label.kind).to.equal('number');
    const several = await describeIt(tableOf({ x: level, p: (row) => row % 2, q: (row) => (row >> 1) % 2 }), {
      label: ['p', 'q'],
    });
    expect(several.label).to.deep.equal({ kind: 'labels', columns: ['p', 'q'], values: ['0', '1'] });
    expect(several.dataset.labels).to.have.length(2 * count);
  });

  it('finds out how numbers are written, and asks', async () => {
    const comma = (row: number) => String(level(row)).replace('.', ',');
    const german = await describeIt(tableOf({ x: comma, cost: (row) => `1.${100 + row},50`, y }));
    expect(german.numbers).to.deep.include({ decimal: ',', thousands: '.' });
    expect(german.column('cost').mean).to.be.closeTo(1130, 1);
    expect(german.asked).to.match(/"," before decimals and "\." between thousands/);
    const american = await describeIt(tableOf({ x: (row) => `1,${100 + row}`, y }));
    expect(american.numbers).to.deep.include({ decimal: '.', thousands: ',' });
    const spaced = await describeIt(tableOf({ x: (row) => `\u2212${row}\u00a0${100 + row}`, y }));
    expect(spaced.numbers).to.deep.include({ decimal: '.', thousands: ' ' });
    expect(spaced.column('x').mean).to.be.below(-1000);
    const affixed = await describeIt(tableOf({ x: (row) => `$${level(row)}`, z: (row) => `${row % 50} %`, y }));
    expect(affixed.numbers.affixes).to.have.members(['$', '%']);
    const latin1 = await describeIt(
      Buffer.from(tableOf({ größe: level, y }), 'latin1'),
      { label: ['y'] },
      '?encoding=latin1',
    );
    expect(latin1.columns[0]!.name).to.equal('größe');
  });

  it('refuses letters that another program has garbled', async () => {
    const garbled = /garbled the letters of .*export it again/;
    await expectRejection(() => describeIt(tableOf({ 'gr\ufffd\ufffde': level, y })), 'DATA_INVALID', garbled);
    const cells = tableOf({ x: level, sex: (row) => (row % 2 === 0 ? 'm\ufffdnnlich' : 'w'), y });
    await expectRejection(() => describeIt(cells), 'DATA_INVALID', garbled);
  });

  it('proposes what becomes of missing values, and asks', async () => {
    const every = (text: string) => (row: number) => (row % 7 === 3 ? text : level(row));
    const { column, asked, dataset } = await describeIt(
      tableOf({
        lab: every('NA'),
        ca: every('?'),
        crp: every('-9'),
        ward: (row) => (row % 7 === 3 ? '' : 'ER'),
        hb: level,
        y,
      }),
    );
    expect(column('lab').missing).to.deep.equal({ as: ['', 'NA'], become: 'mean', indicator: true });
    expect(column('ca').missing).to.deep.include({ as: ['', '?'] });
    expect(column('crp').missing).to.deep.include({ as: ['', '-9'], indicator: true });
    expect(column('crp').mean).to.be.above(4);
    expect(column('ward').missing).to.deep.equal({ as: [''], become: 'none', indicator: false });
    expect(dataset.count).to.equal(count);
    expect(asked).to.match(/lab: 9 of 60 values are missing \("NA"\)/);
    expect(asked).to.match(/crp: -9 stands there 9 times, beyond all other values/);
    // a column that goes below 0 may well be -9
    const below = await describeIt(tableOf({ x: (row) => (row % 5 === 0 ? -9 : level(row) - 5), y }));
    expect(below.column('x').missing).to.deep.include({ become: 'refuse' });
  });

  it('counts labels that are missing into what may be skipped', async () => {
    const { maxSkippedShare, report, asked } = await describeIt(
      tableOf({ x: level, y: (row) => (row % 5 === 0 ? '' : y(row)) }),
    );
    expect(report).to.include({ read: 60, used: 48 });
    expect(maxSkippedShare).to.be.within(0.2, 0.25);
    expect(asked).to.match(/y: 12 of 60 labels are missing/);
  });

  it('leaves texts texts that JavaScript would take for numbers', async () => {
    const pick = (values: string[]) => (row: number) => values[row % values.length]!;
    const { column, asked } = await describeIt(
      tableOf({
        well: pick(['1E5', '0x1F', '0b101', 'A1']),
        zip: pick(['01067', '10115', '80331']),
        blood: pick(['A', '0', 'B']),
        code: pick(['4E1', '5E2', '7E0']),
        y,
      }),
    );
    expect(column('well').values).to.deep.equal(['0b101', '0x1F', '1E5', 'A1']);
    expect(column('zip').values).to.deep.equal(['01067', '10115', '80331']);
    expect(asked).to.match(/zip: values such as 01067 have leading zeros/);
    expect(asked).to.match(/blood: 0 beside texts such as A/);
    expect(asked).to.match(/code: texts such as 4E1 are read as numbers: are they codes/);
  });

  it('ignores names, dates, free text and indices, and asks about what may be one', async () => {
    const { ignored, asked } = await describeIt(
      tableOf({
        '': (row) => row,
        id: (row) => row + 1,
        patient: (row) => `P-${row}`,
        admitted: (row) => `2024-01-${10 + (row % 20)}`,
        geboren: (row) => `${1 + (row % 28)}.3.1960`,
        stage: (row) => row % 4,
        x: level,
        y,
      }),
    );
    expect(ignored).to.have.members(['id', 'patient', 'admitted', 'geboren']);
    for (const sentence of [
      /without a name/,
      /id: it counts the rows/,
      /patient: every value is another/,
      /admitted: it holds dates/,
    ]) {
      expect(asked).to.match(sentence);
    }
    expect(asked).to.match(/stage: only 4 different whole numbers: are they codes/);
  });

  it('does not let standardising make something enormous of a rare value', async () => {
    const rare = (row: number) => (row === 7 ? 3 : 0);
    const { column, dataset, asked } = await describeIt(
      tableOf({ rare, always: () => 5, flag: (row) => (row === 9 ? 1 : 0), x: level, y }),
    );
    for (const name of ['rare', 'flag']) expect(column(name).scaling, name).to.equal('range');
    expect(column('always').scaling).to.equal('range');
    expect(Math.max(...dataset.features)).to.be.below(3);
    expect(asked).to.match(/rare: nearly all values are the same; standardising would make 7\.\d+ of a rare one/);
    expect(asked).to.match(/always: every value is 5/);
    const pixel = (at: number) => (row: number) => (at < 3 ? (row === 5 ? at : 0) : (row * at * 31) % 250);
    const series = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`pixel${at}`, pixel(at)]));
    const pixels = await describeIt(tableOf({ ...series, y }));
    for (const one of pixels.columns) expect(one).to.deep.include({ scaling: 'range', range: [0, 255] });
    expect(Math.max(...pixels.dataset.features)).to.be.at.most(1);
    expect(pixels.asked.match(/columns like it/g)).to.have.length(1);
  });

  it('says units that the names or the values give away', async () => {
    const around = (mean: number) => (row: number) => (mean + level(row) / 10).toFixed(2);
    const { column, asked } = await describeIt(
      tableOf({
        'Größe (cm)': around(170),
        'CRP mg/l': around(5),
        glucose: around(6),
        'glucose (mg/dl)': around(5.5),
        y,
      }),
    );
    expect(column('Größe (cm)').unit).to.equal('cm');
    expect(column('CRP mg/l').unit).to.equal('mg/l');
    expect(column('glucose').unit).to.equal('mmol/l');
    expect(asked).to.match(/glucose \(mg\/dl\): the name says mg\/dl, but the mean [56](\.\d+)? looks like mmol\/l/);
  });
});
