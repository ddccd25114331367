/**
 * An engine as a program of its own: it moves every tensor half of the way to its target, and its loss is the mean square distance.
 * `--fault <name>` makes it misbehave; with `--once <file>` only until that file is there.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { floatsOf, readSafetensors, writeSafetensors } from '../../../client/training/safetensors.ts';

const { values } = parseArgs({
  options: {
    fault: { type: 'string', default: '' },
    once: { type: 'string' },
    samples: { type: 'string', default: '10' },
    target: { type: 'string', default: '1' },
  },
});
const samples = Number(values.samples);
const target = Number(values.target);
let tensors = [];
let evaluations = 0;

function say(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function has(fault) {
  if (values.fault !== fault) return false;
  if (values.once === undefined) return true;
  if (existsSync(values.once)) return false;
  writeFileSync(values.once, '');
  return true;
}

function readTensors(path) {
  return readSafetensors(readFileSync(path), path).map((tensor) => ({ ...tensor, values: floatsOf(tensor) }));
}

function writeTensors(path, trained) {
  const stored = trained.map(({ values: numbers, ...tensor }) => ({
    ...tensor,
    bytes: new Uint8Array(numbers.buffer),
  }));
  writeFileSync(path, writeSafetensors(stored));
}

function hello({ id, tensors: asked, source, frozen }) {
  tensors = asked;
  if (has('silentHello')) return;
  if (has('secrets'))
    process.stderr.write(`${Object.keys(process.env).filter((name) => /^TRIBUTARY_(PR|PA)/.test(name))}\n`);
  if (source === 'tell')
    process.stderr.write(
      `source ${source}, frozen ${frozen && readTensors(frozen).map(({ name }) => name)}, ` +
        `trained ${asked.filter(({ trained }) => trained).map(({ name }) => name)}\n`,
    );
  if (has('otherHello')) tensors = tensors.slice(1);
  const protocol = has('protocol') ? 'tributary-engine/9' : 'tributary-engine/1';
  say({ id, type: 'hello', protocol, tensors: [...tensors].reverse(), samples: has('noSamples') ? 0 : samples });
}

function train({ id, model, output, round, seed, plan }) {
  say({ id, type: 'progress', epoch: 0, epochs: plan.epochs, samplesDone: samples / 2, samplesTotal: samples });
  if (has('terse')) {
    say({ id, type: 'progress', samplesDone: 6, samplesTotal: 20 });
    say({ id, type: 'progress', samplesDone: 7 });
  }
  process.stderr.write(`round ${round} with seed ${seed}\n`);
  if (has('dies')) process.exit(3);
  if (has('hangs')) {
    // and so does what it has started, which says who it is
    const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
    process.stderr.write(`started ${child.pid}\n`);
    return;
  }
  if (has('fails')) return say({ id, type: 'failed', message: 'out of memory' });
  if (has('prints')) process.stdout.write('epoch 1 of 1\n');
  if (has('notJson')) return process.stdout.write(`{"id": ${id}, "type": "trained", "samples": 3, "loss": NaN}\n`);
  if (has('otherType')) return say({ id, type: 'evaluated', samples, results: [] });
  if (has('noSuchType')) return say({ id, type: 'done' });
  if (has('lacksField')) return say({ id, type: 'trained' });
  const trained = readTensors(model).map((tensor) => ({
    ...tensor,
    values: tensor.values.map((x) => x + (target - x) / 2),
  }));
  write(output, trained);
  say({ id, type: 'trained', samples: has('manySamples') ? 1e6 : samples, loss: 0.5, metrics: { accuracy: 0.75 } });
  if (has('twice')) say({ id, type: 'trained', samples, loss: 0.5 });
}

function write(output, trained) {
  const [first, ...others] = trained;
  if (has('noFile')) return;
  if (has('otherNames')) return writeTensors(output, [{ ...first, name: `${first.name}s` }, ...others]);
  if (has('lacksTensor')) return writeTensors(output, others);
  if (has('otherShapes')) return writeTensors(output, [{ ...first, shape: [1, ...first.shape] }, ...others]);
  if (has('otherTypes'))
    return writeTensors(output, [{ ...first, dtype: 'F64', values: Float64Array.from(first.values) }, ...others]);
  if (has('nan')) first.values[0] = Number.NaN;
  if (has('otherOrder')) trained.reverse();
  writeTensors(output, trained);
  if (has('cut')) writeFileSync(output, readFileSync(output).subarray(0, -4));
  if (has('tooLong')) writeFileSync(output, Buffer.concat([readFileSync(output), Buffer.alloc(3)]));
  if (has('notSafetensors')) writeFileSync(output, 'PK\u0003\u0004 a zip file, as torch.save writes it');
}

function evaluate({ id, models, parts }) {
  evaluations++;
  const results = models.map((model) => {
    const distances = readTensors(model).flatMap((tensor) => [...tensor.values].map((x) => (x - target) ** 2));
    const loss = distances.reduce((sum, square) => sum + square, has('drifts') ? evaluations : 0) / distances.length;
    if (has('hopeless')) return { loss: null };
    return {
      loss,
      parts: Array.from({ length: has('otherParts') ? parts + 1 : parts }, (_, part) => loss + part / 1024),
      metrics: { accuracy: 1 - loss },
    };
  });
  say({ id, type: 'evaluated', samples, results: has('noResults') ? [] : results });
}

const answers = { hello, train, evaluate };
createInterface({ input: process.stdin }).on('line', (line) => {
  if (has('echoes')) process.stderr.write(`${line}\n`);
  const request = JSON.parse(line);
  answers[request.type](request);
});
process.stdin.on('end', () => {
  if (has('stays')) setInterval(() => undefined, 1000);
  else process.exit();
});
