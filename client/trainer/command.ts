import { Command, Option } from 'commander';
import { compileWith, type EngineName } from '../node/engine.ts';
import { addNodeOptions } from '../node/options.ts';
import { readOwnData } from '../node/ownData.ts';
import { runRole } from '../node/process.ts';
import type { Participant } from '../participant/participant.ts';
import { openPlans } from '../participant/plans.ts';
import { openRecordPrivacy, parseRecordPrivacy } from './recordPrivacy.ts';
import { runTrainer } from './trainer.ts';
import { trainingOn } from './training.ts';

export interface TrainingOptions {
  source: string;
  engine: EngineName;
  recordDp?: string;
}

export function createTrainerCommand(): Command {
  const command = new Command('trainer').description('trains on private data, which never leaves this process');
  return addTrainingOptions(addNodeOptions(command)).action(async (options: TrainingOptions) => {
    await runRole('trainer', options, (node) => trainOn(node, options));
  });
}

export function addTrainingOptions(command: Command): Command {
  return command
    .requiredOption('--source <data>', 'the private data, for example csv:patients.csv or mnist:1/5')
    .option(
      '--record-dp <budget>',
      'differential privacy of every record, for example epsilon=8,delta=1e-5,rounds=100,clipNorm=1',
    )
    .addOption(new Option('--engine <engine>', 'what trains').choices(['onnx', 'tfjs']).default('onnx'));
}

/** Runs until the rounds asked for are final, or for ever. Errors: those of the data, the model and the chain. */
export async function trainOn(node: Participant, { source, engine, recordDp }: TrainingOptions): Promise<string> {
  const budget = recordDp === undefined ? undefined : parseRecordPrivacy(recordDp, node.options.rounds);
  // before anything is staked
  const data = await readOwnData(node, source);
  const plans = await openPlans(node, compileWith(engine, node));
  try {
    return await runTrainer(node, trainingOn(data, plans, openRecordPrivacy(node, budget)));
  } finally {
    await plans.dispose();
  }
}
