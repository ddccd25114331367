/** `tributary predict`: what a model says of samples that nobody has labelled. */
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { readCheckpoint } from '../../actions/checkpoint.ts';
import { exportModel } from '../../actions/exportModel.ts';
import { TributaryError } from '../../core/errors.ts';
import { unreadable } from '../../core/jsonText.ts';
import { renderTable, terminalColumns } from '../../localnet/fitTable.ts';
import { formatPercent } from '../../localnet/format.ts';
import { compileCheckpoint } from '../../node/compileCheckpoint.ts';
import { repeated } from '../../node/options.ts';
import type { Answer } from '../../training/predict/answers.ts';
import { openPredictor } from '../../training/predict/predictor.ts';
import { action, addJsonOption, print, printJson } from '../action.ts';
import { answerAll, type NamedAnswer } from './samples.ts';

interface Options {
  model: string;
  source?: string;
  row?: readonly string[];
  image?: readonly string[];
  json?: boolean;
}

export function createPredictCommand(): Command {
  const command = new Command('predict')
    .description('asks a model about samples of your own, which need no label')
    .argument('[source]', "for example csv:patients.csv or images:photos; a file's path alone will do")
    .requiredOption('--model <file>', 'model.onnx, which is enough by itself, or checkpoint.json')
    .option('--source <source>', 'the same as the argument')
    .option('--row <json>', 'a row of a table, such as \'{"age": 54, "sex": "f"}\'; may be given again', repeated)
    .option('--image <file>', 'a picture; may be given again', repeated);
  return addJsonOption(command).action((source: string | undefined, options: Options) =>
    action(predict)({ ...options, ...(source !== undefined && { source }) }),
  );
}

async function predict({ model: path, source, row = [], image = [], json }: Options): Promise<void> {
  if (source === undefined && row.length === 0 && image.length === 0) {
    throw new TributaryError('CONFIG_INVALID', 'Give a source, --row or --image: what is to be predicted?');
  }
  const predictor = await openPredictor(await readModel(path), path);
  try {
    const answers = await answerAll(predictor, { source, rows: row, images: image });
    if (json) for (const { sample, answer } of answers) printJson({ sample, ...answer });
    else print(renderAnswers(answers));
    const refusals = answers.flatMap(({ answer }) => ('refused' in answer ? [answer.refused] : []));
    if (refusals.length < answers.length) return;
    throw new TributaryError(
      'DATA_INVALID',
      `The task refuses all ${answers.length} samples, the first since ${refusals[0]}.`,
    );
  } finally {
    await predictor.dispose();
  }
}

/** Of a checkpoint the model that it is exported to. Errors: CONFIG_INVALID, those of the checkpoint and its model. */
async function readModel(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((cause) => {
    throw unreadable({ name: '--model', path, remedy: 'take a file that `tributary fetch-model` wrote' }, cause);
  });
  const isJson = /^\s*\{/.test(new TextDecoder().decode(bytes.subarray(0, 100)));
  if (!isJson) return new Uint8Array(bytes);
  const checkpoint = readCheckpoint(new TextDecoder().decode(bytes), path);
  const compiled = await compileCheckpoint(checkpoint, path);
  try {
    const graph = exportModel(compiled, checkpoint)['model.onnx'];
    if (graph !== undefined) return graph;
    throw new TributaryError(
      'CONFIG_INVALID',
      `--model: ${path} is of a model of named tensors, which has no graph: predict with the program that trains it.`,
    );
  } finally {
    await compiled.dispose();
  }
}

function renderAnswers(answers: readonly NamedAnswer[]): string {
  const rows = answers.map(({ sample, answer }) => [sample, ...cellsOf(answer)]);
  return renderTable(
    { head: ['sample', 'answer', 'probabilities'], rows, optional: ['probabilities'] },
    terminalColumns(),
  );
}

/** Classes beyond these are left to --json. */
const shownClasses = 5;

function cellsOf(answer: Answer): string[] {
  if ('refused' in answer) return [`refused: ${answer.refused}`, ''];
  if ('predictions' in answer) {
    const { predictions, unit } = answer;
    const numbers = Object.values(predictions).map((value) => String(Number(value.toPrecision(6))));
    return [`${numbers.join(', ')}${unit === undefined ? '' : ` ${unit}`}`, ''];
  }
  const entries = Object.entries(answer.probabilities);
  const shares = (of: typeof entries) => of.map(([name, share]) => `${name} ${formatPercent(share)}`).join(', ');
  if (!('label' in answer))
    return [
      entries
        .filter(([, share]) => share > 0.5)
        .map(([name]) => name)
        .join(', '),
      shares(entries),
    ];
  const likeliest = entries.sort(([, a], [, b]) => b - a).slice(0, shownClasses);
  return [answer.label, shares(likeliest)];
}
