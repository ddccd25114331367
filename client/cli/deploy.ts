import { join } from 'node:path';
import { Command } from 'commander';
import { connectChain } from '../chain/connect.ts';
import { readFederationConfig } from '../deployment/config.ts';
import { deployFile, describeDeployment, describeStep } from '../deployment/deployFile.ts';
import type { DoneStep } from '../deployment/run.ts';
import { loadKey } from '../node/key.ts';
import { action, addJsonOption, print, printJson } from './action.ts';
import { readIndex } from './signer.ts';

interface DeployOptions {
  config: string;
  rpc: string;
  devAccount?: string;
  keystore?: string;
  output?: string;
  resume?: boolean;
  json?: boolean;
}

export function createDeployCommand(): Command {
  const command = new Command('deploy')
    .description('makes a federation of a configuration: token, stake and federation contracts, and the task')
    .option('--config <file>', 'as `tributary init` writes it', 'tributary.json')
    .option('--rpc <url>', 'JSON-RPC address of a node of the chain', 'http://127.0.0.1:8545')
    .option('--dev-account <index>', 'key number <index> of the local development chain')
    .option('--keystore <file>', 'encrypted key; the password is read from TRIBUTARY_PASSWORD')
    .option('--output <file>', 'deployment to write (default: deployments/<name>.json)')
    .option('--resume', 'go on with a deployment that was interrupted')
    .addHelpText('after', '\nThe key is read from TRIBUTARY_PRIVATE_KEY, or from --keystore.');
  return addJsonOption(command).action(action(deploy));
}

async function deploy(options: DeployOptions): Promise<void> {
  const devAccount = options.devAccount === undefined ? undefined : readIndex(options.devAccount);
  const config = await readFederationConfig(options.config);
  const provider = await connectChain(options.rpc);
  try {
    const { chainId } = await provider.getNetwork();
    const wallet = await loadKey({ devAccount, keystore: options.keystore }, Number(chainId));
    const file = options.output ?? join('deployments', `${config.name}.json`);
    const { rpc: rpcUrl, resume, json } = options;
    const onStep = (step: DoneStep) =>
      json ? printJson({ event: 'deploying', ...step }) : print(`  ${describeStep(step)}`);
    const onChange = (change: string) => (json ? printJson({ event: 'modelChanged', change }) : print(`  ${change}`));
    if (!json) print(`Deploying ${config.name} to chain ${chainId} as ${wallet.address}`);
    const deployment = await deployFile({ provider, wallet, config, rpcUrl, file, resume, onStep, onChange });
    if (json) printJson({ ...deployment, file });
    else print(describeDeployment(deployment, file, wallet, await provider.getBalance(wallet.address)));
  } finally {
    provider.destroy();
  }
}
