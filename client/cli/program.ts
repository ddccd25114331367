import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { exitCodes } from '../core/errors.ts';
import { createAccountCommand } from './account.ts';
import { createChainCommand } from './chain.ts';
import { createClaimCommand } from './claim.ts';
import { createDataCommand } from './data.ts';
import { createDeployCommand } from './deploy.ts';
import { createDoctorCommand } from './doctor.ts';
import { createEngineCommand } from './engine.ts';
import { createEvaluateCommand } from './evaluate.ts';
import { createFetchModelCommand } from './fetchModel.ts';
import { createFundCommand } from './fund.ts';
import { createGovernanceCommand } from './governance/command.ts';
import { createInitCommand } from './init.ts';
import { createKeysCommand } from './keys.ts';
import { createPredictCommand } from './predict/command.ts';
import { createPrivacyCommand } from './privacy.ts';
import { createRewardsCommand } from './rewards.ts';
import { createSimulateAttacksCommand } from './simulateAttacks.ts';
import { createSimulateStrategiesCommand } from './simulateStrategies.ts';
import { createStakeCommand } from './stake.ts';
import { createStartCommand } from './start.ts';
import { createStatusCommand } from './status.ts';
import { createUnstakeCommand } from './unstake.ts';
import { createWithdrawCommand } from './withdraw.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** The whole command line; `roles` are the commands of the processes that take part, `hidden` those that help does not show. */
export function createProgram(roles: readonly Command[], hidden: readonly Command[] = []): Command {
  const program = new Command('tributary')
    .description('Decentralised federated learning: many trainers grow one model that nobody owns.')
    .version(version)
    // what comes after a command is its own, whatever commands it has itself
    .enablePositionalOptions()
    .showHelpAfterError('(--help says more)')
    .addHelpText('after', exitCodeHelp);
  const commands = [
    createStartCommand(),
    ...roles,
    createStatusCommand(),
    createRewardsCommand(),
    createClaimCommand(),
    createStakeCommand(),
    createUnstakeCommand(),
    createWithdrawCommand(),
    createFundCommand(),
    createGovernanceCommand(),
    createFetchModelCommand(),
    createEvaluateCommand(),
    createDataCommand(),
    createPredictCommand(),
    createPrivacyCommand(),
    createInitCommand(),
    createDeployCommand(),
    createEngineCommand(),
    createChainCommand(),
    createDoctorCommand(),
    createKeysCommand(),
    createAccountCommand(),
    createSimulateStrategiesCommand(),
    createSimulateAttacksCommand(),
    ...hidden,
  ];
  for (const command of commands) {
    for (const each of [command, ...command.commands]) {
      each.showHelpAfterError('(--help says more)').exitOverride((error) => {
        process.exit(error.exitCode === 0 ? 0 : exitCodes.USAGE);
      });
    }
    program.addCommand(command, { hidden: hidden.includes(command) });
  }
  return program;
}

const exitCodeHelp = `
Exit codes: 0 done, 1 unforeseen or a staged fault that nobody caught, 2 wrong usage, 10-19 configuration, model or data, 20-28 chain or key, 29 a damaged package,
30-38 folders, ports or blobs, 39 a package that is missing, 40-42 numbers, commitments or arguments, 43 a folder of another version, 44 an archive with flaws, 47 a key that another process uses, 48-49 a folder or a file that is damaged or cannot be read, 50 a transaction that is too large, 51 what the chain refused, 52 a fee above what is allowed, 70 a defect, 130 stopped. Each failure is one sentence on stderr, or with --json the last event.`;
