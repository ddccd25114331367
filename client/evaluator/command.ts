import { Command } from 'commander';
import { compileWith } from '../node/engine.ts';
import { addEngineOptions, type EngineOptions, openEngine } from '../node/engineOptions.ts';
import { addNodeOptions } from '../node/options.ts';
import { readOwnData } from '../node/ownData.ts';
import { runRole } from '../node/process.ts';
import type { Participant } from '../participant/participant.ts';
import { openPlans } from '../participant/plans.ts';
import { runEvaluator } from './evaluator.ts';

export function createEvaluatorCommand(): Command {
  const command = new Command('evaluator').description(
    'scores the updates of each round on validation data, which never leaves this process',
  );
  const source =
    'the validation data, for example csv:patients.csv or mnist:1/5; for a program of your own whatever it understands';
  return addEngineOptions(addNodeOptions(command), source, 'what evaluates').action(async (options: EngineOptions) => {
    await runRole('evaluator', options, (node) => evaluateOn(node, options));
  });
}

/** Errors: those of the data, the model, the program and the chain. */
async function evaluateOn(node: Participant, options: EngineOptions): Promise<string> {
  const engine = openEngine('evaluator', options, node);
  // before anything is staked; of the engines that come with the package a source was asked for
  const validation = typeof engine === 'string' ? await readOwnData(node, options.source!) : engine.data;
  const plans = await openPlans(node, compileWith(engine, node));
  try {
    return await runEvaluator(node, { plans, validation });
  } finally {
    await plans.dispose();
  }
}
