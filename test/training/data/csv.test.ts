import { expect } from 'chai';
import { inferCsvSchema, loadCsv } from '../../../client/training/data/csv.ts';
import { readCsvSchema } from '../../../client/training/data/csvSchema.ts';
import { createFolder } from './folder.ts';
import { expectRejection } from './rejection.ts';

const people = 'age,colour,income\n20,red,low\n40,blue,high\n60,red,low\n';

describe('a CSV file', () => {
  let folder: Awaited<ReturnType<typeof createFolder>>;
  before(async () => {
    folder = await createFolder();
  });
  after(() => folder.remove());

  const rejects = async (content: string, code: Parameters<typeof expectRejection>[1], message: RegExp) => {
    const path = await folder.write('bad.csv', content);
    await expectRejection(() => loadCsv(path, { labelColumn: 'income' }), code, message);
  };

  it('that is not there, or is a folder, is refused', async () => {
    const load = (path: string) => () => loadCsv(path, { labelColumn: 'income' });
    await expectRejection(load(`${folder.path}/none.csv`), 'DATA_INVALID', /There is no file .*none\.csv/);
    await expectRejection(load(folder.path), 'DATA_INVALID', /cannot be read as a file/);
  });

  it('without the label column is refused, and the columns it has are named', () =>
    rejects('age,colour\n1,red\n', 'DATA_INVALID', /no label column "income"; its columns are: age, colour\./));

  it('without rows, or without anything, is refused', async () => {
    await rejects('age,income\n', 'DATA_EMPTY', /holds no rows/);
    await rejects('', 'DATA_EMPTY', /holds no rows/);
  });

  it('with an empty or non-finite cell is refused, with its row and column', async () => {
    await rejects('age,income\n1,low\n,high\n', 'DATA_INVALID', /row 3, column "age" is empty/);
    await rejects('age,income\n1,low\n2,\n', 'DATA_INVALID', /row 3, column "income" is empty/);
    await rejects('age,income\n1,low\nNaN,high\n', 'DATA_NOT_FINITE', /row 3, column "age" holds NaN/);
    await rejects('age,income\n-Infinity,low\n1,high\n', 'DATA_NOT_FINITE', /row 2, column "age" holds -Infinity/);
    await rejects('age,income\n1e39,low\n1,high\n', 'DATA_NOT_FINITE', /row 2, column "age" holds 1e39/);
  });

  it('with text among numbers, numbers among texts, or names is refused', async () => {
    await rejects('age,income\n1,low\nold,high\n', 'DATA_INVALID', /row 3, column "age" holds "old", not a number/);
    await rejects(
      'age,income\nold,low\n1,high\n',
      'DATA_INVALID',
      /row 3, column "age" holds "1", a number among texts/,
    );
    const names = Array.from({ length: 101 }, (_, i) => `person ${i},low`).join('\n');
    await rejects(`name,income\n${names}\n`, 'DATA_INVALID', /column "name" holds more than 100 different texts/);
  });

  it('with a row of another length, or two columns of one name, is refused', async () => {
    await rejects('age,income\n1,low\n2\n', 'DATA_INVALID', /not a well-formed CSV file: .*line 3/);
    await rejects('age,age,income\n1,2,low\n', 'DATA_INVALID', /two columns named "age"/);
  });

  it('gives scaled numbers, one-hot categories and class indices', async () => {
    const path = await folder.write('people.csv', people);
    const dataset = await loadCsv(path, { labelColumn: 'income' });
    expect(dataset.inputShape).to.deep.equal([3]);
    expect(dataset.classes).to.equal(2);
    expect([...dataset.labels]).to.deep.equal([1, 0, 1]); // high, low
    const z = Math.fround(Math.sqrt(1.5)); // 20 over the deviation of 20, 40, 60
    expect([...dataset.features]).to.deep.equal([-z, 0, 1, 0, 1, 0, z, 0, 1]);
    const raw = await loadCsv(path, { labelColumn: 'income', scaling: 'none' });
    expect([...raw.features]).to.deep.equal([20, 0, 1, 40, 1, 0, 60, 0, 1]);
    const scaled = await loadCsv(path, { labelColumn: 'income', scaling: 'minMax' });
    expect([...scaled.features]).to.deep.equal([0, 0, 1, 0.5, 1, 0, 1, 0, 1]);
  });

  it('may have a byte-order mark, quotes, empty lines, blanks, another delimiter, a constant column', async () => {
    const path = await folder.write('odd.csv', '\uFEFFage; "a;b" ;income\r\n 5 ;1;x\r\n\r\n5;3;y\r\n');
    const dataset = await loadCsv(path, { labelColumn: 'income', delimiter: ';' });
    expect([...dataset.features]).to.deep.equal([0, -1, 0, 1]);
    expect([...dataset.labels]).to.deep.equal([0, 1]);
  });

  it('read with a schema has the schema’s columns and classes, whatever this trainer has met', async () => {
    const path = await folder.write('shard.csv', 'income,colour,id,age\nlow,red,a1,20\nlow,red,a2,60\n');
    const schema = await readCsvSchema(
      await folder.write(
        'schema.json',
        '{"columns":{"age":"number","colour":["blue","green","red"],"id":"ignore"},"classes":["low","middle","high"]}',
      ),
    );
    const dataset = await loadCsv(path, { labelColumn: 'income', schema, scaling: 'minMax' });
    expect([...dataset.features]).to.deep.equal([0, 0, 0, 1, 1, 0, 0, 1]);
    expect(dataset.classes).to.equal(3);
    const unknownText = await folder.write('green.csv', 'income,colour,age\nlow,pink,20\n');
    const load = (file: string) => () => loadCsv(file, { labelColumn: 'income', schema });
    await expectRejection(load(unknownText), 'DATA_INVALID', /row 2, column "colour" holds "pink".*categories/);
    const unknownClass = await folder.write('class.csv', 'income,colour,age\nrich,red,20\n');
    await expectRejection(load(unknownClass), 'DATA_INVALID', /row 2, column "income" holds "rich".*classes/);
    const missing = await folder.write('missing.csv', 'income,colour\nlow,red\n');
    await expectRejection(load(missing), 'DATA_INVALID', /no column "age", which the schema asks for/);
    const unknown = await folder.write('more.csv', 'income,colour,age,size\nlow,red,1,2\n');
    await expectRejection(load(unknown), 'DATA_INVALID', /column "size" that the schema does not know/);
  });

  it('infers the schema that a task can share', async () => {
    const path = await folder.write('people.csv', people);
    expect(await inferCsvSchema(path, { labelColumn: 'income' })).to.deep.equal({
      columns: { age: 'number', colour: ['blue', 'red'] },
      classes: ['high', 'low'],
    });
  });

  it('has a schema whose mistakes are named', async () => {
    const read = async (json: string) => readCsvSchema(await folder.write('wrong.json', json));
    await expectRejection(() => read('{'), 'CONFIG_INVALID', /not a readable JSON file/);
    await expectRejection(() => read('{"columns":{"age":"text"}}'), 'CONFIG_INVALID', /wrong\.json: columns\.age: /);
    await expectRejection(() => read('{"columns":{},"classes":["a"]}'), 'CONFIG_INVALID', /classes: /);
  });

  it('keeps labels that are the task’s class indices, and wants a schema for some of its named classes', async () => {
    const indices = await folder.write('indices.csv', 'x,y\n1,2\n2,0\n');
    const dataset = await loadCsv(indices, { labelColumn: 'y', classes: 4 });
    expect([...dataset.labels]).to.deep.equal([2, 0]);
    expect(dataset.classes).to.equal(4);
    const named = await folder.write('named.csv', 'x,y\n1,a\n2,b\n');
    await expectRejection(
      () => loadCsv(named, { labelColumn: 'y', classes: 4 }),
      'DATA_INVALID',
      /2 of the task's 4 classes \(a, b\): give a schema/,
    );
  });

  it('gives targets for a regression', async () => {
    const path = await folder.write('regression.csv', 'x,y\n1,0.5\n3,-2\n');
    const dataset = await loadCsv(path, { labelColumn: 'y', label: 'number' });
    expect(dataset.labels).to.deep.equal(Float32Array.from([0.5, -2]));
    expect(dataset.classes).to.equal(1);
  });
});
