/**
 * Deploys the federation of tributary.json (or of the file that TRIBUTARY_CONFIG names; a federation of handwritten
 * digits where there is none) and writes deployments/<network>.json. With TRIBUTARY_RESUME=1 it goes on with a deployment that was
 * interrupted. Run:
 *   npx hardhat run scripts/deploy.ts --network localhost
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Wallet } from 'ethers';
import hre from 'hardhat';
import type { ResolvedConfigurationVariable } from 'hardhat/types/config';
import { connectChain } from '../client/chain/connect.ts';
import { TributaryError } from '../client/core/errors.ts';
import { type FederationConfig, parseFederationConfig, readFederationConfig } from '../client/deployment/config.ts';
import { deployFile, describeDeployment, describeStep } from '../client/deployment/deployFile.ts';
import type { DoneStep } from '../client/deployment/run.ts';
import { developmentChainId, developmentWallet } from '../client/node/key.ts';
import { fail } from '../client/node/process.ts';
import type { ModelFindings } from '../client/training/engine.ts';
import { describeFindings } from '../client/training/findings.ts';

const network = hre.globalOptions.network ?? 'default';

async function readConfig(): Promise<FederationConfig> {
  const path = process.env.TRIBUTARY_CONFIG ?? 'tributary.json';
  if (process.env.TRIBUTARY_CONFIG !== undefined || existsSync(path)) return await readFederationConfig(path);
  return parseFederationConfig({ windows: { challengeSeconds: 30 } });
}

/** The first account of the network's configuration; on the development chain the one that everybody knows. */
async function deployerOf(accounts: unknown, chainId: number): Promise<Wallet> {
  const [first] = Array.isArray(accounts) ? (accounts as ResolvedConfigurationVariable[]) : [];
  if (first !== undefined) return new Wallet(await first.getHexString());
  if (chainId === developmentChainId) return developmentWallet(0);
  throw new TributaryError(
    'KEY_INVALID',
    `networks.${network}.accounts: hardhat.config.ts names no key for this network.`,
  );
}

async function main(): Promise<void> {
  const target = hre.config.networks[network];
  if (target?.type !== 'http') {
    throw new TributaryError(
      'CONFIG_INVALID',
      `--network: "${network}" ends with this command: start \`npx hardhat node\` and deploy with --network localhost.`,
    );
  }
  const config = await readConfig();
  const rpcUrl = await target.url.getUrl();
  const provider = await connectChain(rpcUrl);
  const { chainId } = await provider.getNetwork();
  const wallet = await deployerOf(target.accounts, Number(chainId));
  const file = join('deployments', `${network}.json`);
  const resume = process.env.TRIBUTARY_RESUME === '1';
  const onStep = (step: DoneStep) => console.log(`  ${describeStep(step)}`);
  const onModel = (findings: ModelFindings) => console.log(describeFindings(findings).join('\n'));
  const deployment = await deployFile({ provider, wallet, config, rpcUrl, file, resume, onStep, onModel });
  console.log(describeDeployment(deployment, file, wallet, await provider.getBalance(wallet.address)));
  provider.destroy();
}

await main().catch((error: unknown) => {
  process.exitCode = fail(error);
});
