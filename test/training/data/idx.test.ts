import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { loadIdx } from '../../../client/training/data/idx.ts';
import { createFolder } from './folder.ts';
import { expectRejection } from './rejection.ts';

/** The bytes of an IDX file of unsigned bytes. */
function idx(extents: number[], values: number[]): Buffer {
  const bytes = Buffer.alloc(4 + 4 * extents.length + values.length);
  bytes.writeUInt32BE(0x800 + extents.length, 0);
  for (const [index, extent] of extents.entries()) bytes.writeUInt32BE(extent, 4 + 4 * index);
  bytes.set(values, 4 + 4 * extents.length);
  return bytes;
}

describe('IDX files', () => {
  const images = idx([2, 2, 3], [0, 51, 102, 153, 204, 255, 1, 2, 3, 4, 5, 6]);
  const labels = idx([2], [3, 1]);
  let folder: Awaited<ReturnType<typeof createFolder>>;
  before(async () => {
    folder = await createFolder();
  });
  after(() => folder.remove());

  const load = async (imageBytes: Uint8Array, labelBytes: Uint8Array, options = {}) =>
    loadIdx(await folder.write('images', imageBytes), await folder.write('labels', labelBytes), options);

  it('that are missing, of another kind, truncated or damaged are refused', async () => {
    await expectRejection(() => loadIdx(`${folder.path}/none`, 'none'), 'DATA_INVALID', /There is no file .*none/);
    await expectRejection(
      () => load(labels, images),
      'DATA_INVALID',
      /not an IDX file of images: it starts with 0x00000801/,
    );
    await expectRejection(() => load(images, images), 'DATA_INVALID', /not an IDX file of labels/);
    await expectRejection(() => load(Buffer.alloc(2), labels), 'DATA_INVALID', /too few bytes/);
    await expectRejection(
      () => load(images.subarray(0, 27), labels),
      'DATA_INVALID',
      /27 bytes but .* asks for 28: it is trunc/,
    );
    await expectRejection(() => load(images.subarray(0, 9), labels), 'DATA_INVALID', /9 bytes but .* at least 16/);
    await expectRejection(() => load(gzipSync(images).subarray(0, 30), labels), 'DATA_INVALID', /damaged gzip/);
  });

  it('that do not belong together are refused', () =>
    expectRejection(() => load(images, idx([3], [0, 1, 2])), 'DATA_INVALID', /2 images but .* 3 labels/));

  it('with labels beyond the task are refused', () =>
    expectRejection(() => load(images, labels, { classes: 3 }), 'DATA_INVALID', /label 3, but .* 0 to 2/));

  it('without images are refused', () =>
    expectRejection(() => load(idx([0, 2, 3], []), idx([0], [])), 'DATA_EMPTY', /no samples/));

  for (const [name, pack] of [
    ['plain', (bytes: Buffer) => bytes],
    ['gzipped', (bytes: Buffer) => gzipSync(bytes)],
  ] as const) {
    it(`give pixels in [0, 1] and labels, ${name}`, async () => {
      const dataset = await load(pack(images), pack(labels));
      expect(dataset.inputShape).to.deep.equal([1, 2, 3]);
      const expected = [0, 0.2, 0.4, 0.6, 0.8, 1].map(Math.fround);
      expect([...dataset.features.subarray(0, 6)]).to.deep.equal(expected);
      expect([...dataset.labels]).to.deep.equal([3, 1]);
      expect(dataset.classes).to.equal(4);
    });
  }

  it('are turned upright where EMNIST stores them transposed, with labels from 1', async () => {
    const dataset = await load(images, labels, { transposed: true, firstLabel: 1, classes: 26 });
    expect(dataset.inputShape).to.deep.equal([1, 3, 2]);
    const expected = [0, 0.6, 0.2, 0.8, 0.4, 1].map(Math.fround);
    expect([...dataset.features.subarray(0, 6)]).to.deep.equal(expected);
    expect([...dataset.labels]).to.deep.equal([2, 0]);
  });
});
