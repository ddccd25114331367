/** A program as an engine: what it is asked, what it may answer, and what becomes of a round when it misbehaves. */
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { CompiledModel, TrainingProgress } from '../../../client/training/engine.ts';
import { createLayout } from '../../../client/training/layout.ts';
import { createProcessEngine, type ProcessEngineOptions } from '../../../client/training/process/engine.ts';
import { floatTensorsOf, writeSafetensors } from '../../../client/training/safetensors.ts';
import { expectError } from '../../storage/expectError.ts';
import { createPlan } from '../plan.ts';

const program = fileURLToPath(new URL('./program.js', import.meta.url));
const layout = createLayout([
  { name: 'weight', shape: [2, 2] },
  { name: 'bias', shape: [2] },
  { name: 'base', shape: [1] },
]);
const bytes = writeSafetensors(floatTensorsOf(layout, Float32Array.of(0, 0, 0, 0, 2, 2, 7)));
const definition = {
  kind: 'tensors',
  bytes,
  inputShape: [1],
  classes: 1,
  tensors: { base: { frozen: true } },
} as const;
const plan = createPlan({ loss: 'squaredError' });
const start = Float32Array.of(0, 0, 0, 0, 2, 2);
const trained = Float32Array.of(0.5, 0.5, 0.5, 0.5, 1.5, 1.5);

describe('a program as an engine', () => {
  const opened: CompiledModel[] = [];
  afterEach(async () => {
    for (const model of opened.splice(0)) await model.dispose();
  });

  function optionsWith(args: readonly string[], more: Partial<ProcessEngineOptions> = {}) {
    const lines: string[] = [];
    const problems: string[] = [];
    const options: ProcessEngineOptions = {
      command: [process.execPath, program, ...args],
      onLine: (line) => lines.push(line),
      onProblem: (sentence) => problems.push(sentence),
      ...more,
    };
    return { lines, problems, engine: createProcessEngine(options) };
  }

  async function open(args: readonly string[] = [], more: Partial<ProcessEngineOptions> = {}) {
    const { engine, ...heard } = optionsWith(args, more);
    const model = await engine.compile(definition, plan);
    opened.push(model);
    const train = (signal?: AbortSignal, onProgress?: (progress: TrainingProgress) => void) =>
      model.trainLocally(start, engine.data, {
        seed: 's',
        round: 4,
        ...(signal && { signal }),
        ...(onProgress && { onProgress }),
      });
    return { engine, model, train, ...heard };
  }

  const failures: [fault: string, code: string, sentence: RegExp][] = [
    [
      'dies',
      'ENGINE_UNAVAILABLE',
      /^The engine ".*program\.js --fault dies.*" ended by itself \(exit code 3\); it said last: round 4 with seed s\.$/,
    ],
    ['hangs', 'ENGINE_UNAVAILABLE', /has said nothing for 5 s: it was killed\.$/],
    ['fails', 'ENGINE_UNAVAILABLE', /failed: out of memory\.$/],
    ['notJson', 'ENGINE_UNAVAILABLE', /answers what is not JSON, which has neither NaN nor Infinity: write null\.$/],
    ['otherType', 'ENGINE_UNAVAILABLE', /answers "evaluated" where "trained" is due\.$/],
    [
      'noSuchType',
      'ENGINE_UNAVAILABLE',
      /a message of the type "done", which is none of hello, progress, trained, evaluated, failed\.$/,
    ],
    ['lacksField', 'ENGINE_UNAVAILABLE', /whose field trained\.samples is wrong: .*\.$/],
    ['noFile', 'ENGINE_UNAVAILABLE', /has trained and not written .*trained\.safetensors\.$/],
    ['otherNames', 'MODEL_MISMATCH', /has a tensor "weights", which the model does not have; is "weight" meant\?$/],
    ['lacksTensor', 'MODEL_MISMATCH', /lacks the tensor "weight", which the model trains\.$/],
    ['otherShapes', 'MODEL_MISMATCH', /has the tensor "weight" in the shape \[1,2,2\], and the model in \[2,2\]\.$/],
    ['otherTypes', 'MODEL_MISMATCH', /has the tensor "weight" as F64, and F32 is wanted\.$/],
    ['nan', 'TRAINING_DIVERGED', /has trained the tensor "weight" to NaN at place 0: /],
    [
      'cut',
      'MODEL_INVALID',
      /^What the engine ".*" has written is not a safetensors file that can be read: it is cut: /,
    ],
    ['tooLong', 'MODEL_INVALID', /3 bytes stand behind its tensors\.$/],
    ['notSafetensors', 'MODEL_INVALID', /it does not begin with the length of a header\.$/],
  ];
  for (const [fault, code, sentence] of failures) {
    it(`that ${fault}: says so in one sentence, starts it again and trains`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tributary-fault-'));
      const once = ['--fault', fault, '--once', join(folder, 'done')];
      const { train, lines } = await open(once, { silenceSeconds: fault === 'hangs' ? 5 : 60 });
      const error = await expectError(train, code as never);
      expect(error.message).to.match(sentence);
      expect(error.retryable, 'the round goes on').to.equal(true);
      const started = Number(/^started (\d+)/.exec(lines.at(-1) ?? '')?.[1]);
      if (fault === 'hangs') while (isRunning(started)) await new Promise((resolve) => setTimeout(resolve, 20));
      expect((await train()).parameters).to.deep.equal(trained);
    });
  }

  const refused: [fault: string, code: string, sentence: RegExp][] = [
    ['protocol', 'ENGINE_UNAVAILABLE', /speaks "tributary-engine\/9", and tributary-engine\/1 is wanted: /],
    ['silentHello', 'ENGINE_UNAVAILABLE', /has said nothing for 0\.5 s: it was killed\.$/],
    ['otherHello', 'MODEL_MISMATCH', /lacks the tensor "weight", which the model trains\.$/],
    ['noSamples', 'DATA_EMPTY', /has no samples: look at its source\.$/],
  ];
  for (const [fault, code, sentence] of refused) {
    it(`is refused at the start: ${fault}`, async () => {
      const parent = mkdtempSync(join(tmpdir(), 'tributary-fault-'));
      const { engine } = optionsWith(['--fault', fault], {
        silenceSeconds: fault === 'silentHello' ? 0.5 : 60,
        folder: parent,
      });
      const error = await expectError(() => engine.compile(definition, plan), code as never);
      expect(error.message).to.match(sentence);
      expect(readdirSync(parent), 'nothing is left').to.deep.equal([]);
    });
  }

  it('that is not there is said to be', async () => {
    for (const command of [['no-such-program', 'train.py'], 'no-such-program train.py']) {
      const { engine } = optionsWith([], { command });
      const error = await expectError(() => engine.compile(definition, plan), 'ENGINE_UNAVAILABLE');
      expect(error.message).to.match(
        /^The engine "no-such-program train\.py" cannot be started.*(ENOENT|not found).*\.$/,
      );
    }
  });

  it('may print and answer twice: that is said, and passed over', async () => {
    const printing = await open(['--fault', 'prints']);
    expect((await printing.train()).parameters).to.deep.equal(trained);
    await printing.train();
    expect(printing.problems).to.have.length(1);
    expect(printing.problems[0]).to.match(
      /prints to its standard output, which is for messages: "epoch 1 of 1" is passed over/,
    );
    const doubling = await open(['--fault', 'twice']);
    await doubling.train();
    expect((await doubling.train()).parameters).to.deep.equal(trained);
    expect(doubling.problems[0]).to.match(/answers request 2 twice, or too late: the answer is passed over\.$/);
  });

  it('gives its tensors by name, in whatever order', async () => {
    expect((await (await open(['--fault', 'otherOrder'])).train()).parameters).to.deep.equal(trained);
  });

  it('is told round, seed, source and what is frozen; says how far it is, and how many samples it has', async () => {
    const { engine, train, lines } = await open(['--samples', '10'], { source: 'tell' });
    expect(engine.data.count).to.equal(10);
    const heard: TrainingProgress[] = [];
    const answer = await train(undefined, (progress) => heard.push(progress));
    expect(answer).to.deep.include({ loss: 0.5, samples: 10, metrics: { accuracy: 0.75 } });
    expect(heard).to.deep.equal([{ epoch: 0, epochs: 1, samplesDone: 5, samplesTotal: 10 }]);
    expect(lines).to.deep.equal(['source tell, frozen base, trained weight,bias', 'round 4 with seed s']);
    const more = await open(['--fault', 'manySamples']);
    expect([more.engine.data.count, (await more.train()).samples, more.engine.data.count]).to.deep.equal([
      10, 1e6, 1e6,
    ]);
  });

  it('may leave out of a line of progress what is as in the line before', async () => {
    const heard: TrainingProgress[] = [];
    await (await open(['--fault', 'terse'])).train(undefined, (progress) => heard.push(progress));
    expect(heard.slice(1)).to.deep.equal([
      { epoch: 0, epochs: 1, samplesDone: 6, samplesTotal: 20 },
      { epoch: 0, epochs: 1, samplesDone: 7, samplesTotal: 20 },
    ]);
  });

  it('may say nothing for as long as nothing is asked', async () => {
    const silenceSeconds = 5;
    const { train, lines } = await open([], { source: 'tell', silenceSeconds });
    await train();
    await new Promise((resolve) => setTimeout(resolve, 1000 * silenceSeconds + 500));
    await train();
    expect(lines.filter((line) => line.startsWith('source'))).to.have.length(1);
  });

  it('evaluates, as a whole and in parts of its data; what is no number is worse than any', async () => {
    const { engine, model } = await open();
    expect(await model.evaluate(start, engine.data)).to.deep.equal({
      loss: 1,
      accuracy: 0,
      count: 10,
      metrics: { accuracy: 0 },
    });
    expect(await model.lossesInParts!(trained, 2)).to.deep.equal([0.25, 0.25 + 1 / 1024]);
    expect(await (await open(['--fault', 'hopeless'])).model.lossesInParts!(start, 3)).to.deep.equal([1e9, 1e9, 1e9]);
    const empty = await open(['--fault', 'noResults']);
    expect((await expectError(() => empty.model.evaluate(start, engine.data), 'ENGINE_UNAVAILABLE')).message).to.match(
      /answers 0 results for 1 model\.$/,
    );
    const { model: other } = await open(['--fault', 'otherParts']);
    expect((await expectError(() => other.lossesInParts!(start, 2), 'ENGINE_UNAVAILABLE')).message).to.match(
      /answers 3 parts of its data, and 2 are due\.$/,
    );
  });

  it('answers calls in turn', async () => {
    const { train, model, engine } = await open();
    const [first, loss, second] = await Promise.all([train(), model.evaluate(start, engine.data), train()]);
    expect([first.parameters, loss.loss, second.parameters]).to.deep.equal([trained, 1, trained]);
  });

  it('does not see the key of who runs it, nor its password', async () => {
    process.env.TRIBUTARY_PRIVATE_KEY = '0x1';
    process.env.TRIBUTARY_PASSWORD = 'word';
    try {
      expect((await open(['--fault', 'secrets'])).lines).to.deep.equal([]);
    } finally {
      delete process.env.TRIBUTARY_PRIVATE_KEY;
      delete process.env.TRIBUTARY_PASSWORD;
    }
  });

  it('is stopped when training is, and started again for the next', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-fault-'));
    const stop = new AbortController();
    const onLine = (line: string) => line.startsWith('started') && stop.abort();
    const { train } = await open(['--fault', 'hangs', '--once', join(folder, 'done')], { onLine });
    await expectError(() => train(stop.signal), 'ABORTED');
    expect((await train()).parameters).to.deep.equal(trained);
  });

  it('ends with its model, and leaves no file', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'tributary-fault-'));
    const { model, train } = await open(['--fault', 'stays'], { folder: parent });
    await train();
    expect(existsSync(parent)).to.equal(true);
    await model.dispose();
    expect(readdirSync(parent)).to.deep.equal([]);
    await expectError(train, 'ABORTED');
  });

  it('trains a model that comes with the engines, by the names of its tensors', async () => {
    const { engine } = optionsWith([]);
    const model = await engine.compile({ kind: 'logistic', inputShape: [3], classes: 2 }, plan);
    opened.push(model);
    const parameters = new Float32Array(model.layout.dimension);
    const answer = await model.trainLocally(parameters, engine.data, { seed: 's' });
    expect(answer.parameters).to.deep.equal(parameters.fill(0.5));
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // a zombie has ended
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
