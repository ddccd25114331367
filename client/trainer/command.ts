import { Command } from 'commander';
import { compileWith } from '../node/engine.ts';
import { addEngineOptions, type EngineOptions, openEngine } from '../node/engineOptions.ts';
import { addNodeOptions } from '../node/options.ts';
import { readOwnData } from '../node/ownData.ts';
import { runRole } from '../node/process.ts';
import type { Participant } from '../participant/participant.ts';
import { openPlans } from '../participant/plans.ts';
import { openRecordPrivacy, parseRecordPrivacy } from './recordPrivacy.ts';
import { runTrainer } from './trainer.ts';
import { trainingOn } from './training.ts';

export interface TrainingOptions extends EngineOptions {
  recordDp?: string;
}

export function createTrainerCommand(): Command {
  const command = new Command('trainer').description('trains on private data, which never leaves this process');
  return addTrainingOptions(addNodeOptions(command)).action(async (options: TrainingOptions) => {
    await runRole('trainer', options, (node) => trainOn(node, options));
  });
}

export function addTrainingOptions(command: Command): Command {
  const source =
    'the private data, for example csv:patients.csv or mnist:1/5; for a program of your own whatever it understands';
  return addEngineOptions(command, source, 'what trains').option(
    '--record-dp <budget>',
    'differential privacy of every record, for example epsilon=8,delta=1e-5,rounds=100,clipNorm=1',
  );
}

/** Runs until the rounds asked for are final, or for ever. Errors: those of the data, the model, the program and the chain. */
export async function trainOn(node: Participant, options: TrainingOptions): Promise<string> {
  const { recordDp } = options;
  const budget = recordDp === undefined ? undefined : parseRecordPrivacy(recordDp, node.options.rounds);
  const engine = openEngine('trainer', options, node);
  // before anything is staked; of the engines that come with the package a source was asked for
  const data = typeof engine === 'string' ? await readOwnData(node, options.source!) : engine.data;
  const plans = await openPlans(node, compileWith(engine, node));
  try {
    return await runTrainer(node, trainingOn(data, plans, openRecordPrivacy(node, budget)));
  } finally {
    await plans.dispose();
  }
}
