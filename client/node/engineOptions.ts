/** With what a trainer trains and an evaluator evaluates: one of the engines that come with the package, or a program of one's own. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Participant } from '../participant/participant.ts';
import { createProcessEngine } from '../training/process/engine.ts';
import type { EngineRole } from '../training/process/messages.ts';
import type { EngineName, TaskEngine } from './engine.ts';

/** As a person writes it. */
export type EngineText = EngineName | `process:${string}`;

export interface EngineOptions {
  /** Of a program whatever it understands; of the other engines a source of data. */
  source?: string;
  engine: EngineText;
  engineSilence: number;
  /** The data folder. */
  data: string;
}

export const isEngineText = (text: string): text is EngineText => /^(onnx|tfjs|process:.*\S.*)$/s.test(text);

/** The program's command; undefined for the other engines. */
export function programOf(engine: EngineText): string | undefined {
  return engine.startsWith('process:') ? engine.slice('process:'.length).trim() : undefined;
}

/** `source` and `engine` are what the options are for. */
export function addEngineOptions(command: Command, source: string, engine: string): Command {
  return command
    .option('--source <data>', source)
    .addOption(
      new Option('--engine <engine>', `${engine}: onnx, tfjs, or a program of your own, process:"python train.py"`)
        .argParser(readEngine)
        .default('onnx'),
    )
    .option('--engine-silence <seconds>', 'a program that says nothing for so long is started again', readSeconds, 600)
    .hook('preAction', (_, acting) => {
      const { source: given, engine: named } = acting.opts<EngineOptions>();
      if (given === undefined && programOf(named) === undefined)
        acting.error("error: required option '--source <data>' not specified");
    });
}

/** The data folder is this process's alone: what a program that died has left is removed. */
export function openEngine(
  role: EngineRole,
  { engine, source, engineSilence, data }: EngineOptions,
  { report }: Pick<Participant, 'report'>,
): TaskEngine {
  const command = programOf(engine);
  if (command === undefined) return engine as EngineName;
  const folder = join(data, 'engine');
  rmSync(folder, { recursive: true, force: true });
  return createProcessEngine({
    command,
    role,
    source,
    folder,
    silenceSeconds: engineSilence,
    onLine: (line) => report({ event: 'engineSaid', line }),
    onProblem: (problem) => report({ event: 'engineProblem', problem }),
  });
}

function readEngine(text: string): EngineText {
  if (isEngineText(text)) return text;
  throw new InvalidArgumentError('It must be onnx, tfjs, or process: and a command.');
}

export function readSeconds(text: string): number {
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds > 0 && seconds <= 86_400) return seconds;
  throw new InvalidArgumentError('It must be a number of seconds, up to a day.');
}
