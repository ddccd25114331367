import { expect } from 'chai';
import sharp from 'sharp';
import { type DataDescription, dataDescriptionSchema } from '../../../client/core/data/description.ts';
import { inspectData, loadData, readData, sizesOfShards } from '../../../client/training/data/source.ts';
import { formatSource, parseSource } from '../../../client/training/data/sourceNotation.ts';
import { describedPictures } from './describedPictures.ts';
import { createFolder } from './folder.ts';
import { expectRejection } from './rejection.ts';

const digits = { inputShape: [784], classes: 10 };
const table = dataDescriptionSchema.parse({
  kind: 'table',
  columns: [{ kind: 'number', name: 'a', scaling: 'none' }],
  ignored: ['b'],
  label: { kind: 'class', column: 'y', classes: ['yes', 'no'] },
});
const vectors = (classes: string[], more: object = {}): DataDescription =>
  dataDescriptionSchema.parse({ kind: 'vectors', shape: [1, 28, 28], range: [0, 255], classes, ...more });
const digitNames = Array.from({ length: 10 }, (_, digit) => String(digit));

describe('a data source', () => {
  let folder: Awaited<ReturnType<typeof createFolder>>;
  before(async () => {
    folder = await createFolder();
  });
  after(() => folder.remove());

  it('that is mistaken is refused, naming the option', async () => {
    const wrong: [string, RegExp][] = [
      ['minst:1/5', /data: data: "minst:1\/5" is not mnist:/],
      ['mnist:0/5', /shard: "0\/5"/],
      ['mnist:6/5', /shard: "6\/5"/],
      ['mnist:one', /shard: "one"/],
      ['mnist:1/5?partition=even', /partition: "even"/],
      ['mnist:1/5?heldOut=1', /heldOut: "1"/],
      ['mnist:1/5?heldOut=some', /heldOut: "some" is not a number/],
      ['mnist:1/5?set=test', /set: "test" is not one of training, heldOut/],
      ['mnist:1/5?size=x', /size: "x" is not one of the options shard, partition/],
      ['mnist?seed=1&seed=2', /seed: "2" is not said once/],
      ['csv:a.csv?delimiter=100%', /write % as %25/],
      ['csv:a.csv?delimiter=ab', /delimiter: "ab" is not one character/],
      ['csv:a.csv?encoding=utf-9', /encoding: "utf-9" is not an encoding/],
      ['csv:a.csv?decimal=;', /decimal: ";" is not one of \. ,/],
      ['csv:a.csv?thousands=.&decimal=.', /thousands: "\." is not another than decimal/],
      ['csv:a.csv?units=mg', /units: "mg" is not confirmed/],
      ['csv', /csv:<path>/],
    ];
    for (const [source, message] of wrong) {
      await expectRejection(
        () => loadData(source, { inputShape: [1], classes: 2, data: table }),
        'CONFIG_INVALID',
        message,
      );
    }
  });

  it('decides nothing that is the task’s to decide', async () => {
    for (const option of ['label=y', 'schema=s.json', 'scaling=none', 'target=number', 'ignore=b', 'classes=a,b']) {
      await expectRejection(
        () => loadData(`csv:a.csv?${option}`, { inputShape: [1], classes: 2, data: table }),
        'CONFIG_INVALID',
        /: the task's description of its data decides it.*leave it out/,
      );
    }
  });

  it('is read only by a task that describes data of its kind', async () => {
    for (const source of ['csv:a.csv', 'images:photos', 'idx:a,b']) {
      await expectRejection(() => loadData(source, digits), 'CONFIG_INVALID', /does not describe its data.*describe/);
    }
    await expectRejection(
      () => loadData('images:photos', { inputShape: [1], classes: 2, data: table }),
      'CONFIG_INVALID',
      /images:photos is of the kind images, but the task describes table: give csv:<path>/,
    );
    await expectRejection(() => loadData('mnist', { ...digits, data: table }), 'CONFIG_INVALID', /describes a table/);
  });

  it('that does not fit the task is refused', () =>
    expectRejection(
      () => loadData('mnist', { inputShape: [3, 32, 32], classes: 10 }),
      'DATA_INVALID',
      /\[1,28,28\].*\[3,32,32\]/,
    ));

  it('may give a trainer one class only', async () => {
    const { dataset, report } = await readData('mnist:1/1000?partition=shards:1', { model: digits });
    expect(new Set(dataset.labels).size).to.equal(1);
    expect(report.remarks).to.deep.equal([]);
    expect(await sizesOfShards('mnist:1/1000?partition=shards:1', { model: digits })).to.have.length(1000);
  });

  it('of digits has the same bits whether the task describes bytes or nothing', async () => {
    const [plain, described] = await Promise.all([
      loadData('mnist:2/5?seed=7', digits),
      loadData('mnist:2/5?seed=7', { ...digits, data: vectors(digitNames) }),
    ]);
    expect(described.features).to.deep.equal(plain.features);
    expect(described.labels).to.deep.equal(plain.labels);
    const turned = await loadData('mnist:2/5?seed=7', { ...digits, data: vectors([...digitNames].reverse()) });
    expect(turned.labels.subarray(0, 9)).to.not.deep.equal(plain.labels.subarray(0, 9));
    const normalisation = { mean: [0.5], standardDeviation: [0.25] };
    const normalised = await loadData('mnist:2/5?seed=7', { ...digits, data: vectors(digitNames, { normalisation }) });
    const inkless = normalised.features.filter((_, i) => plain.features[i] === 0);
    expect(new Set(inkless)).to.deep.equal(new Set([-2]));
    const full = normalised.features.filter((_, i) => plain.features[i] === 1);
    expect(new Set(full)).to.deep.equal(new Set([2]));
    const bytes = await loadData('mnist', { ...digits, data: vectors(digitNames, { scaling: 'none' }) });
    expect(bytes.features.every(Number.isInteger)).to.equal(true);
    await expectRejection(
      () => loadData('mnist', { ...digits, data: vectors(digitNames, { range: [0, 1] }) }),
      'CONFIG_INVALID',
      /values from 0 to 1/,
    );
  });

  it('gives the shards of the digits, which together with the held-out samples are all digits', async () => {
    const options = 'partition=dirichlet:0.5&seed=7';
    const sources = [1, 2, 3].map((shard) => `mnist:${shard}/3?${options}`);
    const sets = await Promise.all(
      [...sources, `mnist?set=heldOut&${options}`].map((source) => loadData(source, digits)),
    );
    expect(sets.reduce((sum, { count }) => sum + count, 0)).to.equal(10_000);
    expect(sets[3]!.count).to.be.closeTo(2000, 5);
    expect(sets[0]!.inputShape).to.deep.equal([784]);
    const keys = new Set(
      sets.flatMap(({ features, count }) =>
        Array.from({ length: count }, (_, i) =>
          Buffer.from(features.slice(i * 784, (i + 1) * 784).buffer).toString('latin1'),
        ),
      ),
    );
    expect(keys.size).to.equal(10_000); // all different, so no sample is in two of the sets
  });

  it('gives tables, IDX files and images as the task describes them', async () => {
    const csv = await folder.write('t.csv', 'a,b,y\n1,2,no\n3,5,yes\n4,4,no\n9,1,yes\n');
    const task = { model: { inputShape: [1], classes: 2 }, data: table };
    const { dataset, report } = await readData(`csv:${csv}`, task);
    expect([...dataset.features]).to.deep.equal([1, 3, 4, 9]);
    expect([...dataset.labels]).to.deep.equal([1, 0, 1, 0]);
    expect(report).to.deep.include({ read: 4, used: 4, skipped: [], remarks: [], classes: { yes: 2, no: 2 } });
    const half = await loadData(`csv:${csv}?heldOut=0.5&set=heldOut`, task);
    expect(half.count).to.equal(2);

    const images = await folder.write(
      'i',
      Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 255, 0),
    );
    const labels = await folder.write('l', Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 1, 2));
    const idx = await loadData(`idx:${images},${labels}`, {
      inputShape: [1, 2, 1],
      classes: 3,
      data: vectors(['1', '2', '3'], { shape: [1, 2, 1], transposed: true }),
    });
    expect([...idx.features]).to.deep.equal([0, 1, 1, 0]);
    expect([...idx.labels]).to.deep.equal([0, 1]);

    const png = await sharp(Buffer.alloc(4), { raw: { width: 2, height: 2, channels: 1 } })
      .png()
      .toBuffer();
    await folder.write('photos/a/1.png', png);
    await folder.write('photos/b/1.png', png);
    const photos = await loadData(`images:${folder.path}/photos`, {
      inputShape: [1, 2, 2],
      classes: 2,
      data: describedPictures([1, 2, 2], { classes: ['b', 'a'] }),
    });
    expect([...photos.labels]).to.deep.equal([0, 1]);
  });

  it('says what was left out also where it is refused, and names the classes that are missing', async () => {
    const csv = await folder.write('bad.csv', 'a,b,y\n1,2,no\nx,5,no\n4,4,No\n');
    const { report, refusal } = await inspectData(`csv:${csv}`, {
      model: { inputShape: [1], classes: 2 },
      data: table,
    });
    expect(refusal?.code).to.equal('DATA_INVALID');
    expect(refusal?.message).to.match(/2 of 3 samples cannot be used.*0\.05/);
    expect(report).to.include({ read: 3, used: 1 });
    expect(report.skipped).to.deep.equal([
      { reason: '"a" is no number', count: 1, first: ['row 3, column "a": "x"'] },
      { reason: '"y" is none of the classes yes, no', count: 1, first: ['row 4, column "y": "No"'] },
    ]);
    expect(report.remarks).to.deep.equal(['No sample here is of the class yes.']);
  });

  it('may lose the share of what was read that the task allows, and no more', async () => {
    const task = { model: { inputShape: [1], classes: 2 }, data: table };
    const rows = (whole: number) => `a,b,y\nx,0,no\n${'1,0,yes\n'.repeat(whole)}`;
    const { report } = await readData(`csv:${await folder.write('share.csv', rows(19))}`, task);
    expect(report).to.include({ read: 20, used: 19 });
    const less = await folder.write('less.csv', rows(18));
    await expectRejection(() => readData(`csv:${less}`, task), 'DATA_INVALID', /1 of 19 samples cannot be used/);
  });

  it('without samples is refused', async () => {
    const csv = await folder.write('none.csv', 'a,b,y\n');
    const load = () => loadData(`csv:${csv}`, { inputShape: [1], classes: 2, data: table });
    await expectRejection(load, 'DATA_EMPTY', /no samples/);
  });
});

describe('the notation of sources', () => {
  it('writes every text so that it is read again as it was', () => {
    for (const text of ['CD4+', 'R&D cost', '50 %', 'a=b', '#?', 'größe\u00a0(cm)', '%41']) {
      const source = { kind: 'csv' as const, where: 'a b.csv', options: [['label', text] as const] };
      expect(parseSource(formatSource(source))).to.deep.equal(source);
    }
    expect(parseSource('csv:x?label=CD4+').options).to.deep.equal([['label', 'CD4+']]);
    expect(parseSource('csv:x?label=CD4%2B').options).to.deep.equal([['label', 'CD4+']]);
  });
});
