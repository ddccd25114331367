/** `tributary engine check`: whether a program can be an engine. */
import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { unreadable } from '../core/jsonText.ts';
import { parseWith, trainingPlanSchema } from '../core/task.ts';
import { readSeconds } from '../node/engineOptions.ts';
import { checkEngine, type Finding } from '../training/process/check.ts';
import type { EngineRole } from '../training/process/messages.ts';
import { readTensorsModel } from '../training/tensors/model.ts';
import { action, addJsonOption, print, printJson } from './action.ts';

interface CheckOptions {
  model?: string;
  source?: string;
  role: EngineRole;
  learningRate: string;
  engineSilence: number;
  json?: boolean;
}

export function createEngineCommand(): Command {
  const command = new Command('engine')
    .enablePositionalOptions()
    .description('programs of your own that train and evaluate; see docs/engines.md');
  return command.addCommand(createCheckCommand());
}

function createCheckCommand(): Command {
  const command = new Command('check')
    .description('drives a program through all that a trainer or an evaluator asks of it, and says what it gets wrong')
    .argument('<command...>', 'the program and its arguments, behind --')
    .option(
      '--model <file>',
      'the safetensors file that a task starts from (default: tensors as the program names them)',
    )
    .option('--source <data>', 'handed to the program as it is')
    .addOption(new Option('--role <role>', 'for whom').choices(['trainer', 'evaluator']).default('trainer'))
    .option('--learning-rate <rate>', 'of the plan', '0.01')
    .option('--engine-silence <seconds>', 'how long it may say nothing', readSeconds, 600)
    .passThroughOptions();
  return addJsonOption(command).action((program: string[], options: CheckOptions) =>
    action((given: CheckOptions) => check(program, given))(options),
  );
}

async function check(command: string[], options: CheckOptions): Promise<void> {
  const { source, role, engineSilence: silenceSeconds, json, learningRate } = options;
  const plan = parseWith(
    trainingPlanSchema,
    { learningRate: Number(learningRate), epochs: 1, batchSize: 10 },
    'option',
  );
  const model = options.model === undefined ? undefined : await readModel(options.model);
  const say = (finding: Finding) => (json ? printJson(finding) : print(describe(finding)));
  const onLine = (line: string) => json || process.stderr.write(`  ${line}\n`);
  const isRight = await checkEngine({ command, model, source, role, plan, silenceSeconds, onLine }, say);
  if (!isRight) process.exitCode = 1;
  if (!json) print(isRight ? 'The program is an engine.' : 'The program is no engine yet.');
}

async function readModel(path: string): Promise<Uint8Array> {
  const file = { name: 'model', path, remedy: 'name a safetensors file with --model' };
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  readTensorsModel({ bytes });
  return bytes;
}

function describe({ what, problem, note }: Finding): string {
  return problem === undefined ? `ok     ${what}: ${note}` : `WRONG  ${what}: ${problem}`;
}
