import { expect } from 'chai';
import sharp from 'sharp';
import { loadImageFolder } from '../../../client/training/data/images.ts';
import { createFolder } from './folder.ts';
import { expectRejection } from './rejection.ts';

/** A PNG of one colour, its left half black. */
function half(red: number, green: number, blue: number): Promise<Buffer> {
  const pixels = Buffer.alloc(4 * 2 * 3);
  for (const pixel of [2, 3, 6, 7]) pixels.set([red, green, blue], pixel * 3);
  return sharp(pixels, { raw: { width: 4, height: 2, channels: 3 } })
    .png()
    .toBuffer();
}

describe('a folder of images', () => {
  let folder: Awaited<ReturnType<typeof createFolder>>;
  beforeEach(async () => {
    folder = await createFolder();
    await folder.write('cats/1.png', await half(255, 0, 51));
    await folder.write('dogs/1.png', await half(0, 255, 0));
    await folder.write('dogs/notes.txt', 'not an image');
    await folder.write('.cache/1.png', 'hidden');
  });
  afterEach(() => folder.remove());
  const size = { height: 2, width: 4 } as const;

  it('that is missing or has no images is refused', async () => {
    const load = (path: string) => () => loadImageFolder(path, { ...size, channels: 3 });
    await expectRejection(load(`${folder.path}/none`), 'DATA_INVALID', /no readable folder .*none/);
    await expectRejection(load(`${folder.path}/dogs`), 'DATA_EMPTY', /one folder for each class/);
  });

  it('with an image that cannot be read is refused, and the image is named', async () => {
    const file = await folder.write('dogs/broken.jpg', 'not a JPEG');
    const load = () => loadImageFolder(folder.path, { ...size, channels: 3 });
    await expectRejection(load, 'DATA_INVALID', new RegExp(`^${file} is not a readable image`));
  });

  it('with a folder that is none of the classes is refused', () =>
    expectRejection(
      () => loadImageFolder(folder.path, { ...size, channels: 3, classes: ['cats', 'birds'] }),
      'DATA_INVALID',
      /folder "dogs" that is none of the classes cats, birds/,
    ));

  it('gives red, green and blue planes, and labels by folder', async () => {
    const dataset = await loadImageFolder(folder.path, { ...size, channels: 3 });
    expect(dataset.inputShape).to.deep.equal([3, 2, 4]);
    expect([...dataset.labels]).to.deep.equal([0, 1]);
    const fifth = Math.fround(0.2);
    const plane = (value: number) => [0, 0, value, value, 0, 0, value, value];
    expect([...dataset.features.subarray(0, 24)]).to.deep.equal([...plane(1), ...plane(0), ...plane(fifth)]);
  });

  it('takes the order of given classes, of which this trainer may lack some', async () => {
    const dataset = await loadImageFolder(folder.path, { ...size, channels: 1, classes: ['dogs', 'birds', 'cats'] });
    expect(dataset.classes).to.equal(3);
    expect([...dataset.labels]).to.deep.equal([0, 2]);
  });

  it('is resized, and made grey for one channel', async () => {
    const dataset = await loadImageFolder(folder.path, { height: 1, width: 2, channels: 1 });
    expect(dataset.inputShape).to.deep.equal([1, 1, 2]);
    const [left, right] = dataset.features.subarray(2, 4);
    expect(right! - left!).to.be.above(0.4); // the right half is green
    expect(right).to.be.below(0.95);
  });
});
