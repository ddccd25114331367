import { Command, Option } from 'commander';
import { compileWith, type EngineName } from '../node/engine.ts';
import { addNodeOptions } from '../node/options.ts';
import { readOwnData } from '../node/ownData.ts';
import { runRole } from '../node/process.ts';
import type { Participant } from '../participant/participant.ts';
import { openPlans } from '../participant/plans.ts';
import { runEvaluator } from './evaluator.ts';

interface EvaluationOptions {
  source: string;
  engine: EngineName;
}

export function createEvaluatorCommand(): Command {
  const command = new Command('evaluator').description(
    'scores the updates of each round on validation data, which never leaves this process',
  );
  return addNodeOptions(command)
    .requiredOption('--source <data>', 'the validation data, for example csv:patients.csv or mnist:1/5')
    .addOption(new Option('--engine <engine>', 'what evaluates').choices(['onnx', 'tfjs']).default('onnx'))
    .action(async (options: EvaluationOptions) => {
      await runRole('evaluator', options, (node) => evaluateOn(node, options));
    });
}

/** Errors: those of the data, the model and the chain. */
async function evaluateOn(node: Participant, { source, engine }: EvaluationOptions): Promise<string> {
  // before anything is staked
  const validation = await readOwnData(node, source);
  const plans = await openPlans(node, compileWith(engine, node));
  try {
    return await runEvaluator(node, { plans, validation });
  } finally {
    await plans.dispose();
  }
}
