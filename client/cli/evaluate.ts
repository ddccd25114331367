import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { type Checkpoint, readCheckpoint } from '../actions/checkpoint.ts';
import { decodeModel } from '../core/codec.ts';
import { TributaryError } from '../core/errors.ts';
import { formatPercent } from '../localnet/format.ts';
import { compileTask } from '../node/engine.ts';
import { loadData } from '../training/data/source.ts';
import { action, addJsonOption, print, printJson } from './action.ts';

interface EvaluateOptions {
  checkpoint: string;
  source: string;
  json?: boolean;
}

export function createEvaluateCommand(): Command {
  const command = new Command('evaluate')
    .description('tries a checkpoint on data of your own')
    .requiredOption('--checkpoint <file>', 'as `tributary start` and `tributary fetch-model` write it')
    .requiredOption('--source <data>', "for example 'mnist?set=heldOut' or csv:patients.csv?label=outcome");
  return addJsonOption(command).action(action(evaluate));
}

async function evaluate({ checkpoint: path, source, json }: EvaluateOptions): Promise<void> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new TributaryError('CONFIG_INVALID', `--checkpoint: ${path} cannot be read.`, { cause });
  });
  const { manifest, model: fixedPoint, round, modelRoot } = readNamed(path, text);
  const data = await loadData(source, manifest.model);
  // the file of a given model lies beside its checkpoint
  const modelFile = join(dirname(path), 'model.onnx');
  const readModel = async () =>
    await readFile(modelFile).catch((cause: unknown) => {
      const message = `--checkpoint: ${modelFile}, which lies beside it, cannot be read: write both again with \`tributary fetch-model\`.`;
      throw new TributaryError('CONFIG_INVALID', message, { cause });
    });
  const store = { get: async () => new Uint8Array(await readModel()) };
  const model = await compileTask(manifest, store, 'onnx', AbortSignal.timeout(fetchTimeoutMs));
  const { accuracy, loss, count } = await model.evaluate(decodeModel(fixedPoint), data);
  await model.dispose();
  if (json) printJson({ round, modelRoot, accuracy, loss, samples: count });
  else
    print(
      `The model of round ${round} classifies ${formatPercent(accuracy)} of ${count} samples rightly, loss ${loss.toFixed(4)}.`,
    );
}

/** Errors: those of `readCheckpoint`, with the file's name. */
function readNamed(path: string, text: string): Checkpoint {
  try {
    return readCheckpoint(text);
  } catch (cause) {
    if (!(cause instanceof TributaryError)) throw cause;
    throw new TributaryError(cause.code, `--checkpoint: ${path}: ${cause.message}`, { cause, args: cause.args });
  }
}

const fetchTimeoutMs = 60_000;
