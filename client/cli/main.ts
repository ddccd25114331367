/** `tributary`: all roles and commands under one name. */
import { createAdversaryCommand } from '../adversary/command.ts';
import { createAggregatorCommand } from '../aggregator/command.ts';
import { createArchiveCommand } from '../archive/command.ts';
import { createEvaluatorCommand } from '../evaluator/command.ts';
import { runCommand } from '../node/process.ts';
import { createTrainerCommand } from '../trainer/command.ts';
import { createWatchtowerCommand } from '../watchtower/command.ts';
import { createProgram } from './program.ts';
import { createVerifyArchiveCommand } from './verifyArchive.ts';

const roles = [
  createTrainerCommand(),
  createAggregatorCommand(),
  createEvaluatorCommand(),
  createWatchtowerCommand(),
  createArchiveCommand().addCommand(createVerifyArchiveCommand()),
];
await runCommand(createProgram(roles, [createAdversaryCommand()]));
