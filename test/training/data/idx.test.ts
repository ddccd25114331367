import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { VectorsDescription } from '../../../client/core/data/description.ts';
import { readSamples, readVectors } from '../../../client/training/data/idx.ts';
import { describeVectors } from '../../../client/training/data/idxSurvey.ts';
import { createSkips } from '../../../client/training/data/report.ts';
import { inspectData } from '../../../client/training/data/source.ts';
import { createFolder } from './folder.ts';
import { idx, npy } from './numbers.ts';
import { expectRejection } from './rejection.ts';

const described: VectorsDescription = {
  kind: 'vectors',
  shape: [1, 2, 3],
  range: [0, 255],
  scaling: 'range',
  transposed: false,
  classes: ['0', '1', '2', '3'],
  maxSkippedShare: 0.05,
};

describe('files of numbers', () => {
  const pixels = [0, 51, 102, 153, 204, 255, 1, 2, 3, 4, 5, 6];
  const images = idx('uint8', [2, 2, 3], pixels);
  const labels = idx('uint8', [2], [3, 1]);
  const fifths = [0, 0.2, 0.4, 0.6, 0.8, 1].map(Math.fround);
  let folder: Awaited<ReturnType<typeof createFolder>>;
  before(async () => {
    folder = await createFolder();
  });
  after(() => folder.remove());

  const write = async (features: Uint8Array, labelBytes: Uint8Array) =>
    `${await folder.write('features', features)},${await folder.write('labels', labelBytes)}`;
  const read = async (
    features: Uint8Array,
    labelBytes: Uint8Array,
    changes: Partial<VectorsDescription> = {},
    skips = createSkips(),
  ) => readVectors(await write(features, labelBytes), { ...described, ...changes }, skips);
  const refused = (message: RegExp, ...files: Parameters<typeof read>) =>
    expectRejection(() => read(...files), 'DATA_INVALID', message);

  it('that are missing, of another format or truncated are refused by name', async () => {
    const none = () => readVectors(`${folder.path}/none,none`, described, createSkips());
    await expectRejection(none, 'DATA_INVALID', /There is no file .*none/);
    const alone = () => readVectors('features', described, createSkips());
    await expectRejection(alone, 'CONFIG_INVALID', /"features" is not <features file>,<labels file>/);
    await refused(/features is no IDX or NumPy file: it begins with the bytes 3c68746d/, Buffer.from('<html>'), labels);
    await refused(/features is no IDX file: it has 2 bytes/, Buffer.alloc(2), labels);
    await refused(
      /features holds 27 bytes, but its header asks for 28: it is truncated/,
      images.subarray(0, 27),
      labels,
    );
    await refused(/features .* 9 bytes, which is too few for its 3 extents/, images.subarray(0, 9), labels);
    await refused(/features is a damaged gzip file/, gzipSync(images).subarray(0, 30), labels);
    const unknown = Uint8Array.from(labels).fill(10, 2, 3);
    await refused(/labels is an IDX file of the type 0x0a, .* 0x08 uint8/, images, unknown);
    const many = idx('uint8', [2, 1, 1, 2, 3], pixels);
    await refused(/features is an IDX file of 5 dimensions/, many, labels);
  });

  it('that do not belong together, or are in the wrong order, are refused', async () => {
    await refused(/2 samples but .* 3 labels/, images, idx('uint8', [3], [0, 1, 2]));
    await refused(/labels has the shape \[2,2,3\], but labels are one number a sample/, labels, images);
    await refused(/labels has the shape \[2,4\]/, images, idx('uint8', [2, 4], [0, 0, 0, 1, 1, 0, 0, 0]));
  });

  it('that were changed as texts are on their way are recognised', async () => {
    const withLineFeeds = idx('uint8', [10], [10, 1, 2, 3, 10, 0, 1, 2, 3, 10]);
    const toWindows = Buffer.from(withLineFeeds.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
    await refused(/labels was changed on its way, .*0A became 0D 0A.*binary/, images, toWindows);
    const withReturns = idx('uint8', [4], [13, 10, 1, 2]);
    const toUnix = Buffer.from(withReturns.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
    await refused(/labels .*truncated, or was changed on its way, .*0D 0A became 0A/, images, toUnix);
  });

  it('of another shape, with classes without numbers or scaled already are refused', async () => {
    await refused(/samples of the shape \[2,3\], but the task wants \[3,2\]/, images, labels, { shape: [3, 2] });
    await refused(/class "shirt" is no number/, images, labels, { classes: ['shirt', '1'] });
    const scaled = idx(
      'float32',
      [2, 6],
      pixels.map((value) => value / 255),
    );
    await refused(/largest value is 1, but the task's range is 0 to 255: .*scaled already/, scaled, labels);
    const empty = () => read(idx('uint8', [0, 2, 3], []), idx('uint8', [0], []));
    await expectRejection(empty, 'DATA_EMPTY', /no samples/);
  });

  it('cost a sample whose label is no class or whose value is beyond the range, and no other', async () => {
    const skips = createSkips();
    const features = idx('float64', [4, 1], [1, 7, Number.NaN, 3]);
    const changes = { shape: [1], range: [0, 5] as [number, number], scaling: 'none' as const };
    const dataset = await read(
      features,
      idx('int16', [4], [0, 1, 2, 3]),
      { ...changes, classes: ['0', '1', '2'] },
      skips,
    );
    expect([...dataset.features]).to.deep.equal([1]);
    expect([...dataset.labels]).to.deep.equal([0]);
    expect(skips.skipped).to.deep.equal([
      {
        reason: "a value is not within 0 to 5, the task's `range`",
        count: 2,
        first: [`${folder.path}/features, sample 1: 7`, `${folder.path}/features, sample 2: NaN`],
      },
      { reason: "its label is none of the task's classes", count: 1, first: [`${folder.path}/labels, sample 3: 3`] },
    ]);
    const data = { ...described, ...changes, classes: ['0', '1', '2'] };
    const { report } = await inspectData(`idx:${folder.path}/features,${folder.path}/labels`, {
      model: { inputShape: [1], classes: 3 },
      data,
    });
    expect(report.remarks).to.deep.equal(['No sample here is of the classes 1, 2.']);

    const values = idx('float64', [4, 1], [-1, 1, 2, 3]);
    const rest = await read(values, idx('int16', [4], [0, 2, 5, 1]), { ...changes, classes: ['0', '1', '2'] });
    expect([...rest.features]).to.deep.equal([1, 3]);
    expect([...rest.labels]).to.deep.equal([2, 1]);
  });

  it('with values far below the task’s range get a remark', async () => {
    const skips = createSkips();
    await read(
      idx(
        'int32',
        [2, 6],
        pixels.map((value) => value % 5),
      ),
      labels,
      {},
      skips,
    );
    expect(skips.remarks[0]).to.match(/largest value is 4, but the task's range is 0 to 255: are these/);
  });

  const readings: [string, (bytes: Buffer) => Uint8Array][] = [
    ['plain', (bytes) => bytes],
    ['gzipped', (bytes) => gzipSync(bytes)],
    ['gzipped with zeros behind the end', (bytes) => Buffer.concat([gzipSync(bytes), Buffer.alloc(16)])],
    ['with zeros behind the end', (bytes) => Buffer.concat([bytes, Buffer.alloc(16)])],
  ];
  for (const [name, pack] of readings) {
    it(`give values from the range to [0, 1], and labels, ${name}`, async () => {
      const dataset = await read(pack(images), pack(labels));
      expect(dataset.inputShape).to.deep.equal([1, 2, 3]);
      expect([...dataset.features.subarray(0, 6)]).to.deep.equal(fifths);
      expect([...dataset.labels]).to.deep.equal([3, 1]);
      expect(dataset.classes).to.equal(4);
    });
  }

  for (const type of ['uint8', 'int8', 'int16', 'int32', 'float32', 'float64'] as const) {
    it(`of the type ${type} are read, in one to four dimensions`, async () => {
      const values = pixels.map((value) => value % 100);
      const range: [number, number] = [0, 100];
      for (const extents of [
        [2, 6],
        [2, 2, 3],
        [2, 1, 2, 3],
      ]) {
        const dataset = await read(idx(type, extents, values), idx(type, [2, 1], [3, 1]), { range });
        expect([...dataset.features]).to.deep.equal(values.map((value) => Math.fround(value / 100)));
        expect([...dataset.labels]).to.deep.equal([3, 1]);
      }
      const single = await read(idx(type, [2], [50, 25]), labels, { shape: [1], range });
      expect([...single.features]).to.deep.equal([0.5, 0.25]);
    });
  }

  it('of QMNIST have the label first of eight numbers', async () => {
    const rows = [3, 0, 0, 1, 2, 3, 4, 5, 1, 3, 3, 3, 3, 3, 3, 3];
    const dataset = await read(images, idx('int32', [2, 8], rows));
    expect([...dataset.labels]).to.deep.equal([3, 1]);
  });

  it('count their labels as the task’s classes do, from 1 or in any order', async () => {
    const letters = { classes: Array.from({ length: 26 }, (_, letter) => String(letter + 1)) };
    expect([...(await read(images, labels, letters)).labels]).to.deep.equal([2, 0]);
    expect([...(await read(images, labels, { classes: ['1', '3'] })).labels]).to.deep.equal([1, 0]);
  });

  it('are turned upright where they are transposed, and channels last become channels first', async () => {
    const turned = [0, 0.6, 0.2, 0.8, 0.4, 1].map(Math.fround);
    for (const shape of [
      [3, 2],
      [1, 3, 2],
    ]) {
      for (const extents of [
        [2, 2, 3],
        [2, 6],
      ]) {
        const dataset = await read(idx('uint8', extents, pixels), labels, { shape, transposed: true });
        expect([...dataset.features.subarray(0, 6)]).to.deep.equal(turned);
      }
    }
    const colour = idx(
      'uint8',
      [1, 2, 4, 3],
      Array.from({ length: 24 }, (_, i) => i),
    );
    const changes = { shape: [3, 2, 4], scaling: 'none' as const };
    const dataset = await read(colour, idx('uint8', [1], [0]), changes);
    expect([...dataset.features.subarray(0, 8)]).to.deep.equal([0, 3, 6, 9, 12, 15, 18, 21]);
    expect(dataset.features[8]).to.equal(1);
  });

  it('give samples without labels in their own numbers', async () => {
    const file = await folder.write('alone', images);
    const transposed = await readSamples(file, { ...described, shape: [3, 2], transposed: true });
    expect([...transposed.subarray(0, 6)]).to.deep.equal([0, 153, 51, 204, 102, 255]);
    const wrong = () => readSamples(file, { ...described, shape: [7] });
    await expectRejection(wrong, 'DATA_INVALID', /samples of the shape \[2,3\], but the task wants \[7\]/);
  });

  it('are normalised by the first axis', async () => {
    const normalisation = { mean: [0.2, 0.5], standardDeviation: [0.1, 2] };
    const dataset = await read(images, labels, { shape: [2, 3], normalisation });
    const expected = [-2, 0, 2, 0.05, 0.15, 0.25];
    for (const [i, value] of expected.entries()) expect(dataset.features[i]).to.be.closeTo(value, 1e-6);
  });

  it('of NumPy are read in either byte order, and refused with advice where they cannot be', async () => {
    const changes = { range: [0, 255] as [number, number] };
    for (const descr of ['|u1', '<i2', '>i4', '<f4', '>f8', '<i8', '<u8']) {
      const dataset = await read(npy(descr, [2, 2, 3], pixels), npy('<i8', [2], [3, 1]), changes);
      expect([...dataset.features.subarray(0, 6)], descr).to.deep.equal(fifths);
      expect([...dataset.labels], descr).to.deep.equal([3, 1]);
    }
    const half = npy('|u1', [2, 6], pixels).toString('latin1').replace('|u1', '<f2');
    await refused(/features holds the type '<f2': save it with .astype/, Buffer.from(half, 'latin1'), labels);
    const columns = npy('|u1', [2, 6], pixels).toString('latin1').replace('False', 'True ');
    await refused(/column by column: save numpy.ascontiguousarray/, Buffer.from(columns, 'latin1'), labels);
    const whole = npy('<f4', [2, 6], pixels);
    await refused(/asks for \d+: it is truncated/, whole.subarray(0, whole.length - 1), labels);
    await refused(/damaged or incomplete header/, whole.subarray(0, 40), labels);
  });
});

describe('the description that files of numbers suggest', () => {
  let folder: Awaited<ReturnType<typeof createFolder>>;
  before(async () => {
    folder = await createFolder();
  });
  after(() => folder.remove());
  const describeFiles = async (name: string, features: Uint8Array, labels: Uint8Array) =>
    describeVectors(`${await folder.write(name, features)},${await folder.write('labels', labels)}`);

  it('has their shape, their range and their classes', async () => {
    const labels = idx('uint8', [3], [2, 1, 3]);
    const { data, questions } = await describeFiles('images', idx('uint8', [3, 1, 2], [1, 2, 3, 4, 5, 6]), labels);
    expect(data).to.deep.include({ shape: [1, 1, 2], range: [0, 255], classes: ['1', '2', '3'], transposed: false });
    expect(questions).to.deep.equal([]);
  });

  it('asks where it guesses', async () => {
    const values = Array.from({ length: 2 * 5 * 6 * 3 }, (_, i) => i / 8);
    const labels = idx('int32', [2], [0, 2]);
    const { data, questions } = await describeFiles('emnist', idx('float32', [2, 5, 6, 3], values), labels);
    expect(data).to.deep.include({ shape: [3, 5, 6], range: [0, 179 / 8], classes: ['0', '2'] });
    for (const asked of [/channels last/, /go from 0 to 22.375/, /0 to 2 are not all here/, /transposed/]) {
      expect(questions.filter((question) => asked.test(question))).to.have.length(1);
    }
    const tokens = await describeFiles('tokens', idx('int32', [2, 2], [7, 2, 30_000, 0]), labels);
    expect(tokens.questions.join(' ')).to.match(/numbers of tokens/);
  });
});
