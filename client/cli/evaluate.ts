import { Command } from 'commander';
import { checkpointFile, readCheckpoint } from '../actions/checkpoint.ts';
import { decodeModel } from '../core/codec.ts';
import { unitOfTarget } from '../core/data/targets.ts';
import { formatPercent } from '../localnet/format.ts';
import { compileCheckpoint } from '../node/compileCheckpoint.ts';
import type { EngineName } from '../node/engine.ts';
import { addEngineOptions, type EngineText, programOf } from '../node/engineOptions.ts';
import { readTextFile } from '../node/readJsonFile.ts';
import { loadData } from '../training/data/source.ts';
import type { Evaluation } from '../training/engine.ts';
import { measureModel } from '../training/metrics/measure.ts';
import { createProcessEngine } from '../training/process/engine.ts';
import { action, addJsonOption, print, printJson } from './action.ts';
import { renderMetrics } from './renderMetrics.ts';

interface EvaluateOptions {
  checkpoint: string;
  source?: string;
  engine: EngineText;
  engineSilence: number;
  json?: boolean;
}

export function createEvaluateCommand(): Command {
  const command = new Command('evaluate')
    .description('tries a checkpoint on data of your own, by every metric of its kind')
    .requiredOption('--checkpoint <file>', 'as `tributary start` and `tributary fetch-model` write it');
  const source =
    "for example 'mnist?set=heldOut' or csv:patients.csv; for a program of your own whatever it understands";
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
  const checkpoint = readCheckpoint(text, path);
  const { manifest, model: fixedPoint, round, modelRoot } = checkpoint;
  const command = programOf(named);
  const engine =
    command === undefined
      ? (named as EngineName)
      : createProcessEngine({ command, role: 'evaluator', source, silenceSeconds: engineSilence });
  const data = typeof engine === 'string' ? await loadData(source!, manifest) : engine.data;
  const model = await compileCheckpoint(checkpoint, path, engine);
  const parameters = decodeModel(fixedPoint);
  const { accuracy, loss, count, metrics: own } = await model.evaluate(parameters, data);
  // what a program has measured is its own business
  const metrics = typeof engine === 'string' ? await measureModel(model, parameters, data, manifest) : undefined;
  await model.dispose();
  if (json) printJson({ round, modelRoot, accuracy, loss, samples: count, metrics: metrics ?? own });
  else {
    print(sentenceOf(round, { accuracy, loss, count }));
    if (metrics !== undefined) print(`\n${renderMetrics(metrics, unitOfTarget(manifest.data))}`);
    for (const [name, value] of Object.entries(own ?? {})) print(`  ${name}  ${value}`);
  }
}

function sentenceOf(round: number, { accuracy, loss, count }: Evaluation): string {
  const samples = `${count} ${count === 1 ? 'sample' : 'samples'}`;
  if (Number.isNaN(accuracy)) return `The model of round ${round} has the loss ${loss.toFixed(4)} on ${samples}.`;
  return `The model of round ${round} classifies ${formatPercent(accuracy)} of ${samples} rightly, loss ${loss.toFixed(4)}.`;
}
