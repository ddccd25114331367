import { runCommand } from '../node/process.ts';
import { createWatchtowerCommand } from './command.ts';

await runCommand(createWatchtowerCommand());
