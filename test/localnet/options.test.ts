import { resolve } from 'node:path';
import { expect } from 'chai';
import { TributaryError } from '../../client/core/errors.ts';
import { federationOf } from '../../client/localnet/federationOf.ts';
import { parseStartOptions } from '../../client/localnet/options.ts';
import { expectError } from '../storage/expectError.ts';

function complaint(given: Record<string, unknown>): string {
  try {
    parseStartOptions(given);
  } catch (error) {
    expect(error).to.be.instanceOf(TributaryError);
    expect((error as TributaryError).code).to.equal('CONFIG_INVALID');
    return (error as Error).message;
  }
  return 'nothing was wrong';
}

const digits = { inputShape: [1, 28, 28], classes: 10 };

describe('the options of start', () => {
  const wrong: [Record<string, unknown>, string][] = [
    [{ trainers: 'five' }, '--trainers: "five" is not a whole number from 1 to 200.'],
    [{ trainers: '0' }, '--trainers: "0" is not a whole number from 1 to 200.'],
    [{ rounds: '1.5' }, '--rounds: "1.5" is not a whole number from 1 to 100000.'],
    [{ model: 'resnet' }, '--model: "resnet" is not logistic, 2nn, cnn, or the path'],
    [{ learningRate: '-1' }, '--learning-rate: "-1" is not a number above 0, up to 100.'],
    [{ learningRate: 'NaN' }, '--learning-rate: "NaN" is not a number above 0'],
    [{ learningRate: '' }, '--learning-rate: "" is not a number above 0'],
    [{ batchSize: '-3' }, '--batch-size: "-3" is not a whole number'],
    [{ optimizer: 'lion' }, '--optimizer: "lion" is not sgd, momentum or adam.'],
    [{ partition: 'dirichlet:0' }, '--partition: "dirichlet:0" is not one of iid'],
    [{ recordDp: 'epsilon=-1' }, '--record-dp: epsilon: Too small: expected number to be >0'],
    [{ recordDp: 'epsilon=8,sigma=2' }, '--record-dp: Unrecognized key: "sigma"'],
    [{ rule: 'krum' }, '--rule: "krum" is none of: mean, median'],
    [{ rpc: 'localhost:8545' }, '--rpc: "localhost:8545" is not an http or https address.'],
    [{ inputShape: '28x28' }, '--input-shape: "28x28" is not a shape such as 784 or 1,28,28.'],
    [{ store: 'kubo', kuboApi: 'http://127.0.0.1:5001' }, '--kubo-api: wants one address for each of the 10 processes'],
    [{ engine: 'torch' }, '--engine: "torch" is not onnx, tfjs, or process: and a command.'],
    [{ engine: 'process: ' }, '--engine: "process: " is not onnx, tfjs, or process: and a command.'],
    [{ engine: 'process:python train.py', attack: 'norm' }, '--attack: nobody who cheats trains with a program'],
    [{ resume: true }, '--resume: wants --folder and --rpc'],
  ];
  for (const [given, message] of wrong) {
    it(`names the option and what it wants: ${JSON.stringify(given)}`, () => {
      expect(complaint(given)).to.include(message);
    });
  }

  it('are five trainers, two aggregators, a watchtower and five rounds unless said otherwise', async () => {
    const options = parseStartOptions({});
    expect(options).to.include({ trainers: 5, aggregators: 2, watchtowers: 1, rounds: 5, partition: 'dirichlet:0.5' });
    const config = await federationOf(options, digits);
    expect(config.model).to.deep.equal({ kind: '2nn', inputShape: [784], classes: 10 });
    expect(config).to.include({ rule: 'mean', seed: '1', startTrainers: 5 });
    expect(config.training).to.deep.include({ learningRate: 0.1, epochs: 5, batchSize: 10, proximalMu: 0 });
  });

  it('give a run with --attack reputation as many rounds, and as few in flight, as it takes for reputation to weigh', async () => {
    const options = parseStartOptions({ attack: 'reputation' });
    expect(options.rounds).to.equal(10);
    expect(await federationOf(options, digits)).to.include({ ringSize: 3, reputationFloor: 0.5 });
    expect(parseStartOptions({ attack: 'reputation', rounds: '7' }).rounds).to.equal(7);
  });

  it('take a model of named tensors, which a program trains', async () => {
    const program = { engine: 'process:python train.py', model: 'start.safetensors' };
    const config = await federationOf(parseStartOptions(program), { inputShape: [1], classes: 1 });
    expect(config.model).to.deep.equal({
      kind: 'tensors',
      file: resolve('start.safetensors'),
      inputShape: [1],
      classes: 1,
    });
    const error = await expectError(
      () => federationOf(parseStartOptions({ model: 'start.safetensors' }), { inputShape: [1], classes: 1 }),
      'CONFIG_INVALID',
    );
    expect(error.message).to.match(/^--engine: a model of named tensors is trained by a program of your own/);
  });

  it('reach the federation', async () => {
    const given = {
      model: 'cnn',
      rule: 'trimmedMean:0.2',
      seed: '7',
      epochs: '2',
      optimizer: 'adam',
      proximalMu: '0.01',
    };
    const config = await federationOf(parseStartOptions({ ...given, trainers: '10' }), digits);
    expect(config.model).to.deep.equal({ kind: 'cnn', inputShape: [1, 28, 28], classes: 10 });
    expect(config).to.include({ rule: 'trimmedMean:0.2', seed: '7', startTrainers: 10, minimumUpdates: 0 });
    expect(config.training).to.deep.include({ learningRate: 0.001, epochs: 2, proximalMu: 0.01 });
    expect(config.training.optimizer).to.deep.include({ name: 'adam', beta1: 0.9 });
  });
});
