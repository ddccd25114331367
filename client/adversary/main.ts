import { runCommand } from '../node/process.ts';
import { createAdversaryCommand } from './command.ts';

await runCommand(createAdversaryCommand());
