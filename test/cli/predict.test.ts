/** `tributary predict` as a person meets it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import sharp from 'sharp';
import { dataDescriptionSchema, type TableDescription } from '../../client/core/data/description.ts';
import { exitCodes } from '../../client/core/errors.ts';
import { describedPictures } from '../training/data/describedPictures.ts';
import { type Exported, exportRandomModel, patients } from './exported.ts';
import { tributary } from './tributary.ts';

interface Line {
  sample: string;
  label?: string;
  probabilities?: Record<string, number>;
  refused?: string;
}

function linesOf(stdout: string): Line[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Of the logistic model of `patients`: features are age, f, m, sex missing, glucose, glucose missing. */
function probabilityOfIll({ parameters }: Exported, features: readonly number[]): number {
  const [healthy, ill] = [0, 1].map((k) =>
    features.reduce((sum, x, i) => sum + x * parameters[2 * i + k]!, parameters[12 + k]!),
  );
  return 1 / (1 + Math.exp(healthy! - ill!));
}

describe('tributary predict', () => {
  let model: Exported;
  const predict = (...args: string[]) => tributary(['predict', '--model', ...args], {}, model.folder);

  before(async () => {
    model = await exportRandomModel(patients);
  });

  it('answers for one patient, from the model alone and from the checkpoint', async () => {
    const row = '{"sex": "m", "age": 65, "glucose": null, "id": 12}';
    const [alone, checkpoint] = await Promise.all([
      predict('model.onnx', '--row', row, '--row', '{"age": "35", "sex": "NA", "glucose": 140}', '--json'),
      predict('checkpoint.json', '--row', row, '--json'),
    ]);
    expect(alone.code, alone.stderr).to.equal(0);
    const [first, second] = linesOf(alone.stdout);
    expect(first!.probabilities!.ill).to.be.closeTo(probabilityOfIll(model, [1, 0, 1, 0, 0, 1]), 1e-5);
    expect(first!.label).to.equal(first!.probabilities!.ill! > 0.5 ? 'ill' : 'healthy');
    expect(second!.probabilities!.ill).to.be.closeTo(probabilityOfIll(model, [-1, 0, 0, 1, 1, 0]), 1e-5);
    expect(linesOf(checkpoint.stdout)).to.deep.equal([first]);
  });

  it('answers for a file without labels whose columns stand in another order, and says why a row is refused', async () => {
    const rows = [
      'glucose,id,sex,age',
      '140,1,m,35',
      '-9,2, f ,65',
      '140,3,x,50',
      '700,4,f,50',
      '140,5,f,',
      '140,6,f,old',
    ];
    writeFileSync(join(model.folder, 'new.csv'), `${rows.join('\n')}\n`);
    const { code, stdout, stderr } = await predict('model.onnx', 'csv:new.csv', '--json');
    expect(code, stderr).to.equal(0);
    const lines = linesOf(stdout);
    expect(lines.map(({ sample }) => sample)).to.deep.equal(['row 2', 'row 3', 'row 4', 'row 5', 'row 6', 'row 7']);
    expect(lines[0]!.probabilities!.ill).to.be.closeTo(probabilityOfIll(model, [-1, 0, 1, 0, 1, 0]), 1e-5);
    expect(lines[1]!.probabilities!.ill).to.be.closeTo(probabilityOfIll(model, [1, 1, 0, 0, 0, 1]), 1e-5);
    expect(lines.slice(2).map(({ refused }) => refused)).to.deep.equal([
      '"sex" holds "x", not one of f, m',
      '"glucose" is 700, outside of 20 to 600 mg/dl',
      '"age" is missing',
      '"age" holds "old", which is no number',
    ]);
  });

  it('reads the numbers and the rows of a file as training does', async () => {
    const { columns, ...rest } = patients as TableDescription;
    const grouped = { ...rest, columns: columns.slice(0, 1), numbers: { decimal: '.', thousands: ',', affixes: [] } };
    const { folder, parameters } = await exportRandomModel(dataDescriptionSchema.parse(grouped));
    writeFileSync(join(folder, 'german.csv'), 'id;age\n1;65,000\n2;65,0;1\n3\n4;"65\n');
    const args = ['predict', '--model', 'model.onnx', 'csv:german.csv?decimal=,', '--json'];
    const { code, stdout, stderr } = await tributary(args, {}, folder);
    expect(code, stderr).to.equal(0);
    const [read, ...misshapen] = linesOf(stdout);
    const [healthy, ill] = [0, 1].map((k) => parameters[k]! + parameters[2 + k]!);
    expect(read!.probabilities!.ill, stdout).to.be.closeTo(1 / (1 + Math.exp(healthy! - ill!)), 1e-5);
    const reasons = [/more cells than the header/, /fewer cells than the header/, /a quotation mark opens/];
    for (const [place, reason] of reasons.entries()) expect(misshapen[place]!.refused).to.match(reason);
  });

  it('ends with one sentence for what cannot be asked', async () => {
    writeFileSync(join(model.folder, 'short.csv'), 'age,sex\n1,f\n');
    const outcomes = await Promise.all([
      predict('model.onnx'),
      predict('model.onnx', '--row', '{"age": 1}'),
      predict('model.onnx', '--row', '{"age": 130, "sex": "f", "glucose": 100}'),
      predict('model.onnx', 'short.csv'),
      predict('short.csv', '--row', '{}'),
      predict('model.onnx', '--image', 'x.png'),
    ]);
    const { CONFIG_INVALID, DATA_INVALID, MODEL_INVALID } = exitCodes;
    expect(outcomes.map(({ code }) => code)).to.deep.equal([
      CONFIG_INVALID,
      CONFIG_INVALID,
      DATA_INVALID,
      DATA_INVALID,
      MODEL_INVALID,
      CONFIG_INVALID,
    ]);
    expect(outcomes[1]!.stderr).to.include('the column "sex" is not there: write null');
    expect(outcomes[2]!.stderr).to.include('"age" is 130, outside of 0 to 120 years');
    expect(outcomes[3]!.stderr).to.include('has no column "glucose"');
    for (const { stderr } of outcomes) expect(stderr.trim().split('\n')).to.have.length(1);
  });

  it('answers for pictures, and refuses one that is damaged', async () => {
    const pictures = await exportRandomModel(describedPictures([3, 4, 4]));
    const background = { r: 200, g: 30, b: 90 };
    await sharp({ create: { width: 8, height: 8, channels: 3, background } })
      .png()
      .toFile(join(pictures.folder, 'a.png'));
    writeFileSync(join(pictures.folder, 'b.png'), 'no picture');
    const { code, stdout, stderr } = await tributary(
      ['predict', '--model', 'model.onnx', '--image', 'a.png', '--image', 'b.png', '--json'],
      {},
      pictures.folder,
    );
    expect(code, stderr).to.equal(0);
    const [a, b] = linesOf(stdout);
    const { parameters } = pictures;
    const logits = [0, 1].map((k) =>
      Array.from({ length: 48 }, (_, i) => ([200, 30, 90][Math.floor(i / 16)]! / 255) * parameters[2 * i + k]!).reduce(
        (x, y) => x + y,
        parameters[96 + k]!,
      ),
    );
    expect(a!.probabilities!.dog).to.be.closeTo(1 / (1 + Math.exp(logits[0]! - logits[1]!)), 1e-5);
    expect(b!.refused).to.include('no picture that can be read');
  });

  it('answers for vectors whose files have rows and columns exchanged as it was trained on them, upright', async () => {
    for (const shape of [[2, 3], [6]]) {
      const classes = ['0', '1'];
      const vectors = dataDescriptionSchema.parse({
        kind: 'vectors',
        shape,
        range: [0, 255],
        transposed: true,
        classes,
      });
      const { folder, parameters, files } = await exportRandomModel(vectors);
      const header = [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 2];
      writeFileSync(join(folder, 'samples.idx'), Uint8Array.of(...header, 0, 51, 102, 153, 204, 255));
      const args = ['predict', '--model', 'model.onnx', 'idx:samples.idx', '--json'];
      const { code, stdout, stderr } = await tributary(args, {}, folder);
      expect(code, stderr).to.equal(0);
      const upright = [0, 0.4, 0.8, 0.2, 0.6, 1];
      const [zero, one] = [0, 1].map((k) =>
        upright.reduce((sum, x, i) => sum + x * parameters[2 * i + k]!, parameters[12 + k]!),
      );
      const [line] = linesOf(stdout);
      expect(line!.probabilities!['1'], `${shape}`).to.be.closeTo(1 / (1 + Math.exp(zero! - one!)), 1e-5);
      expect(readFileSync(files.card, 'utf8')).to.include(
        shape.length === 1 ? 'float32 [N, 6] turned upright' : 'float32 [N, 3, 2] as the files have it',
      );
    }
  });

  it('answers for samples of a task that does not describe its data', async () => {
    const digits = await exportRandomModel(undefined, { inputShape: [784], classes: 10 });
    const args = ['predict', '--model', 'model.onnx', 'mnist?set=heldOut&heldOut=0.002'];
    const [json, table] = await Promise.all([
      tributary([...args, '--json'], {}, digits.folder),
      tributary(args, {}, digits.folder),
    ]);
    const lines = linesOf(json.stdout);
    expect(lines.length, json.stderr).to.be.above(10);
    for (const { label, probabilities } of lines) {
      expect(Object.values(probabilities!).reduce((sum, share) => sum + share, 0)).to.be.closeTo(1, 1e-6);
      expect(probabilities![label!]).to.equal(Math.max(...Object.values(probabilities!)));
    }
    expect(table.stdout).to.include('sample 1 ').and.to.include(' %');
  });
});
