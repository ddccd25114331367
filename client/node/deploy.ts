/** Deploys a federation: token, stake, challenges, rewards, federation, and the files that its task begins with. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import {
  ContractFactory,
  getCreateAddress,
  type InterfaceAbi,
  type JsonRpcProvider,
  parseEther,
  type Wallet,
} from 'ethers';
import { type ContractName, type Libraries, linkBytecode, readArtifact, rewardLibraries } from '../chain/artifacts.ts';
import { transact } from '../chain/federation.ts';
import { createSender, type Sender } from '../chain/sender.ts';
import { digestOfCid } from '../core/cid.ts';
import { encodeModel, modelToBytes } from '../core/codec.ts';
import { buildModelTree } from '../core/commitment.ts';
import { invariant, TributaryError } from '../core/errors.ts';
import { toHex } from '../core/hash.ts';
import { merkleRoot } from '../core/merkle.ts';
import { encodeManifest, type TaskManifest } from '../core/task.ts';
import { buildDag } from '../storage/dag.ts';
import { type FederationChoices, parametersOf, rewardParametersOf } from './choices.ts';
import type { Deployment } from './deployment.ts';
import { compileTask } from './engine.ts';

export interface DeployOptions {
  provider: JsonRpcProvider;
  wallet: Wallet;
  name: string;
  rpcUrl?: string | undefined;
  manifest: TaskManifest;
  /** For a model that a person gives: its file's bytes, already named in the manifest. */
  modelFile?: Uint8Array | undefined;
  choices: FederationChoices;
  /** Who gets how many whole tokens at the start; the rest stays with the deployer. */
  grants?: readonly { account: string; tokens: number }[];
  /** Whole tokens that the deployer puts into the pool of rewards. */
  funding?: number;
  /** The deployment file to write; blobs are put beside it. */
  file: string;
}

const supplyTokens = '1000000000';
/** Of what slashes take and no challenger is owed. */
const treasuryBasisPoints = 5_000;

/** Writes the deployment file last, when all is there. Errors: those of the model, the chain and the folder. */
export async function deployFederation(options: DeployOptions): Promise<Deployment> {
  const { provider, wallet, manifest, modelFile, choices, file } = options;
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

  const { chainId } = await provider.getNetwork();
  const sender = createSender(wallet, provider);
  const deployBlock = await provider.getBlockNumber();
  const token = await deployContract(sender, 'TributaryToken', [wallet.address, parseEther(supplyTokens)]);
  const stake = await deployContract(sender, 'Stake', [token, wallet.address, treasuryBasisPoints]);
  const task = {
    manifestCid,
    genesisModelRoot: toHex(merkleRoot(buildModelTree(genesis))),
    genesisModelCid: modelCid,
    dimension: genesis.length,
    ringSize: choices.ringSize,
    startTrainers: choices.startTrainers,
  };
  const challenges = {
    AggregateChallenges: await deployContract(sender, 'AggregateChallenges', []),
    InputChallenges: await deployContract(sender, 'InputChallenges', []),
    TrainerChallenges: await deployContract(sender, 'TrainerChallenges', []),
    Openings: await deployContract(sender, 'Openings', []),
    RewardChallenges: await deployContract(sender, 'RewardChallenges', []),
  };
  const { rewards, federation } = await deployPair(options, sender, { token, stake, task, challenges });
  if (options.funding !== undefined) await fund(sender, token, rewards, parseEther(String(options.funding)));
  for (const { account, tokens } of options.grants ?? []) {
    await transact(sender, 'handing out tokens', token, 'TributaryToken', 'transfer', [
      account,
      parseEther(String(tokens)),
    ]);
  }
  return writeDeployment(file, blobs, {
    name: options.name,
    chainId: Number(chainId),
    ...(options.rpcUrl === undefined ? {} : { rpcUrl: options.rpcUrl }),
    token,
    stake,
    federation,
    rewards,
    challenges,
    deployBlock,
    blobs: [],
  });
}

/** The two name each other: the federation's address is that of the deployer's next but one transaction. */
async function deployPair(
  { provider, wallet, choices }: DeployOptions,
  sender: Sender,
  { token, stake, task, challenges }: Pick<Deployment, 'token' | 'stake' | 'challenges'> & { task: object },
): Promise<{ rewards: string; federation: string }> {
  const libraries: Libraries = {};
  for (const name of rewardLibraries) libraries[name] = await deployContract(sender, name, []);
  const nonce = await provider.getTransactionCount(wallet.address, 'pending');
  const expected = getCreateAddress({ from: wallet.address, nonce: nonce + 1 });
  const { RewardChallenges, ...challengesOfRounds } = challenges;
  const rewards = await deployContract(
    sender,
    'Rewards',
    [expected, stake, token, RewardChallenges, rewardParametersOf(choices), choices.challengeSeconds],
    libraries,
  );
  // of statements it is the rewards contract that says who is slashed
  const deciding = [...Object.values(challengesOfRounds), rewards];
  const federation = await deployContract(sender, 'Federation', [
    stake,
    rewards,
    task,
    parametersOf(choices),
    deciding,
  ]);
  invariant(federation === expected, 'The deployer sent another transaction meanwhile: deploy again.');
  return { rewards, federation };
}

async function fund(sender: Sender, token: string, rewards: string, amountWei: bigint): Promise<void> {
  await transact(sender, 'approving the pool', token, 'TributaryToken', 'approve', [rewards, amountWei]);
  await transact(sender, 'funding the pool', rewards, 'Rewards', 'fund', [amountWei]);
}

async function deployContract(
  sender: Sender,
  name: ContractName,
  args: readonly unknown[],
  libraries: Libraries = {},
): Promise<string> {
  const artifact = readArtifact(name);
  const factory = new ContractFactory(artifact.abi as InterfaceAbi, linkBytecode(artifact, libraries));
  const { data } = await factory.getDeployTransaction(...args);
  const receipt = await sender.send(`deploying ${name}`, { data });
  return receipt.contractAddress!;
}

function writeDeployment(file: string, blobs: readonly Uint8Array[], deployment: Deployment): Deployment {
  const folder = join(dirname(file), `${deployment.name}.blobs`);
  mkdirSync(folder, { recursive: true });
  const names = ['manifest.json', 'genesis.model', 'model'];
  blobs.forEach((blob, index) => {
    writeFileSync(join(folder, names[index]!), blob);
  });
  const complete = {
    ...deployment,
    blobs: blobs.map((_, index) => relative(dirname(file), join(folder, names[index]!))),
  };
  writeFileSync(file, `${JSON.stringify(complete, null, 2)}\n`);
  return complete;
}
