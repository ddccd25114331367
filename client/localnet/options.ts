/** The options of `tributary start`: parsed once, errors name the option and what it wants. */
import { type Command, Option } from 'commander';
import { z } from 'zod/v4';
import { attackNames } from '../adversary/attack.ts';
import { TributaryError } from '../core/errors.ts';
import { parseRule } from '../core/rules/parseRule.ts';
import { type EngineText, isEngineText, programOf } from '../node/engineOptions.ts';
import { parseRecordPrivacy } from '../trainer/recordPrivacy.ts';
import { parsePartition } from '../training/data/partitionNotation.ts';
import { parseAttacks } from './attackNotation.ts';

function whole(from: number, to: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.number().min(from).max(to));
}

function decimal(check: (value: number) => boolean) {
  return z
    .string()
    .trim()
    .min(1)
    .transform(Number)
    .refine((value) => Number.isFinite(value) && check(value));
}

/** What the parser, which says itself what it wants, makes of the text. */
function parsed<T>(parse: (text: string) => T) {
  return z.string().transform((text, context): T => {
    try {
      return parse(text);
    } catch (error) {
      const message = (error as Error).message.replace(/^[\w-]+(: |\.)/, ''); // the option is named already
      context.addIssue({ code: 'custom', message, params: { explained: true } });
      return z.NEVER;
    }
  });
}

/** The text itself, where the parser takes it. */
function parses(parse: (text: string) => unknown) {
  return parsed((text) => {
    parse(text);
    return text;
  });
}

const url = z.url({ protocol: /^https?$/ });
const urlList = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(url).min(1));

/** Each description says what the option wants; it completes "is not …". */
export const startOptionsSchema = z.strictObject({
  trainers: whole(1, 200).default(5).describe('a whole number from 1 to 200'),
  aggregators: whole(1, 50).default(2).describe('a whole number from 1 to 50'),
  watchtowers: whole(0, 50).default(1).describe('a whole number from 0 to 50'),
  evaluators: whole(0, 50).default(2).describe('a whole number from 0 to 50'),
  rounds: whole(1, 100_000).optional().describe('a whole number from 1 to 100000'),
  config: z.string().min(1).optional().describe('the path of a configuration file'),
  model: z
    .string()
    .regex(/^(logistic|2nn|cnn|.+\.onnx|.+\.json|.+\.safetensors)$/)
    .optional()
    .describe('logistic, 2nn, cnn, or the path of an .onnx, a Keras-style .json or a .safetensors file'),
  inputShape: z
    .string()
    .regex(/^\d+(,\d+){0,3}$/)
    .transform((text) => text.split(',').map(Number))
    .pipe(z.array(z.number().min(1)))
    .optional()
    .describe('a shape such as 784 or 1,28,28'),
  partition: parses(parsePartition).default('dirichlet:0.5').describe('a partition'),
  rule: parses(parseRule).optional().describe('an aggregation rule'),
  seed: z.string().min(1).max(100).optional().describe('a text of 1 to 100 characters'),
  epochs: whole(1, 10_000).optional().describe('a whole number from 1 to 10000'),
  batchSize: whole(1, 1_000_000).optional().describe('a whole number from 1 to 1000000'),
  learningRate: decimal((value) => value > 0 && value <= 100)
    .optional()
    .describe('a number above 0, up to 100'),
  optimizer: z.enum(['sgd', 'momentum', 'adam']).optional().describe('sgd, momentum or adam'),
  proximalMu: decimal((value) => value >= 0)
    .optional()
    .describe('a number of at least 0'),
  recordDp: parses((text) => parseRecordPrivacy(text, 1))
    .optional()
    .describe('a budget such as epsilon=8,delta=1e-5'),
  engine: z
    .custom<EngineText>((text) => typeof text === 'string' && isEngineText(text))
    .default('onnx')
    .describe('onnx, tfjs, or process: and a command'),
  store: z.enum(['embedded', 'kubo', 'helia']).default('embedded').describe('embedded, kubo or helia'),
  kuboApi: urlList.optional().describe('a list of addresses such as http://127.0.0.1:5001,http://127.0.0.1:5002'),
  kuboGateway: urlList.optional().describe('a list of addresses such as http://127.0.0.1:8080,http://127.0.0.1:8081'),
  rpc: url.optional().describe('an http or https address'),
  challengeSeconds: whole(4, 31_536_000).optional().describe('a whole number from 4 to 31536000'),
  folder: z.string().min(1).optional().describe('the path of a folder'),
  resume: z.boolean().default(false).describe('given or not'),
  data: z.string().min(1).default('mnist').describe('a data source'),
  keep: z.boolean().default(false).describe('given or not'),
  attack: parsed(parseAttacks).default([]).describe('a list of faults'),
  compare: z.boolean().default(true).describe('given or not'),
  json: z.boolean().default(false).describe('given or not'),
});

export type StartOptions = z.infer<typeof startOptionsSchema> & { rounds: number };

const defaultRounds = 5;
/** Until the rewards of the first are final, so that reputation weighs, and each aggregator had its turn. */
const roundsUntilReputation = 10;

/** Errors: CONFIG_INVALID, naming the option and what it wants. */
export function parseStartOptions(given: unknown): StartOptions {
  const result = startOptionsSchema.safeParse(given);
  if (result.success) {
    const { attack, rounds } = result.data;
    const wanted = attack.some((staged) => staged.attack === 'reputation') ? roundsUntilReputation : defaultRounds;
    return checkTogether({ ...result.data, rounds: rounds ?? wanted });
  }
  const issue = result.error.issues[0]!;
  const name = String(issue.path[0]) as keyof typeof startOptionsSchema.shape;
  const value = String((given as Record<string, unknown>)[name]);
  const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const explained = issue.code === 'custom' && issue.params?.explained === true;
  const reason = explained
    ? issue.message
    : `"${value}" is not ${startOptionsSchema.shape[name]?.description ?? 'an option'}.`;
  throw new TributaryError('CONFIG_INVALID', `${option}: ${reason}`, { args: { field: option, value } });
}

function checkTogether(options: StartOptions): StartOptions {
  const processes =
    options.trainers + options.aggregators + options.watchtowers + options.evaluators + options.attack.length;
  for (const [field, list] of [
    ['--kubo-api', options.kuboApi],
    ['--kubo-gateway', options.kuboGateway],
  ] as const) {
    if (options.store === 'kubo' && list?.length !== processes) {
      throw new TributaryError(
        'CONFIG_INVALID',
        `${field}: wants one address for each of the ${processes} processes (trainers, aggregators, watchtowers, evaluators, adversaries, in this order), separated by commas, not ${list?.length ?? 0}.`,
        { args: { field } },
      );
    }
  }
  if (options.resume && (options.folder === undefined || options.rpc === undefined)) {
    throw new TributaryError(
      'CONFIG_INVALID',
      '--resume: wants --folder and --rpc of the run to continue: a chain that `start` itself launches ends with it.',
      { args: { field: '--resume' } },
    );
  }
  checkAttacks(options);
  return options;
}

function checkAttacks({ attack, resume, trainers, rounds, engine }: StartOptions): void {
  const late = attack.find(({ round }) => round > rounds);
  const reason =
    attack.length === 0
      ? undefined
      : resume
        ? 'a run that is resumed cannot be attacked.'
        : programOf(engine) !== undefined
          ? 'nobody who cheats trains with a program of your own: choose the engine onnx or tfjs.'
          : trainers < 2
            ? 'wants at least two --trainers.'
            : late &&
              `${late.attack} is to happen in round ${late.round}, but there are ${rounds}: give more --rounds.`;
  if (reason === undefined) return;
  throw new TributaryError('CONFIG_INVALID', `--attack: ${reason}`, { args: { field: '--attack' } });
}

export function addStartOptions(command: Command): Command {
  const groups: Record<string, readonly (readonly [string, string])[]> = {
    'Who takes part:': [
      ['--trainers <count>', 'trainers, each with its part of the data (default: 5)'],
      ['--aggregators <count>', 'aggregators (default: 2)'],
      ['--watchtowers <count>', 'watchtowers (default: 1)'],
      ['--evaluators <count>', 'evaluators, each with its part of the held-out data (default: 2)'],
      [
        '--rounds <count>',
        'rounds to run (default: 5; 10 with --attack reputation, which takes that long to have an effect)',
      ],
    ],
    'What is trained:': [
      ['--config <file>', 'a federation configuration, as `tributary init` writes it; options come on top of it'],
      [
        '--model <model>',
        'logistic, 2nn, cnn, or a file: .onnx, .json of a Keras model, or .safetensors for a program of your own (default: 2nn)',
      ],
      ['--input-shape <shape>', 'shape of a sample for a model file, for example 1,28,28'],
      ['--data <source>', 'mnist, csv:table.csv?label=outcome, idx:images,labels or images:folder (default: mnist)'],
      ['--partition <how>', 'iid, dirichlet:0.5, shards:2 or sizes:5,3,1 (default: dirichlet:0.5)'],
      ['--rule <rule>', 'mean, median or trimmedMean:0.2 (default: mean)'],
      ['--seed <text>', 'every random choice follows from it (default: 1)'],
    ],
    'How it is trained:': [
      ['--epochs <count>', 'passes over the own data a round (default: 5)'],
      ['--batch-size <count>', 'samples a step (default: 10)'],
      ['--learning-rate <rate>', 'step size (default: 0.1; cnn: 0.05; adam: 0.001)'],
      ['--optimizer <name>', 'sgd, momentum or adam (default: sgd)'],
      ['--proximal-mu <mu>', 'FedProx term, 0 for FedAvg (default: 0)'],
      ['--record-dp <budget>', 'differential privacy of every record, for example epsilon=8,delta=1e-5,clipNorm=1'],
      ['--engine <engine>', 'onnx, tfjs, or a program of your own, process:"python train.py" (default: onnx)'],
    ],
    'Where it runs:': [
      ['--store <backend>', 'where blobs live: embedded, kubo or helia (default: embedded)'],
      ['--kubo-api <urls>', 'RPC addresses of Kubo daemons, one a process, separated by commas'],
      ['--kubo-gateway <urls>', 'their gateways, in the same order'],
      ['--rpc <url>', 'a running chain (default: one of its own, which ends with the run)'],
      [
        '--challenge-seconds <seconds>',
        'how long a proposal can be refuted (default: 160, which a chain of its own does not wait for)',
      ],
      ['--folder <path>', "the run's folder (default: a fresh one in .tributary/run)"],
      ['--resume', 'go on with the run of --folder, on the chain of --rpc'],
      ['--keep', 'leave chain, aggregators, evaluators and watchtowers running until Ctrl-C'],
    ],
    'What goes wrong:': [
      ['--attack <faults>', `${attackNames.join(', ')}: each by an adversary of its own, for example norm:round=2`],
      ['--no-compare', 'do not run the same without the attack first'],
    ],
    'What is shown:': [['--json', 'every event as a line of JSON, at last a summary']],
  };
  for (const [heading, options] of Object.entries(groups)) {
    for (const [flags, help] of options) command.addOption(new Option(flags, help).helpGroup(heading));
  }
  return command;
}
