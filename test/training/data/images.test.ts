import { symlink } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import sharp, { type Sharp } from 'sharp';
import type { ImagesDescription } from '../../../client/core/data/description.ts';
import { describeImages } from '../../../client/training/data/imageSurvey.ts';
import { decodeImage, readImages } from '../../../client/training/data/images.ts';
import { createSkips } from '../../../client/training/data/report.ts';
import { readData } from '../../../client/training/data/source.ts';
import { createFolder } from './folder.ts';
import { expectRejection } from './rejection.ts';
import { tiff } from './tiff.ts';

/** A picture of one colour, its left half black: 4 wide, 2 high. */
function half(red: number, green: number, blue: number): Sharp {
  const pixels = Buffer.alloc(4 * 2 * 3);
  for (const pixel of [2, 3, 6, 7]) pixels.set([red, green, blue], pixel * 3);
  return sharp(pixels, { raw: { width: 4, height: 2, channels: 3 } });
}

const described: ImagesDescription = {
  kind: 'images',
  channels: 3,
  height: 2,
  width: 4,
  valueRange: [0, 255],
  classes: ['cats', 'dogs'],
  maxSkippedShare: 0.05,
};

describe('a folder of images', () => {
  let folder: Awaited<ReturnType<typeof createFolder>>;
  beforeEach(async () => {
    folder = await createFolder();
    await folder.write('cats/1.png', await half(255, 0, 51).png().toBuffer());
    await folder.write('dogs/1.png', await half(0, 255, 0).png().toBuffer());
  });
  afterEach(() => folder.remove());
  const read = (changes: Partial<ImagesDescription> = {}, skips = createSkips()) =>
    readImages(folder.path, { ...described, ...changes }, skips);

  it('that is missing or has no images is refused', async () => {
    const load = (path: string) => () => readImages(path, described, createSkips());
    await expectRejection(load(`${folder.path}/none`), 'DATA_INVALID', /no readable folder .*none/);
    await expectRejection(load(`${folder.path}/dogs`), 'DATA_EMPTY', /a folder for each class/);
    await folder.write('cats/1.png', 'damaged');
    await folder.write('dogs/1.png', '');
    await expectRejection(
      load(folder.path),
      'DATA_EMPTY',
      /1 files are left out, first .*cats\/1.png: it is no picture/,
    );
  });

  it('with a folder that is none of the task’s classes is refused by name', () =>
    expectRejection(
      () => read({ classes: ['cats', 'birds'] }),
      'DATA_INVALID',
      /"dogs" is none of the task's classes "cats", "birds": rename it/,
    ));

  it('may lack a class, which is said, and is numbered as the task says', async () => {
    const data = { ...described, classes: ['dogs', 'birds', 'cats'] };
    const { dataset, report } = await readData(`images:${folder.path}`, {
      model: { inputShape: [3, 2, 4], classes: 3 },
      data,
    });
    expect(dataset.classes).to.equal(3);
    expect([...dataset.labels]).to.deep.equal([0, 2]);
    expect(report.remarks).to.deep.equal(['No sample here is of the class birds.']);
  });

  it('gives red, green and blue planes, of which a normalisation is by channel', async () => {
    const dataset = await read();
    expect(dataset.inputShape).to.deep.equal([3, 2, 4]);
    expect([...dataset.labels]).to.deep.equal([0, 1]);
    const fifth = Math.fround(0.2);
    const plane = (value: number) => [0, 0, value, value, 0, 0, value, value];
    expect([...dataset.features.subarray(0, 24)]).to.deep.equal([...plane(1), ...plane(0), ...plane(fifth)]);
    const normalisation = { mean: [0.5, 0, 0.2], standardDeviation: [0.25, 1, 2] };
    const { features } = await read({ normalisation });
    for (const [place, value] of [
      [0, -2],
      [2, 2],
      [8, 0],
      [16, -0.1],
      [18, 0],
    ] as const) {
      expect(features[place]).to.be.closeTo(value, 1e-6);
    }
  });

  it('is resized, and made grey for one channel', async () => {
    const dataset = await read({ height: 1, width: 2, channels: 1 });
    expect(dataset.inputShape).to.deep.equal([1, 1, 2]);
    const [left, right] = dataset.features.subarray(2, 4);
    expect(right! - left!).to.be.above(0.4); // the right half is green
    expect(right).to.be.below(0.95);
  });

  it('gives each picture by itself, as it is before the normalisation', async () => {
    const normalisation = { mean: [9, 9, 9], standardDeviation: [9, 9, 9] };
    const planes = await decodeImage(`${folder.path}/dogs/1.png`, { ...described, normalisation });
    expect([...planes]).to.deep.equal([...(await read()).features.subarray(24)]);
    const bmp = await folder.write('one.bmp', 'BM');
    await expectRejection(
      () => decodeImage(bmp, described),
      'DATA_INVALID',
      /one.bmp cannot be used: it is a BMP picture/,
    );
  });

  it('may hold what systems leave behind, folders in folders and links', async () => {
    const picture = await half(9, 9, 9).png().toBuffer();
    for (const name of ['__MACOSX/cats/._1.png', '.cache/1.png', 'cats/Thumbs.db', 'cats/.DS_Store', 'desktop.ini']) {
      await folder.write(name, 'left behind');
    }
    await folder.write('dogs/holiday/at the sea/2.png', picture);
    await symlink(`${folder.path}/cats`, `${folder.path}/dogs/cycle`);
    await folder.write('LICENSE', 'free');
    const skips = createSkips();
    const dataset = await read({}, skips);
    expect([...dataset.labels]).to.deep.equal([0, 1, 1]);
    expect(skips.skipped.map(({ reason, count }) => [reason.slice(0, 25), count])).to.deep.equal([
      ['it is a link to a folder:', 1],
    ]);
    expect(skips.remarks.join(' ')).to.match(/beside the class folders .* 1 files, first LICENSE/);
  });

  it('has the same class in composed and in decomposed letters', async () => {
    const picture = await half(9, 9, 9).png().toBuffer();
    const name = 'thé';
    await folder.write(`${name.normalize('NFD')}/1.png`, picture);
    for (const form of ['NFC', 'NFD']) {
      const dataset = await read({ classes: ['dogs', name.normalize(form), 'cats'] });
      expect([...dataset.labels]).to.deep.equal([0, 1, 2]);
    }
  });

  it('loses each file that is no picture or is damaged, and says why', async () => {
    const foreign: [string, string | Uint8Array, RegExp][] = [
      ['a.bmp', 'BM', /BMP picture.*save it as PNG/],
      ['b', `${'\0'.repeat(128)}DICM`, /DICOM file.*`valueRange`/],
      ['c.dcm', 'headless', /DICOM file/],
      ['d.nii.gz', '\x1f\x8b', /NIfTI volume/],
      ['e.npy', '\x93NUMPY', /NumPy array.*npy:/],
      ['f.txt', 'text', /it is a text/],
      ['g.svg', '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>', /a drawing/],
      ['h.png', '', /it is empty/],
      ['i.xyz', 'what', /no picture that can be read/],
    ];
    const whole = await read();
    for (const [name, content] of foreign) await folder.write(`cats/${name}`, content);
    const jpeg = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    await folder.write('cats/j.jpg', jpeg.subarray(0, jpeg.length / 2));
    await folder.write('cats/k.jpg', jpeg);
    const skips = createSkips();
    const dataset = await read({}, skips);
    expect([...dataset.labels]).to.deep.equal([0, 0, 1]);
    expect([...dataset.features.subarray(48)]).to.deep.equal([...whole.features.subarray(24)]);
    expect(skips.count).to.equal(foreign.length + 1);
    for (const [name, , reason] of [...foreign, ['j.jpg', '', /damaged or incomplete/] as const]) {
      const skipped = skips.skipped.find(({ first }) => first.includes(`${folder.path}/cats/${name}`));
      expect(skipped?.reason, name).to.match(reason);
    }
  });

  it('loses a picture that would fill the memory', async () => {
    const bomb = Buffer.from(await half(0, 0, 0).png().toBuffer());
    bomb.writeUInt32BE(17_000, 16); // the width in the header, which is 13 bytes behind its name
    bomb.writeUInt32BE(17_001, 20);
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
    await folder.write('cats/bomb.png', bomb);
    const skips = createSkips();
    expect((await read({}, skips)).count).to.equal(2);
    expect(skips.skipped[0]!.first[0]).to.match(/bomb.png \(17000 × 17001\)/);
  });

  it('takes pictures upright, without transparency, of the first page, whatever their colours and names', async () => {
    const colours = half(255, 0, 51);
    const turned = await colours.clone().rotate(270).withMetadata({ orientation: 6 }).png().toBuffer();
    const clear = await colours.clone().ensureAlpha(0.5).png().toBuffer();
    const palette = await colours.clone().png({ palette: true }).toBuffer();
    await folder.write('cats/2.jpg', turned);
    await folder.write('cats/3.png', clear);
    await folder.write('cats/4.PNG', palette);
    const frames = Buffer.alloc(4 * 4 * 3, 255).fill(0, 0, 4 * 2 * 3);
    const film = sharp(frames, { raw: { width: 4, height: 4, channels: 3, pageHeight: 2 } });
    await folder.write('dogs/2.gif', await film.gif({ delay: [10, 10] }).toBuffer());
    await folder.write('dogs/3.jpg', await colours.clone().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer());
    const skips = createSkips();
    const { features, count } = await read({}, skips);
    expect([count, skips.count]).to.deep.equal([7, 0]);
    const first = [...features.subarray(0, 24)];
    for (const sample of [1, 2, 3]) {
      expect([...features.subarray(24 * sample, 24 * (sample + 1))], `cats/${sample + 1}`).to.deep.equal(first);
    }
    expect([...features.subarray(24 * 5, 24 * 6)]).to.deep.equal(Array(24).fill(0));
    expect(skips.remarks.join(' ')).to.match(/the first is used: 1 files, first .*2\.gif/);
  });

  describe('of more than 8 bits', () => {
    const shape = [2, 4, 1] as const;
    const twelveBits = [0, 4095, 1024, 2048, 0, 4095, 819, 4095];
    const only = (changes: Partial<ImagesDescription>, skips = createSkips()) =>
      read({ classes: ['cats', 'dogs'], channels: 1, ...changes }, skips);

    it('keeps the range that the task names', async () => {
      await folder.write('cats/1.png', tiff('uint16', shape, twelveBits));
      await folder.write('dogs/1.png', tiff('float32', shape, [0, 4095, 0.5, 1, 2, 3, 4, 2047.5]));
      const { features } = await only({ valueRange: [0, 4095] });
      for (const [i, value] of twelveBits.entries()) expect(features[i]).to.be.closeTo(value / 4095, 2e-5);
      expect(features[15]).to.be.closeTo(0.5, 2e-5);
    });

    it('keeps floating-point and negative numbers, in one channel or three', async () => {
      const colour = [-1, 0, 1, 0.5, -0.5, 0.25].flatMap((value) => [value, -value, 0, 0]);
      await folder.write('cats/1.png', tiff('float32', [2, 4, 3], colour));
      await folder.write('dogs/1.png', tiff('float32', shape, [-1, 1, 0, 0.2, 0.4, 0.6, 0.8, 0]));
      const { features } = await only({ channels: 3, valueRange: [-1, 1] });
      const planes = [0, 1, 2].flatMap((channel) => colour.filter((_, i) => i % 3 === channel));
      for (const [i, value] of planes.entries()) expect(features[i], `${i}`).to.be.closeTo((value + 1) / 2, 2e-5);
      for (const plane of [0, 1, 2]) expect(features[24 + 8 * plane + 3]).to.be.closeTo(0.6, 2e-5);
    });

    it('is skipped where its numbers are not the task’s, and never turned black or white', async () => {
      await folder.write('cats/2.tif', tiff('uint16', shape, twelveBits));
      await folder.write('cats/3.tif', tiff('float32', shape, [0, 1, 0.5, 0, 0, 0, 0, 0.2]));
      await folder.write('cats/4.tif', tiff('int16', shape, [-1, 1, 5, 0, 0, 0, 0, 2]));
      await folder.write('cats/5.tif', tiff('float32', shape, [0, 100, Number.NaN, 0, 0, 0, 0, 200]));
      await folder.write('cats/6.tif', tiff('float32', shape, [0, 0, 0, 0, 0, 0, 0, 0]));
      const reasonsOf = async (valueRange: [number, number]) => {
        const skips = createSkips();
        const { count } = await only({ valueRange }, skips);
        const reasons = skips.skipped.flatMap(({ reason, first }) =>
          first.map((path) => `${path.slice(folder.path.length + 1)} ${reason}`),
        );
        return { count, reasons: reasons.sort() };
      };
      const bytes = await reasonsOf([0, 255]);
      expect(bytes.count).to.equal(3); // black is black
      expect(bytes.reasons[0]).to.match(/2.tif .*go from 0 to 4095.* not within 0 to 255/);
      expect(bytes.reasons[1]).to.match(/3.tif .*go from 0 to 1.* less than 7 % of 0 to 255/);
      expect(bytes.reasons[2]).to.match(/4.tif it has signed 16-bit numbers/);
      expect(bytes.reasons[3]).to.match(/5.tif .*go from NaN/);
      const deep = await reasonsOf([0, 65_535]);
      expect(deep.count).to.equal(1);
      expect(deep.reasons[0]).to.match(/cats\/1.png it has 8 bits, but the task's numbers go to 65535/);
      expect(deep.reasons[1]).to.match(/2.tif .* less than 7 % of 0 to 65535/);
    });
  });
});

describe('the description that a folder of images suggests', () => {
  let folder: Awaited<ReturnType<typeof createFolder>>;
  beforeEach(async () => {
    folder = await createFolder();
  });
  afterEach(() => folder.remove());

  it('has its classes, and the size and channels of all pictures', async () => {
    await folder.write(`${'thé'.normalize('NFD')}/1.png`, await half(1, 2, 3).png().toBuffer());
    await folder.write('café/1.png', await half(1, 2, 3).png().toBuffer());
    const { data, questions } = await describeImages(folder.path);
    expect(data).to.deep.equal({ ...described, classes: ['café', 'thé'] });
    expect(questions).to.deep.equal([]);
  });

  it('asks where it guesses', async () => {
    await folder.write('scans/1.tif', tiff('uint16', [2, 4, 1], [0, 3000, 0, 0, 0, 0, 0, 0]));
    await folder.write('scans/2.tif', tiff('uint16', [4, 2, 1], [0, 0, 0, 0, 0, 4000, 0, 0]));
    await folder.write('scans/3.png', await half(1, 2, 3).resize(9, 9).png().toBuffer());
    await folder.write('scans/4.bmp', 'BM');
    const { data, questions } = await describeImages(folder.path);
    expect(data).to.deep.include({ channels: 1, height: 32, width: 32, valueRange: [0, 4095], classes: ['scans'] });
    for (const asked of [
      /1 of 4 files cannot be used.*BMP/,
      /one class folder here, "scans"/,
      /2 of 3 pictures are grey/,
      /no size in common/,
      /1 of 3 pictures have not the depth/,
      /go from 0 to 4000: is 0 to 4095/,
    ]) {
      expect(
        questions.filter((question) => asked.test(question)),
        `${asked}`,
      ).to.have.length(1);
    }
  });

  it('passes over a damaged picture', async () => {
    const numbers = tiff('float32', [2, 4, 1], [0, 1, 0.5, 0, 0, 0, 0, 0.2]);
    await folder.write('a/1.tif', numbers);
    const moved = Buffer.from(numbers);
    moved.writeFloatLE(Number.NaN, 8);
    await folder.write('a/2.tif', moved);
    const png = await sharp(Uint16Array.from([0, 9, 40, 7]), { raw: { width: 2, height: 2, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    await folder.write('b/3.png', png.subarray(0, png.length - 20));
    const { data } = await describeImages(folder.path);
    expect(data.valueRange).to.deep.equal([0, 1]);
  });

  it('wants pictures', async () => {
    await folder.write('a/notes.txt', 'none');
    await expectRejection(
      () => describeImages(folder.path),
      'DATA_EMPTY',
      /no pictures that can be read: it is a text/,
    );
  });
});
