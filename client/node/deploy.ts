/** Deploys a federation: token, stake, federation, and the files that its task begins with. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ContractFactory, type InterfaceAbi, type JsonRpcProvider, parseEther, type Wallet } from 'ethers';
import { type ContractName, readArtifact } from '../chain/artifacts.ts';
import { ruleFields, transact } from '../chain/federation.ts';
import { createSender, type Sender } from '../chain/sender.ts';
import { digestOfCid } from '../core/cid.ts';
import { encodeModel, modelToBytes } from '../core/codec.ts';
import { buildModelTree } from '../core/commitment.ts';
import { TributaryError } from '../core/errors.ts';
import { toHex } from '../core/hash.ts';
import { merkleRoot } from '../core/merkle.ts';
import { maxWeight } from '../core/numbers.ts';
import { parseRule } from '../core/rules/parseRule.ts';
import { encodeManifest, squaredNormBound, type TaskManifest } from '../core/task.ts';
import { buildDag } from '../storage/dag.ts';
import type { Deployment } from './deployment.ts';
import { compileTask } from './engine.ts';

/** What the deployer chooses; times in seconds, amounts in whole tokens. */
export interface FederationChoices {
  /** `mean`, `median` or `trimmedMean:<share>`. */
  rule: string;
  /** Largest L2 norm of an update, in the parameters' own units. */
  clipNorm: number;
  startTrainers: number;
  minimumUpdates: number;
  submissionSeconds: number;
  turnSeconds: number;
  challengeSeconds: number;
  /** How long a demanded opening may take. */
  answerSeconds: number;
  /** The challenger's share of what it takes from a cheat, up to a half; the rest burns. */
  challengerShare: number;
  /** An attestation takes the signatures of more than this share of the aggregators, at least a half. */
  attestationShare: number;
  /** What a demand puts at stake for each node that it wants opened, in the chain's own currency. */
  demandBond: number;
  /** Rounds that can be in flight, plus one. */
  ringSize: number;
  trainerStake: number;
  aggregatorBond: number;
}

export const defaultChoices: FederationChoices = {
  rule: 'mean',
  clipNorm: 32,
  startTrainers: 1,
  minimumUpdates: 1,
  submissionSeconds: 3600,
  turnSeconds: 60,
  challengeSeconds: 3600,
  answerSeconds: 600,
  challengerShare: 0.5,
  attestationShare: 0.5,
  demandBond: 0.0001,
  ringSize: 8,
  trainerStake: 100,
  aggregatorBond: 1000,
};

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
  };
  const federation = await deployContract(sender, 'Federation', [
    stake,
    task,
    parametersOf(choices),
    Object.values(challenges),
  ]);
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
    challenges,
    deployBlock,
    blobs: [],
  });
}

function parametersOf(choices: FederationChoices): Record<string, unknown> {
  return {
    trainerStakeWei: parseEther(String(choices.trainerStake)),
    aggregatorBondWei: parseEther(String(choices.aggregatorBond)),
    submissionSeconds: choices.submissionSeconds,
    turnSeconds: choices.turnSeconds,
    challengeSeconds: choices.challengeSeconds,
    // longer than any proof can take, see contracts/libraries/Parameters.sol
    unbondingSeconds: 2 * choices.challengeSeconds + choices.turnSeconds + 10 * choices.answerSeconds,
    minimumUpdates: choices.minimumUpdates,
    maxWeight,
    maxSquaredNorm: squaredNormBound(choices.clipNorm),
    ...ruleFields(parseRule(choices.rule)),
    answerSeconds: choices.answerSeconds,
    challengerBasisPoints: Math.round(choices.challengerShare * 10_000),
    attestationBasisPoints: Math.round(choices.attestationShare * 10_000),
    demandBondWei: parseEther(choices.demandBond.toFixed(18)),
  };
}

async function deployContract(sender: Sender, name: ContractName, args: readonly unknown[]): Promise<string> {
  const { abi, bytecode } = readArtifact(name);
  const { data } = await new ContractFactory(abi as InterfaceAbi, bytecode).getDeployTransaction(...args);
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
