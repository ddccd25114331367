import { Command } from 'commander';
import { checkpointFile, readCheckpoint } from '../actions/checkpoint.ts';
import { decodeModel } from '../core/codec.ts';
import { unitOfTarget } from '../core/data/targets.ts';
import { formatPercent } from '../localnet/format.ts';
import { compileCheckpoint } from '../node/compileCheckpoint.ts';
import { readTextFile } from '../node/readJsonFile.ts';
import { loadData } from '../training/data/source.ts';
import type { Evaluation } from '../training/engine.ts';
import { measureModel } from '../training/metrics/measure.ts';
import { action, addJsonOption, print, printJson } from './action.ts';
import { renderMetrics } from './renderMetrics.ts';

interface EvaluateOptions {
  checkpoint: string;
  source: string;
  json?: boolean;
}

export function createEvaluateCommand(): Command {
  const command = new Command('evaluate')
    .description('tries a checkpoint on data of your own, by every metric of its kind')
    .requiredOption('--checkpoint <file>', 'as `tributary start` and `tributary fetch-model` write it')
    .requiredOption('--source <data>', "for example 'mnist?set=heldOut' or csv:patients.csv");
  return addJsonOption(command).action(action(evaluate));
}

async function evaluate({ checkpoint: path, source, json }: EvaluateOptions): Promise<void> {
  const text = readTextFile(checkpointFile(path));
  const checkpoint = readCheckpoint(text, path);
  const { manifest, model: fixedPoint, round, modelRoot } = checkpoint;
  const data = await loadData(source, manifest);
  const model = await compileCheckpoint(checkpoint, path);
  const parameters = decodeModel(fixedPoint);
  const { accuracy, loss, count } = await model.evaluate(parameters, data);
  const metrics = await measureModel(model, parameters, data, manifest);
  await model.dispose();
  if (json) printJson({ round, modelRoot, accuracy, loss, samples: count, metrics });
  else
    print(`${sentenceOf(round, { accuracy, loss, count })}\n\n${renderMetrics(metrics, unitOfTarget(manifest.data))}`);
}

function sentenceOf(round: number, { accuracy, loss, count }: Evaluation): string {
  const samples = `${count} ${count === 1 ? 'sample' : 'samples'}`;
  if (Number.isNaN(accuracy)) return `The model of round ${round} has the loss ${loss.toFixed(4)} on ${samples}.`;
  return `The model of round ${round} classifies ${formatPercent(accuracy)} of ${samples} rightly, loss ${loss.toFixed(4)}.`;
}
