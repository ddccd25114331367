/** Deploys a federation: all of its contracts and those that govern it, and the files that its task begins with. */
import { dirname, join, relative } from 'node:path';
import type { Wallet } from 'ethers';
import type { Deployment } from '../chain/deployment.ts';
import type { ChainProvider } from '../chain/provider.ts';
import { findShortWindow } from '../chain/windows.ts';
import { digestOfCid } from '../core/cid.ts';
import { encodeModel, modelToBytes } from '../core/codec.ts';
import { buildModelTree } from '../core/commitment.ts';
import { TributaryError } from '../core/errors.ts';
import { toHex } from '../core/hash.ts';
import { merkleRoot } from '../core/merkle.ts';
import { holdsCredentials } from '../core/redact.ts';
import { encodeManifest, type TaskManifest } from '../core/task.ts';
import { compileTask } from '../node/engine.ts';
import { developmentChainId } from '../node/key.ts';
import { buildDag } from '../storage/dag.ts';
import { writeWhole } from '../storage/wholeFile.ts';
import type { ModelFindings } from '../training/engine.ts';
import { checkRange } from '../training/scales.ts';
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
import { forgetProgress } from './progress.ts';
import { type RunOptions, runDeployment } from './run.ts';

export interface DeployOptions extends Pick<RunOptions, 'resume' | 'onStep' | 'patienceMs'> {
  provider: ChainProvider;
  wallet: Wallet;
  name: string;
  /** Written down for those who take part, unless it holds credentials. */
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
  /** Is told what the model is, before anything is sent. */
  onModel?: ((findings: ModelFindings) => void) | undefined;
  /** The deployment file to write; blobs are put beside it. */
  file: string;
}

/**
 * Writes the deployment file last, when all is there; what has been done until then stands beside it, for `resume`.
 * Errors: CONFIG_INVALID for windows that are too short; those of `runDeployment`, the model, the chain and the folder.
 */
export async function deployFederation(options: DeployOptions): Promise<Deployment> {
  const { provider, manifest, modelFile, choices, grants = [], funding = 0, file } = options;
  const chainId = Number((await provider.getNetwork()).chainId);
  await checkWindows(provider, chainId, choices);
  const usual = chainId === developmentChainId ? developmentGovernance : defaultGovernance;
  const governance = { ...usual, ...options.governance };
  const granted = grants.reduce((sum, { tokens }) => sum + tokens, 0);
  const left = treasuryTokens(governance, granted, funding);
  const genesis = await firstModelOf(options);
  const blobs = [encodeManifest(manifest), modelToBytes(genesis), ...(modelFile ? [modelFile] : [])];
  const [manifestCid, modelCid] = await Promise.all(
    blobs.map(async (blob) => toHex(digestOfCid((await buildDag(blob)).root))),
  );
  const terms = {
    guardian: guardianOf(governance),
    parameters: parametersOf(choices),
    rewardParameters: rewardParametersOf(choices),
    task: {
      manifestCid: manifestCid!,
      genesisModelRoot: toHex(merkleRoot(buildModelTree(genesis))),
      genesisModelCid: modelCid!,
      dimension: genesis.length,
      ringSize: choices.ringSize,
      startTrainers: choices.startTrainers,
    },
  };
  const plan = { governance, terms, grants, treasuryTokens: left, funding };
  const contracts = await runDeployment(plan, { ...options, chainId });
  const { name, rpcUrl } = options;
  const isForAll = rpcUrl !== undefined && !holdsCredentials(rpcUrl);
  const deployment = writeDeployment(file, blobs, {
    name,
    chainId,
    ...(isForAll && { rpcUrl }),
    ...contracts,
    blobs: [],
  });
  forgetProgress(file);
  return deployment;
}

/** Nothing has been sent when this says what the model is, or refuses it. */
async function firstModelOf({ manifest, modelFile, onModel }: DeployOptions): Promise<Int32Array> {
  const store = {
    get: async () => {
      if (modelFile !== undefined) return modelFile;
      throw new TributaryError('CONFIG_INVALID', 'task.model.file: the model file is missing.');
    },
  };
  const model = await compileTask(manifest, store, 'onnx', AbortSignal.timeout(60_000));
  try {
    onModel?.(model.findings);
    const parameters = model.initialParameters(manifest.seed);
    checkRange(model.layout, parameters);
    return encodeModel(parameters);
  } finally {
    await model.dispose();
  }
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
