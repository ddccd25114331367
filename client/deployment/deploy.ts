/** Deploys a federation: all of its contracts and those that govern it, and the files that its task begins with. */
import { dirname, join, relative } from 'node:path';
import { parseEther, type Wallet } from 'ethers';
import type { Deployment } from '../chain/deployment.ts';
import { transact } from '../chain/federation.ts';
import type { ChainProvider } from '../chain/provider.ts';
import { createSender, type Sender } from '../chain/sender.ts';
import { findShortWindow } from '../chain/windows.ts';
import { digestOfCid } from '../core/cid.ts';
import { encodeModel, modelToBytes } from '../core/codec.ts';
import { buildModelTree } from '../core/commitment.ts';
import { TributaryError } from '../core/errors.ts';
import { toHex } from '../core/hash.ts';
import { merkleRoot } from '../core/merkle.ts';
import { encodeManifest, type TaskManifest } from '../core/task.ts';
import { compileTask } from '../node/engine.ts';
import { developmentChainId } from '../node/key.ts';
import { buildDag } from '../storage/dag.ts';
import { writeWhole } from '../storage/wholeFile.ts';
import {
  answerSecondsOf,
  type FederationChoices,
  parametersOf,
  rewardParametersOf,
  scoreWindowsOf,
} from './choices.ts';
import {
  defaultGovernance,
  developmentGovernance,
  type GovernanceChoices,
  guardianOf,
  treasuryTokens,
} from './governanceChoices.ts';
import { deployShared, deployTask } from './system.ts';

export interface DeployOptions {
  provider: ChainProvider;
  wallet: Wallet;
  name: string;
  rpcUrl?: string | undefined;
  manifest: TaskManifest;
  /** For a model that a person gives: its file's bytes, already named in the manifest. */
  modelFile?: Uint8Array | undefined;
  choices: FederationChoices;
  /** How it is governed; on the development chain without the usual days of waiting. */
  governance?: Partial<GovernanceChoices> | undefined;
  /** Who gets how many whole tokens at the start; what nobody gets belongs to the treasury. */
  grants?: readonly { account: string; tokens: number }[];
  /** Whole tokens that the deployer puts into the pool of rewards. */
  funding?: number;
  /** The deployment file to write; blobs are put beside it. */
  file: string;
}

/** Writes the deployment file last, when all is there. Errors: CONFIG_INVALID for windows that are too short, and those of the model, the chain and the folder. */
export async function deployFederation(options: DeployOptions): Promise<Deployment> {
  const { provider, wallet, manifest, modelFile, choices, grants = [], funding = 0, file } = options;
  const { chainId } = await provider.getNetwork();
  await checkWindows(provider, Number(chainId), choices);
  const usual = Number(chainId) === developmentChainId ? developmentGovernance : defaultGovernance;
  const governance = { ...usual, ...options.governance };
  const granted = grants.reduce((sum, { tokens }) => sum + tokens, 0);
  const left = treasuryTokens(governance, granted, funding);
  const model = await compileTask(
    manifest,
    {
      get: async () => {
        if (modelFile !== undefined) return modelFile;
        throw new TributaryError('CONFIG_INVALID', 'task.model.file: the model file is missing.');
      },
    },
    'onnx',
    AbortSignal.timeout(60_000),
  );
  const genesis = encodeModel(model.initialParameters(manifest.seed));
  await model.dispose();
  const blobs = [encodeManifest(manifest), modelToBytes(genesis), ...(modelFile ? [modelFile] : [])];
  const [manifestCid, modelCid] = await Promise.all(
    blobs.map(async (blob) => toHex(digestOfCid((await buildDag(blob)).root))),
  );

  const sender = createSender(wallet, provider);
  const deployBlock = await provider.getBlockNumber();
  const shared = await deployShared(provider, sender, governance);
  const task = {
    manifestCid: manifestCid!,
    genesisModelRoot: toHex(merkleRoot(buildModelTree(genesis))),
    genesisModelCid: modelCid!,
    dimension: genesis.length,
    ringSize: choices.ringSize,
    startTrainers: choices.startTrainers,
  };
  const contracts = await deployTask(sender, shared, {
    guardian: guardianOf(governance),
    parameters: parametersOf(choices),
    rewardParameters: rewardParametersOf(choices),
    task,
  });
  if (funding !== 0) await fund(sender, shared.token, contracts.rewards, parseEther(String(funding)));
  for (const { account, tokens } of [...grants, { account: shared.governance.treasury, tokens: left }]) {
    if (tokens === 0) continue;
    await transact(sender, 'handing out tokens', shared.token, 'TributaryToken', 'transfer', [
      account,
      parseEther(String(tokens)),
    ]);
  }
  return writeDeployment(file, blobs, {
    name: options.name,
    chainId: Number(chainId),
    ...(options.rpcUrl === undefined ? {} : { rpcUrl: options.rpcUrl }),
    ...shared,
    ...contracts,
    deployBlock,
    blobs: [],
  });
}

/** Errors: CONFIG_INVALID, naming the window; CHAIN_UNREACHABLE. */
export async function checkWindows(
  provider: Pick<ChainProvider, 'getBlock'>,
  chainId: number,
  choices: FederationChoices,
): Promise<void> {
  const answerSeconds = answerSecondsOf(choices);
  const problem = await findShortWindow(provider, chainId, { ...scoreWindowsOf(choices), answerSeconds });
  if (problem === undefined) return;
  const hint = 'or lengthen challengeSeconds, of which a fifth each is left to reveal and to publish';
  throw new TributaryError('CONFIG_INVALID', `windows.${problem}, ${hint}.`, { args: { field: 'windows' } });
}

async function fund(sender: Sender, token: string, rewards: string, amountWei: bigint): Promise<void> {
  await transact(sender, 'approving the pool', token, 'TributaryToken', 'approve', [rewards, amountWei]);
  await transact(sender, 'funding the pool', rewards, 'Rewards', 'fund', [amountWei]);
}

function writeDeployment(file: string, blobs: readonly Uint8Array[], deployment: Deployment): Deployment {
  const folder = join(dirname(file), `${deployment.name}.blobs`);
  const names = ['manifest.json', 'genesis.model', 'model'];
  blobs.forEach((blob, index) => {
    writeWhole(join(folder, names[index]!), blob);
  });
  const complete = {
    ...deployment,
    blobs: blobs.map((_, index) => relative(dirname(file), join(folder, names[index]!))),
  };
  writeWhole(file, `${JSON.stringify(complete, null, 2)}\n`);
  return complete;
}
