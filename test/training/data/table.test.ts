import { expect } from 'chai';
import { dataDescriptionSchema, type TableDescription } from '../../../client/core/data/description.ts';
import { createSkips } from '../../../client/training/data/report.ts';
import { parseTableFormat } from '../../../client/training/data/table/format.ts';
import { Growing } from '../../../client/training/data/table/growing.ts';
import { readTable } from '../../../client/training/data/table/readTable.ts';
import { createFolder } from './folder.ts';
import { expectRejection } from './rejection.ts';

const label = { kind: 'class', column: 'y', classes: ['no', 'yes'] };
const raw = (name: string, more: object = {}) => ({ kind: 'number', name, scaling: 'none', ...more });
const describedAs = (more: object): TableDescription =>
  dataDescriptionSchema.parse({ kind: 'table', label, ...more }) as TableDescription;

describe('a table', () => {
  let folder: Awaited<ReturnType<typeof createFolder>>;
  before(async () => {
    folder = await createFolder();
  });
  after(() => folder.remove());

  async function read(content: string | Uint8Array, description: object, options: Record<string, string> = {}) {
    const path = await folder.write('table.csv', content);
    const skips = createSkips();
    const format = parseTableFormat(new Map(Object.entries(options)));
    const table = await readTable(path, describedAs(description), format, skips);
    return { ...table, skipped: skips.skipped, remarks: skips.remarks };
  }
  const valuesOf = async (...args: Parameters<typeof read>) => [...(await read(...args)).features];
  const x = { columns: [raw('x')] };
  const skippedOf = async (cell: string, column: object) => {
    const { skipped } = await read(`x,y\n"${cell}",no\n`, { columns: [column] });
    return skipped[0]?.reason;
  };

  it('that is not there, is a folder, empty, or no text is refused', async () => {
    const load = (path: string) => () => readTable(path, describedAs(x), {}, createSkips());
    await expectRejection(load(`${folder.path}/none.csv`), 'DATA_INVALID', /There is no file .*none\.csv/);
    await expectRejection(load(folder.path), 'DATA_INVALID', /EISDIR/);
    await expectRejection(() => read('', x), 'DATA_EMPTY', /holds no rows/);
    await expectRejection(() => read(Uint8Array.of(0x50, 0x4b, 3, 4, 0), x), 'DATA_INVALID', /Excel workbook/);
    await expectRejection(() => read('x,y\n1\0,no\n', x), 'DATA_INVALID', /no text/);
  });

  it('without a column that the task asks for is refused, and so is one that has it twice', async () => {
    await expectRejection(
      () => read('age,y\n1,no\n', x),
      'DATA_INVALID',
      /no column "x", which the task asks for; its columns are: age, y\./,
    );
    await expectRejection(() => read('X,y\n1,no\n', x), 'DATA_INVALID', /is it "X"\? Rename it/);
    await expectRejection(() => read('x,x,y\n1,2,no\n', x), 'DATA_INVALID', /two columns named "x"/);
    await expectRejection(() => read('x\n1\n', x), 'DATA_INVALID', /no column "y"/);
  });

  it('gives columns by name, whatever their order and whatever else is there', async () => {
    const { features, labels, remarks } = await read('z,y,b,a,\n7,yes,2,1,\n7,no,4,3,\n', {
      columns: [raw('a'), raw('b')],
    });
    expect([...features]).to.deep.equal([1, 2, 3, 4]);
    expect([...labels]).to.deep.equal([1, 0]);
    expect(remarks).to.deep.equal([
      'The task does not use the columns z.',
      'Column 5 has no name and is not used.',
      'The columns stand in another order than in the task: they were taken by name.',
    ]);
    const ignored = await read('z,x,y\n7,1,no\n', { ...x, ignored: ['z'] });
    expect(ignored.remarks).to.deep.equal([]);
  });

  it('scales by the task’s constants alone, one row as many', async () => {
    const columns = [
      raw('a', { scaling: 'standardise', mean: 100, standardDeviation: 20 }),
      raw('b', { scaling: 'range', range: [0, 8] }),
      raw('c', { scaling: 'federated', range: [10, 30] }),
      raw('d'),
    ];
    const one = await valuesOf('a,b,c,d,y\n150,2,15,7,no\n', { columns });
    expect(one).to.deep.equal([2.5, 0.25, -0.5, 7]);
    const two = await valuesOf('a,b,c,d,y\n150,2,15,7,no\n80,8,30,-1,no\n', { columns });
    expect(two).to.deep.equal([...one, -1, 1, 1, -1]);
  });

  it('makes of a missing value what the task says, the indicator last', async () => {
    const as = ['', '?', '-9'];
    const missing = (become: unknown, indicator = false) => ({ missing: { as, become, indicator } });
    const of = (scaling: object) =>
      raw('x', { mean: 10, standardDeviation: 2, median: 11, range: [0, 20], ...scaling });
    const cases: [object, number[]][] = [
      [of({ scaling: 'standardise', ...missing('mean', true) }), [0, 1]],
      [of({ scaling: 'standardise', ...missing('median') }), [0.5]],
      [of({ scaling: 'standardise', ...missing(14) }), [2]],
      [of({ scaling: 'range', ...missing('mean') }), [0.5]],
      [of({ scaling: 'federated', ...missing('mean', true) }), [Number.NaN, 1]],
      [of({ scaling: 'federated', ...missing(20) }), [1]],
    ];
    for (const [column, expected] of cases) {
      for (const cell of ['', ' ', '?', '-9', '-9.0', '\u22129']) {
        const { features, missingAsNaN, skipped } = await read(`x,y\n${cell},no\n`, { columns: [column] });
        expect([...features], cell).to.deep.equal(expected);
        expect(missingAsNaN ?? false).to.equal(Number.isNaN(expected[0]));
        expect(skipped).to.deep.equal([]);
      }
    }
    expect(await skippedOf('?', of(missing('refuse')))).to.equal('"x" is missing');
    expect(await skippedOf('', raw('x', { missing: { as: ['NA'] } }))).to.equal('"x" is empty');
  });

  it('makes features of categories, and skips values that the task does not know', async () => {
    const category = (more: object = {}) => ({
      columns: [{ kind: 'category', name: 'x', values: ['A', 'caf\u00e9', '3'], ...more }],
    });
    const content = 'x,y\ncafe\u0301,no\n A ,no\n3.0,no\n';
    expect(await valuesOf(content, category())).to.deep.equal([0, 1, 0, 1, 0, 0, 0, 0, 1]);
    expect(await valuesOf(content, category({ encoding: 'index' }))).to.deep.equal([1, 0, 2]);
    const missing = (become: unknown) => category({ missing: { as: ['', '?'], become, indicator: true } });
    expect(await valuesOf('x,y\n?,no\nA,no\n', missing('none'))).to.deep.equal([0, 0, 0, 1, 1, 0, 0, 0]);
    expect(await valuesOf('x,y\n,no\n', missing({ value: 'A' }))).to.deep.equal([1, 0, 0, 1]);
    const given = { columns: [...category().columns, raw('n')] };
    expect(await valuesOf('x,n,y\nA,old,no\n3,1,no\n', given)).to.deep.equal([0, 0, 1, 1]); // nothing is left of the first
    const quoted = { values: ['a""b', 'a"b'], encoding: 'index' };
    expect(await valuesOf('x,y\na""b,no\n"a""b",no\na""b,no\n', category(quoted))).to.deep.equal([0, 1, 0]);
    expect(await valuesOf('x,y\n"a""b",no\na""b,no\n', category(quoted))).to.deep.equal([1, 0]);
    const unknown = await read('x,y\nAB,no\nA,no\na,no\n', category());
    expect([...unknown.features]).to.deep.equal([1, 0, 0]);
    expect(unknown.skipped).to.deep.equal([
      {
        reason: '"x" is none of the values A, caf\u00e9, 3',
        count: 2,
        first: ['row 2, column "x": "AB"', 'row 4, column "x": "a"'],
      },
    ]);
  });

  it('has the classes of the task, whatever is in the file: numbers by value, texts by text', async () => {
    const classes = (names: string[]) => ({ ...x, label: { kind: 'class', column: 'y', classes: names } });
    const labelsOf = async (cells: string[], names: string[]) => {
      const content = `x,y\n${cells.map((cell) => `1,${cell}\n`).join('')}`;
      const { labels, skipped } = await read(content, classes(names));
      return [[...labels], skipped.map(({ count }) => count)];
    };
    expect(await labelsOf(['2', '1.0', '3.00'], ['1', '2', '3'])).to.deep.equal([[1, 0, 2], []]);
    expect(await labelsOf(['0.0', '2'], ['0', '1', '2'])).to.deep.equal([[0, 2], []]);
    expect(await labelsOf(['-1', '+1', '\u22121'], ['1', '-1'])).to.deep.equal([[1, 0, 1], []]);
    expect(await labelsOf(['sick ', 'healthy'], ['healthy', 'sick'])).to.deep.equal([[1, 0], []]);
    expect(await labelsOf(['Sick', '1', 'true', ''], ['healthy', 'sick'])).to.deep.equal([[], [3, 1]]);
    expect(await labelsOf(['01'], ['0', '1'])).to.deep.equal([[], [1]]);
  });

  it('may have numbers, or several questions, as its label', async () => {
    const number = { kind: 'number', column: 'y', mean: 10, standardDeviation: 4, range: [0, 100] };
    const target = await read('x,y\n1,12\n1,\n1,101\n1,4\n', { ...x, label: number });
    expect(target.labels).to.deep.equal(Float32Array.of(0.5, -1.5));
    expect(target.skipped.map(({ reason }) => reason)).to.have.members([
      '"y" is missing',
      '"y" is outside of 0 to 100',
    ]);
    const questions = { kind: 'labels', columns: ['p', 'q'], values: ['no', 'yes'] };
    const answers = await read('q,x,p\nyes,1,no\nno,1,yes\nmaybe,1,no\n', { ...x, label: questions });
    expect(answers.labels).to.deep.equal(Float32Array.of(0, 1, 1, 0));
    expect(answers).to.include({ count: 2, classes: 2 });
    expect(answers.skipped[0]!.first).to.deep.equal(['row 4, column "q": "maybe"']);
  });

  it('takes decimal notation for numbers and nothing else', async () => {
    const accepted: [string, number][] = [
      ['1e5', 100_000],
      ['.5', 0.5],
      ['5.', 5],
      ['+3', 3],
      ['-0.25', -0.25],
      ['\u22124', -4],
      ['\u00a07\u00a0', 7],
      ['12345678901234567890', 12_345_678_901_234_567_000],
      ['0.1234567890123456789', 0.123456789012345],
      ['0', 0],
    ];
    for (const [cell, value] of accepted) {
      expect(await valuesOf(`x,y\n${cell},no\n`, x), cell).to.deep.equal([Math.fround(value)]);
    }
    for (const cell of [
      '0x1F',
      '0b101',
      '0o17',
      '1e-400',
      '1e39',
      'NaN',
      '-Infinity',
      '1 2',
      '--1',
      '1-',
      'e5',
      '.',
      '-',
    ]) {
      expect(await skippedOf(cell, raw('x')), cell).to.match(/^"x" is /);
    }
    for (const cell of ['01067', '007', '-01', '00.5']) {
      expect(await skippedOf(cell, raw('x')), cell).to.match(/^"x" (has leading zeros|is no number)/);
    }
    expect(await skippedOf('3,5', raw('x'))).to.equal('"x" is a number only where the source says decimal=,');
    expect(await skippedOf('$5', raw('x'))).to.match(/numbers\.affixes/);
    const edge = '40.315907590230715'; // the fast path is off by its last digit
    expect(await skippedOf(edge, raw('x', { range: [0, Number(edge)] }))).to.equal(undefined);
    expect(await skippedOf('121', raw('x', { range: [0, 120], unit: 'a' }))).to.equal('"x" is outside of 0 to 120 a');
  });

  it('reads numbers as the task or the source says they are written', async () => {
    const german = { ...x, numbers: { decimal: ',', thousands: '.' } };
    expect(await valuesOf('x;y\n1.234,5;no\n-0,5;no\n1.234.567;no\n', german)).to.deep.equal([1234.5, -0.5, 1234567]);
    expect((await read('x;y\n1.23;no\n', german)).skipped).to.have.length(1);
    expect(await valuesOf('x;y\n"1,234.5";no\n', german, { decimal: '.', thousands: ',' })).to.deep.equal([1234.5]);
    expect(await valuesOf('x,y\n1\u202f234,no\n-1 000,no\n', x, { thousands: 'space' })).to.deep.equal([1234, -1000]);
    expect(await valuesOf("x,y\n1'234,no\n", x, { thousands: "'" })).to.deep.equal([1234]);
    const affixes = { ...x, numbers: { affixes: ['%', '$', '\u20ac'] } };
    expect(await valuesOf('x,y\n10%,no\n$5,no\n-$5,no\n7 \u20ac,no\n', affixes)).to.deep.equal([10, 5, -5, 7]);
  });

  it('is read in its own encoding, and bytes of another are refused with the row', async () => {
    const columns = {
      columns: [raw('Gr\u00f6\u00dfe')],
      label: { kind: 'class', column: 'y', classes: ['gesund', 'm\u00e4nnlich'] },
    };
    const text = 'Gr\u00f6\u00dfe,y\r\n1,m\u00e4nnlich\r\n';
    const latin1 = Buffer.from(text, 'latin1');
    const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
    const bodies: [Uint8Array, Record<string, string>][] = [
      [Buffer.from(text), {}],
      [Buffer.from(`\ufeff${text}`), { encoding: 'windows-1252' }],
      [Buffer.from(text.normalize('NFD')), {}],
      [latin1, { encoding: 'windows-1252' }],
      [latin1, { encoding: 'latin1' }],
      [utf16, {}],
      [utf16.subarray(2), {}],
      [Buffer.from(utf16).swap16(), {}],
    ];
    for (const [bytes, options] of bodies) {
      const { labels } = await read(bytes, columns, options);
      expect([...labels]).to.deep.equal([1]);
    }
    await expectRejection(
      () => read(latin1, columns),
      'DATA_INVALID',
      /row 1 holds bytes that are not utf-8.*windows-1252/,
    );
    const late = Buffer.concat([Buffer.from(text), Buffer.from('2,m\u00e4nnlich\n', 'latin1')]);
    await expectRejection(() => read(late, columns), 'DATA_INVALID', /row 3 holds bytes/);
  });

  it('may have any line ends, delimiters, a line that names one, blanks, quotes and trailing delimiters', async () => {
    const columns = { columns: [raw('a;b'), raw('x')] };
    const expected = [1, 2, 3, 4];
    for (const content of [
      '"a;b";x;y\n1;2;no\n3;4;no\n',
      '\uFEFF "a;b" ; x ;y\r\n\r\n 1 ;"2";no\r\n3;4;"no"',
      'sep=;\r\n"a;b";x;y\r\n1;2;no\r\n;;\r\n3;4;no\r\n',
      '"a;b"\tx\ty\r1\t2\tno\r3\t4\tno\r',
      '"a;b",x,y,\n1,2,no,\n3,4,no,\n',
      '"a;b"|x|y\n1|2|no||\n3|4|no\n',
    ]) {
      expect(await valuesOf(content, columns), content).to.deep.equal(expected);
    }
    expect(await valuesOf('x~y\n1~no\n', x, { delimiter: '~' })).to.deep.equal([1]);
  });

  it('counts rows as an editor does, and skips those that are not of the header’s shape', async () => {
    const note = { columns: [raw('x'), { kind: 'category', name: 'note', values: ['a\nb', 'c"d', '5\'0"', 'ok'] }] };
    const { count, skipped } = await read(
      'x,note,y\n1,"a\nb",no\nold,ok,no\n2,"c""d",no\n3,5\'0",no\n4,"open,no\n5,ok,no\n6,ok\n7,8,ok,no\n9,ok,no\n',
      note,
    );
    expect(count).to.equal(5);
    const first = Object.fromEntries(skipped.map(({ reason, first }) => [reason.slice(0, 20), first[0]]));
    expect(first).to.deep.equal({
      '"x" is no number': 'row 4, column "x": "old"',
      'a quotation mark ope': 'row 7',
      'the row has fewer ce': 'row 9',
      'the row has more cel': 'row 10',
    });
  });

  it('is the same whatever chunks it comes in', async () => {
    const rows = Array.from({ length: 200_000 }, (_, i) => `${i},"text ${i % 7}",${i % 2 === 0 ? 'no' : 'yes'}\r\n`);
    const { features, labels, count } = await read(`x,"t",y\r\n${rows.join('')}`, x);
    expect(count).to.equal(200_000);
    expect(features.every((value, i) => value === i)).to.equal(true);
    expect(labels.every((value, i) => value === i % 2)).to.equal(true);
  });

  it('grows over several blocks, also where a row is given up after it was begun', () => {
    const width = 2 ** 19; // two rows a block
    const givenUp = 9;
    const rows = new Growing(Float32Array, width);
    for (const value of [1, givenUp, 2, givenUp, givenUp, 3, 4, 5]) {
      const at = rows.reserve();
      rows.block.fill(value, at, at + width);
      if (value !== givenUp) rows.count++;
    }
    const whole = rows.whole();
    expect(whole).to.have.length(5 * width);
    expect(whole.every((value, at) => value === 1 + Math.floor(at / width))).to.equal(true);
  });

  it('says how the values of a column lie', async () => {
    const column = raw('x', { unit: 'kg', range: [0, 10], mean: 4, standardDeviation: 2, missing: { become: 'mean' } });
    const { columns } = await read('x,y\n1,no\n3,no\n,no\n11,no\n', { columns: [column] });
    const [one] = columns;
    expect(one).to.deep.include({ name: 'x', unit: 'kg', lowest: 1, highest: 11, mean: 5, missing: 1, taskMean: 4 });
    expect(one!.standardDeviation).to.be.closeTo(Math.sqrt(56 / 3), 1e-12);
  });
});
