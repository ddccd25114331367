import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { checkpointFile, readCheckpoint } from '../actions/checkpoint.ts';
import { decodeModel } from '../core/codec.ts';
import { unreadable } from '../core/jsonText.ts';
import { formatPercent } from '../localnet/format.ts';
import { compileTask, type EngineName } from '../node/engine.ts';
import { addEngineOptions, type EngineText, programOf } from '../node/engineOptions.ts';
import { readTextFile } from '../node/readJsonFile.ts';
import { loadData } from '../training/data/source.ts';
import { createProcessEngine } from '../training/process/engine.ts';
import { action, addJsonOption, print, printJson } from './action.ts';

interface EvaluateOptions {
  checkpoint: string;
  source?: string;
  engine: EngineText;
  engineSilence: number;
  json?: boolean;
}

export function createEvaluateCommand(): Command {
  const command = new Command('evaluate')
    .description('tries a checkpoint on data of your own')
    .requiredOption('--checkpoint <file>', 'as `tributary start` and `tributary fetch-model` write it');
  const source =
    "for example 'mnist?set=heldOut' or csv:patients.csv?label=outcome; for a program of your own whatever it understands";
  return addJsonOption(addEngineOptions(command, source, 'what evaluates')).action(action(evaluate));
}

async function evaluate({
  checkpoint: path,
  source,
  engine: named,
  engineSilence,
  json,
}: EvaluateOptions): Promise<void> {
  const text = readTextFile(checkpointFile(path));
  const { manifest, model: fixedPoint, round, modelRoot } = readCheckpoint(text, path);
  const command = programOf(named);
  const engine =
    command === undefined
      ? (named as EngineName)
      : createProcessEngine({ command, role: 'evaluator', source, silenceSeconds: engineSilence });
  const data = typeof engine === 'string' ? await loadData(source!, manifest.model) : engine.data;
  // the file of a given model lies beside its checkpoint
  const file = manifest.model.kind === 'tensors' ? 'model.safetensors' : 'model.onnx';
  const store = { get: () => readModelFile(join(dirname(path), file)) };
  const model = await compileTask(manifest, store, engine, AbortSignal.timeout(fetchTimeoutMs));
  const { accuracy, loss, count } = await model.evaluate(decodeModel(fixedPoint), data);
  await model.dispose();
  if (json) printJson({ round, modelRoot, accuracy, loss, samples: count });
  else
    print(
      `The model of round ${round} classifies ${formatPercent(accuracy)} of ${count} samples rightly, loss ${loss.toFixed(4)}.`,
    );
}

async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    throw unreadable(
      { name: 'model', path, remedy: 'leave the checkpoint beside the model that was written with it' },
      cause,
    );
  }
}

const fetchTimeoutMs = 60_000;
