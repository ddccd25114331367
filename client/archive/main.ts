import { runCommand } from '../node/process.ts';
import { createArchiveCommand } from './command.ts';

await runCommand(createArchiveCommand());
