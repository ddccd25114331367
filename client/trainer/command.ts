import { Command, Option } from 'commander';
import { compileWith, type EngineName } from '../node/engine.ts';
import { addNodeOptions } from '../node/options.ts';
import { runRole } from '../node/process.ts';
import type { Participant } from '../participant/participant.ts';
import { openPlans } from '../participant/plans.ts';
import { loadData } from '../training/data/source.ts';
import { runTrainer } from './trainer.ts';
import { trainingOn } from './training.ts';

export interface TrainingOptions {
  source: string;
  engine: EngineName;
}

export function createTrainerCommand(): Command {
  const command = new Command('trainer').description('trains on private data, which never leaves this process');
  return addTrainingOptions(addNodeOptions(command)).action(async (options: TrainingOptions) => {
    await runRole('trainer', options, (node) => trainOn(node, options));
  });
}

export function addTrainingOptions(command: Command): Command {
  return command
    .requiredOption('--source <data>', 'the private data, for example csv:patients.csv?label=outcome or mnist:1/5')
    .addOption(new Option('--engine <engine>', 'what trains').choices(['onnx', 'tfjs']).default('onnx'));
}

/** Runs until the rounds asked for are final, or for ever. Errors: those of the data, the model and the chain. */
export async function trainOn(node: Participant, { source, engine }: TrainingOptions): Promise<string> {
  const { inputShape, classes } = node.manifest.model;
  const data = await loadData(source, { inputShape, classes });
  const plans = await openPlans(node, compileWith(engine, node));
  try {
    return await runTrainer(node, trainingOn(data, plans));
  } finally {
    await plans.dispose();
  }
}
