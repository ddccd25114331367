import { expect } from 'chai';
import sharp from 'sharp';
import { loadData } from '../../../client/training/data/source.ts';
import { createFolder } from './folder.ts';
import { expectRejection } from './rejection.ts';

const digits = { inputShape: [784], classes: 10 };

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
      ['mnist:1/5?label=x', /label: "x" is not one of the options shard, partition/],
      ['csv:people.csv', /label: "" is not the name of the label column/],
      ['csv', /csv:<path>/],
      ['idx:images', /idx:<images file>,<labels file>/],
      ['images:photos', /a task with the inputShape \[1 or 3, height, width\], not \[784\]/],
    ];
    for (const [source, message] of wrong) {
      await expectRejection(() => loadData(source, digits), 'CONFIG_INVALID', message);
    }
  });

  it('that does not fit the task is refused', () =>
    expectRejection(
      () => loadData('mnist', { inputShape: [3, 32, 32], classes: 10 }),
      'DATA_INVALID',
      /\[1,28,28\].*\[3,32,32\]/,
    ));

  it('that gives a trainer one class only is refused', () =>
    expectRejection(
      () => loadData('mnist:1/1000?partition=shards:1', digits),
      'DATA_ONE_CLASS',
      /at least two classes/,
    ));

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

  it('gives tables, IDX files and images', async () => {
    const csv = await folder.write('t.csv', 'a,b,y\n1,2,no\n3,5,yes\n4,4,no\n9,1,yes\n');
    const schema = await folder.write('s.json', '{"columns":{"a":"number","b":"ignore"},"classes":["yes","no"]}');
    const table = await loadData(`csv:${csv}?label=y&schema=${schema}&scaling=none`, { inputShape: [1], classes: 2 });
    expect([...table.features]).to.deep.equal([1, 3, 4, 9]);
    expect([...table.labels]).to.deep.equal([1, 0, 1, 0]);
    const half = await loadData(`csv:${csv}?label=y&heldOut=0.5&set=heldOut`, { inputShape: [2], classes: 2 });
    expect(half.count).to.equal(2);

    const images = await folder.write(
      'i',
      Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 255, 0),
    );
    const labels = await folder.write('l', Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 0, 1));
    const idx = await loadData(`idx:${images},${labels}?transposed=true`, {
      inputShape: [1, 2, 1],
      classes: 3,
    });
    expect([...idx.features]).to.deep.equal([0, 1, 1, 0]);
    expect([...idx.labels]).to.deep.equal([0, 1]);

    const png = await sharp(Buffer.alloc(4), { raw: { width: 2, height: 2, channels: 1 } })
      .png()
      .toBuffer();
    await folder.write('photos/a/1.png', png);
    await folder.write('photos/b/1.png', png);
    const photos = await loadData(`images:${folder.path}/photos?classes=b,a`, { inputShape: [1, 2, 2], classes: 2 });
    expect([...photos.labels]).to.deep.equal([0, 1]);
  });
});
