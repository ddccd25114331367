import { Command } from 'commander';
import { compileWith } from '../node/engine.ts';
import { addEngineOptions, type EngineOptions, openEngine } from '../node/engineOptions.ts';
import { addNodeOptions } from '../node/options.ts';
import { runRole } from '../node/process.ts';
import type { Participant } from '../participant/participant.ts';
import { openPlans } from '../participant/plans.ts';
import { loadData } from '../training/data/source.ts';
import { runTrainer } from './trainer.ts';
import { trainingOn } from './training.ts';

export type TrainingOptions = EngineOptions;

export function createTrainerCommand(): Command {
  const command = new Command('trainer').description('trains on private data, which never leaves this process');
  return addTrainingOptions(addNodeOptions(command)).action(async (options: TrainingOptions) => {
    await runRole('trainer', options, (node) => trainOn(node, options));
  });
}

export function addTrainingOptions(command: Command): Command {
  const source =
    'the private data, for example csv:patients.csv?label=outcome or mnist:1/5; for a program of your own whatever it understands';
  return addEngineOptions(command, source, 'what trains');
}

/** Runs until the rounds asked for are final, or for ever. Errors: those of the data, the model, the program and the chain. */
export async function trainOn(node: Participant, options: TrainingOptions): Promise<string> {
  const { inputShape, classes } = node.manifest.model;
  const engine = openEngine('trainer', options, node);
  // of the engines that come with the package a source was asked for
  const data = typeof engine === 'string' ? await loadData(options.source!, { inputShape, classes }) : engine.data;
  const plans = await openPlans(node, compileWith(engine, node));
  try {
    return await runTrainer(node, trainingOn(data, plans));
  } finally {
    await plans.dispose();
  }
}
