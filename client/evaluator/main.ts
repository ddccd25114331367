import { runCommand } from '../node/process.ts';
import { createEvaluatorCommand } from './command.ts';

await runCommand(createEvaluatorCommand());
