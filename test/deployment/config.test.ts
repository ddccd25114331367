import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { TributaryError } from '../../client/core/errors.ts';
import { taskManifestSchema } from '../../client/core/task.ts';
import { askChoices } from '../../client/deployment/askChoices.ts';
import {
  choicesOf,
  federationConfigSchema,
  manifestOf,
  parseFederationConfig,
  readFederationConfig,
  withoutComments,
} from '../../client/deployment/config.ts';
import { configHints, deployableChoices } from '../../client/deployment/configHints.ts';
import { renderConfig } from '../../client/deployment/renderConfig.ts';
import { createNode } from '../../client/training/onnx/node.ts';
import { decodeModel, encodeModel } from '../../client/training/onnx/proto.ts';
import { readModel } from '../../client/training/onnx/read.ts';
import { floatTensor } from '../../client/training/onnx/tensor.ts';
import { onnxFile } from '../training/onnx/given.ts';

function complaint(config: unknown): string {
  try {
    parseFederationConfig(config);
  } catch (error) {
    expect((error as TributaryError).code).to.equal('CONFIG_INVALID');
    return (error as Error).message;
  }
  return 'nothing was wrong';
}

function write(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'tributary-config-')), 'tributary.json');
  writeFileSync(path, text);
  return path;
}

describe('the configuration that is asked for', () => {
  it('takes what is answered, the default for nothing, and asks again for what cannot be', async () => {
    const answers = ['a/b', 'hospitals', 'three', '5', 'krum', 'median', '', '0', '2.5'];
    const said: string[] = [];
    const questions: string[] = [];
    const ask = async (question: string) => {
      questions.push(question);
      return answers.shift()!;
    };
    const config = await askChoices({ ...deployableChoices, name: 'digits' }, ask, (text) => said.push(text));
    expect(config).to.include({ name: 'hospitals', startTrainers: 5, rule: 'median', rewardPerRound: 100 });
    expect(config.trainerStake).to.equal(2.5);
    expect(config.governance.founderTokens).to.equal(deployableChoices.governance.founderTokens);
    expect(said.map((sentence) => sentence.split(':')[0])).to.deep.equal([
      'config.name',
      'config.startTrainers',
      'config.rule',
      'config.trainerStake',
    ]);
    expect(questions[0]).to.equal('names the federation: deployments/<name>.json\n  name [digits]: ');
  });
});

describe('the configuration of a federation', () => {
  const wrong: [unknown, RegExp][] = [
    [{ training: { epochs: 'five' } }, /^config\.training\.epochs: .*expected number, received string/],
    [{ training: { learningRate: 0 } }, /^config\.training\.learningRate: Too small/],
    [{ training: { optimiser: {} } }, /^config\.training: Unrecognized key: "optimiser"/],
    [{ rule: 'krum' }, /^config\.rule: "krum" is none of: mean, median, trimmedMean/],
    [{ model: { kind: 'resnet' } }, /^config\.model\.kind: .*logistic/],
    [{ model: { kind: 'onnx' } }, /^config\.model\.file: a model of kind onnx needs its file/],
    [{ model: { kind: 'cnn', file: 'a.onnx' } }, /^config\.model\.file: .*takes no file/],
    [{ windows: { challengeSeconds: 0 } }, /^config\.windows\.challengeSeconds: Too small/],
    [{ grants: [{ account: 'bob', tokens: 1 }] }, /^config\.grants\.0\.account: must be an address/],
    [{ name: 'a/b' }, /^config\.name: must be/],
  ];
  for (const [config, message] of wrong) {
    it(`names the field and what it wants: ${JSON.stringify(config)}`, () => {
      expect(complaint(config)).to.match(message);
    });
  }

  it('that is missing, or no JSON, says what to do', async () => {
    for (const path of [join(tmpdir(), 'missing', 'tributary.json'), write('{ "name": }')]) {
      const error = await readFederationConfig(path).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(TributaryError);
      expect((error as Error).message).to.include('tributary init');
    }
  });

  it('may hold comments, which keep the positions of everything else', () => {
    const text = '{ // a "comment"\n "url": "http://a//b", /* more\n */ "n": 1 }';
    expect(JSON.parse(withoutComments(text))).to.deep.equal({ url: 'http://a//b', n: 1 });
    expect(withoutComments(text)).to.have.lengthOf(text.length);
  });

  it('that init writes documents every field, and reads as the defaults', async () => {
    const defaults = parseFederationConfig({ name: 'hospitals' });
    const text = renderConfig(federationConfigSchema, defaults, configHints);
    expect(await readFederationConfig(write(text))).to.deep.equal(defaults);
    const lines = text.split('\n');
    for (const [index, line] of lines.entries()) {
      if (/^\s*(\/\/ )?"\w+":/.test(line)) expect(lines[index - 1], line).to.match(/^\s*\/\/ [^"\s]/);
    }
  });

  it('shows all of its fields, and each that is a comment can be made one that is set', async () => {
    const defaults = parseFederationConfig(deployableChoices);
    const text = renderConfig(federationConfigSchema, defaults, configHints);
    const fields = (schema: { shape: object }) => Object.keys(schema.shape);
    const { model, training, windows, governance } = federationConfigSchema.shape;
    const nested = [model, training, windows, governance].map(
      (field) => (field as unknown as { def: { innerType: { shape: object } } }).def.innerType,
    );
    for (const field of [federationConfigSchema, ...nested].flatMap(fields)) expect(text).to.include(`"${field}": `);
    expect(text).not.to.include('null').and.not.to.include('{}');
    const all = text.replaceAll(/^(\s*)\/\/ "/gm, '$1"').replace('"kind": "2nn"', '"kind": "onnx"');
    const path = write(all);
    const described = { kind: 'vectors', shape: [784], range: [0, 255], classes: [...'0123456789'] };
    writeFileSync(join(path, '..', 'data.json'), JSON.stringify(described));
    const config = await readFederationConfig(path);
    expect(config.data).to.deep.include(described);
    expect(config.governance).to.include({ votingPeriodSeconds: 604_800, founderTokens: 100_000_000 });
    expect(config.windows).to.include({ answerSeconds: 600, scoringSeconds: 1440 });
  });

  it('becomes a manifest that every node accepts, and the choices of the contracts', async () => {
    const config = parseFederationConfig({ model: { kind: 'cnn', inputShape: [1, 28, 28] }, rule: 'median' });
    const { manifest, modelFile } = await manifestOf(config);
    expect(taskManifestSchema.parse(manifest)).to.deep.equal(manifest);
    expect(modelFile).to.equal(undefined);
    expect(choicesOf(config)).to.include({ rule: 'median', challengeSeconds: 3600, trainerStake: 100 });
  });

  it('takes shape, classes and loss from the data that it describes, and refuses others', async () => {
    const column = (name: string) => ({ kind: 'number', name, scaling: 'none' });
    const table = (label: object) => ({ kind: 'table', columns: [column('a'), column('b')], label });
    const classes = table({ kind: 'class', column: 'y', classes: ['no', 'yes'] });
    const number = table({ kind: 'number', column: 'y' });
    const questions = table({ kind: 'labels', columns: ['p', 'q', 'r'] });
    const shapeOf = (data: object, more: object = {}) => {
      const { model, training } = parseFederationConfig({ data, ...more });
      return [model.inputShape, model.classes, training.loss];
    };
    expect(shapeOf(classes)).to.deep.equal([[2], 2, 'softmaxCrossEntropy']);
    expect(shapeOf(classes, { training: { loss: 'binaryCrossEntropy' } })[2]).to.equal('binaryCrossEntropy');
    expect(shapeOf(number)).to.deep.equal([[2], 1, 'squaredError']);
    expect(shapeOf(questions)).to.deep.equal([[2], 3, 'multiLabelCrossEntropy']);
    const images = { kind: 'images', channels: 3, height: 4, width: 5, classes: ['a', 'b'] };
    expect(shapeOf(images)[0]).to.deep.equal([60]);
    expect(shapeOf(images, { model: { kind: 'cnn' } })[0]).to.deep.equal([3, 4, 5]);
    const wrong: [object, RegExp][] = [
      [{ data: classes, model: { inputShape: [3] } }, /^config\.model\.inputShape is \[3\], but the data has \[2\]/],
      [{ data: classes, model: { classes: 3 } }, /^config\.model\.classes is 3, but the data has 2/],
      [
        { data: classes, training: { loss: 'squaredError' } },
        /^config\.training\.loss is squaredError, but the labels are classes/,
      ],
      [
        {
          data: { ...classes, label: { ...classes.label, classes: ['a', 'b', 'c'] } },
          training: { loss: 'binaryCrossEntropy' },
        },
        /^config\.training\.loss is binaryCrossEntropy, which tells two classes apart, but the data has 3/,
      ],
      [{ data: images, training: { loss: 'huberError' } }, /labels are classes: take softmax/],
      [{ data: number, training: { loss: 'softmaxCrossEntropy' } }, /labels are numbers: take squaredError or/],
      [
        { data: { ...classes, label: { ...classes.label, classes: ['1', '1.0'] } } },
        /config\.data\.label\.classes: "1" stands there twice/,
      ],
      [
        { data: { ...classes, columns: [column('caf\u00e9'), column('cafe\u0301')] } },
        /config\.data\.columns: .* twice/,
      ],
    ];
    for (const [config, message] of wrong) expect(complaint(config)).to.match(message);
    const { manifest } = await manifestOf(parseFederationConfig({ data: classes }));
    expect(taskManifestSchema.parse(manifest)).to.deep.equal(manifest);
    expect(manifest.data).to.deep.include({ kind: 'table' });
  });

  it('refuses a description that no manifest has room for', async () => {
    const columns = Array.from({ length: 15_000 }, (_, i) => ({ kind: 'number', name: `gene ${i}`, scaling: 'none' }));
    const data = { kind: 'table', columns, label: { kind: 'class', column: 'y', classes: ['no', 'yes'] } };
    const failure = await manifestOf(parseFederationConfig({ data })).catch(
      (error: unknown) => error as TributaryError,
    );
    expect((failure as TributaryError).message).to.match(/^The task's manifest has \d+ bytes, and 1048576 are allowed/);
  });

  it('has a metric where one is named, which must go with the loss', async () => {
    const metric = { name: 'auc', patience: 3 };
    const { manifest } = await manifestOf(parseFederationConfig({ metric }));
    expect(manifest.metric).to.deep.equal({ ...metric, leastGain: 0 });
    expect((await manifestOf(parseFederationConfig({}))).manifest).not.to.have.property('metric');
    expect(complaint({ metric: { name: 'rmse' } })).to.match(/metric.name: rmse does not go with the loss/);
  });

  it("a model's file is found beside the configuration and named by its digest", async () => {
    const path = write('{ "model": { "kind": "onnx", "file": "model.onnx" } }');
    writeFileSync(join(path, '..', 'model.onnx'), 'twelve bytes');
    const { manifest, modelFile } = await manifestOf(await readFederationConfig(path));
    expect(modelFile).to.have.lengthOf(12);
    // sha256 of the 12 bytes: a single raw leaf
    expect(manifest.model.file).to.deep.equal({
      cid: '0xd4ce2c527afe674c7a086bd74e256019e3d5dcdb31eeb6eaadef5ada8c4383b9',
      bytes: 12,
    });
  });

  it("a model's weights in a file beside it are put into it, and missed by name where they are not there", async () => {
    const path = write('{ "model": { "kind": "onnx", "file": "model.onnx" } }');
    const model = decodeModel(
      onnxFile({
        nodes: [createNode('MatMul', ['x', 'w'], ['y'])],
        initializers: { w: floatTensor([1, 2], [0.25, -3]) },
      }),
    );
    const [tensor] = model.graph!.initializer!;
    const { rawData } = tensor!;
    delete tensor!.rawData;
    tensor!.dataLocation = 1;
    tensor!.externalData = [{ key: 'location', value: 'model.onnx.data' }];
    writeFileSync(join(path, '..', 'model.onnx'), encodeModel(model));
    const config = await readFederationConfig(path);
    const missing = await manifestOf(config).catch((error: Error) => error);
    expect(missing)
      .to.have.property('message')
      .that.matches(/model\.onnx\.data.*put it there/);
    writeFileSync(join(path, '..', 'model.onnx.data'), rawData!);
    const { modelFile } = await manifestOf(config);
    expect([...readModel(modelFile!).initializers.get('w')!.data]).to.deep.equal([0.25, -3]);
  });
});
