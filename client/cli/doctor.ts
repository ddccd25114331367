import { Command } from 'commander';
import { connectChain } from '../chain/connect.ts';
import { rpcUrlOf } from '../chain/deployment.ts';
import { TributaryError } from '../core/errors.ts';
import { examine, type Finding } from '../governance/doctor.ts';
import { readDeployment } from '../node/readDeployment.ts';
import { action, print, printJson } from './action.ts';
import { doctorFolder } from './doctorFolder.ts';
import { addReaderOptions, type ReaderOptions } from './reader.ts';

interface DoctorOptions extends ReaderOptions {
  data?: string;
  repair?: boolean;
}

export function createDoctorCommand(): Command {
  const command = new Command('doctor')
    .description('looks through a deployment, or through a data folder, and says what is wrong')
    .option('--data <folder>', 'look through the data folder of a process; with --deployment also against the chain')
    .option('--repair', 'remove what can be had again from the data folder, and set aside what else is damaged');
  const examine = async ({ data, repair, ...options }: DoctorOptions) => {
    if (data === undefined && repair) throw new TributaryError('USAGE', '--repair wants a data folder: add --data.');
    if (data === undefined) return await doctor(options);
    const compares = command.getOptionValueSource('deployment') === 'cli';
    await doctorFolder({ ...options, data, repair: repair ?? false, compares });
  };
  return addReaderOptions(command).action(action(examine));
}

/** Errors: DEPLOYMENT_UNSOUND where something is wrong, CHAIN_WRONG_ID, and those of the deployment and the chain. */
async function doctor(options: ReaderOptions): Promise<void> {
  const deployment = readDeployment(options.deployment);
  const provider = await connectChain(rpcUrlOf(deployment, options.rpc));
  try {
    const { chainId } = await provider.getNetwork();
    const findings =
      Number(chainId) === deployment.chainId
        ? await examine(provider, deployment, deployment.deployBlock)
        : [{ check: 'chain', problem: `the RPC address answers for chain ${chainId}, not ${deployment.chainId}` }];
    const problems = findings.filter(({ problem }) => problem !== undefined);
    if (options.json) printJson({ checks: findings.length, problems });
    else print(render(findings, problems));
    if (problems.length === 0) return;
    const { check, problem } = problems[0]!;
    throw new TributaryError(
      'DEPLOYMENT_UNSOUND',
      `${problems.length} of ${findings.length} checks failed; first ${check}: ${problem}. Do not stake or vote here: ask who deployed it, or deploy anew.`,
      { args: { problems } },
    );
  } finally {
    provider.destroy();
  }
}

function render(findings: readonly Finding[], problems: readonly Finding[]): string {
  const lines = problems.map(({ check, problem }) => `  WRONG  ${check}: ${problem}`);
  return [...lines, `${findings.length - problems.length} of ${findings.length} checks passed.`].join('\n');
}
