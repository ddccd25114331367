import { runCommand } from '../node/process.ts';
import { createTrainerCommand } from './command.ts';

await runCommand(createTrainerCommand());
