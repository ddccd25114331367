/** `tributary data`: what data is, proposed from a file, and whether a file is the data of a task. */
import { Command, Option } from 'commander';
import { terminalColumns } from '../localnet/fitTable.ts';
import { repeated } from '../node/options.ts';
import { writeWhole } from '../storage/wholeFile.ts';
import { describeData } from '../training/data/describe.ts';
import { inspectData } from '../training/data/source.ts';
import { action, addJsonOption, print, printJson } from './action.ts';
import { renderDataReport } from './dataReport.ts';
import { readTaskOfData, type TaskLocation } from './taskOfData.ts';

interface DescribeOptions {
  label?: string[];
  target?: 'class' | 'number';
  ignore?: string[];
  output?: string;
  json?: boolean;
}

interface CheckOptions extends TaskLocation {
  json?: boolean;
}

export function createDataCommand(): Command {
  const command = new Command('data').description('describes data for a task, and checks data against one');
  command.addCommand(createDescribeCommand());
  command.addCommand(createCheckCommand());
  return command;
}

function createDescribeCommand(): Command {
  const command = new Command('describe')
    .description('proposes how a task describes its data, from a file that shows all of it, and asks where it guesses')
    .argument('<source>', 'for example csv:patients.csv, images:photos or idx:images,labels')
    .option(
      '--label <column>',
      'of a table: the column to predict; given again, for several yes-or-no questions',
      repeated,
    )
    .addOption(
      new Option('--target <kind>', 'what the label is, where its values do not say').choices(['class', 'number']),
    )
    .option('--ignore <column>', 'of a table: a column that is not used; may be given again', repeated)
    .option('--output <file>', 'where to write it (default: standard output)');
  return addJsonOption(command).action((source: string, options: DescribeOptions) =>
    action((given: DescribeOptions) => describe(source, given))(options),
  );
}

async function describe(source: string, { label, target, ignore, output, json }: DescribeOptions): Promise<void> {
  const { data, questions } = await describeData(source, {
    ...(label !== undefined && { label }),
    ...(ignore !== undefined && { ignore }),
    target,
  });
  const text = `${JSON.stringify(data, null, 2)}\n`;
  if (output !== undefined) writeWhole(output, text);
  if (json) {
    printJson({ event: 'described', data, questions, ...(output !== undefined && { file: output }) });
    return;
  }
  if (output === undefined) process.stdout.write(text);
  // beside what may be piped into a file
  const asks = questions.map((question) => `? ${question}\n`).join('');
  const next =
    output === undefined
      ? ''
      : `Wrote ${output}. Look it through, then name it in tributary.json: "data": "${output}".\n`;
  process.stderr.write(asks + next);
}

function createCheckCommand(): Command {
  const command = new Command('check')
    .description('holds data against a task: what would be used, what would be skipped and why')
    .argument('<source>', 'the data, as --source of a trainer has it')
    .option('--deployment <file>', 'the task of a federation')
    .option('--config <file>', 'the task of a configuration')
    .option('--manifest <file>', 'a task manifest, or a description alone')
    .option('--rpc <url>', "with --deployment: a node of the chain (default: the deployment's)", repeated);
  return addJsonOption(command).action((source: string, options: CheckOptions) =>
    action((given: CheckOptions) => check(source, given))(options),
  );
}

/** Errors: those for which a trainer would be refused, after the report. */
async function check(source: string, { json, ...where }: CheckOptions): Promise<void> {
  const task = await readTaskOfData(where);
  const { report, refusal } = await inspectData(source, task);
  const verdict = refusal === undefined ? { fits: true } : { fits: false, reason: refusal.message };
  if (json) printJson({ event: 'dataChecked', ...report, ...verdict });
  else print(renderDataReport(report, terminalColumns()));
  if (refusal !== undefined) throw refusal;
}
