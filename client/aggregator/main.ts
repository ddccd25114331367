import { runCommand } from '../node/process.ts';
import { createAggregatorCommand } from './command.ts';

await runCommand(createAggregatorCommand());
