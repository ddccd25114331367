/** The transactions of a deployment, from the first or from where another run has ended. */
import type { TransactionReceipt, Wallet } from 'ethers';
import { explainChainFailure } from '../chain/failure.ts';
import type { ChainProvider } from '../chain/provider.ts';
import { TributaryError } from '../core/errors.ts';
import { keccak256, toHex } from '../core/hash.ts';
import { type DeployPlan, stepsOfTask, tokenSteps } from './plan.ts';
import {
  cannotGoOn,
  forgetProgress,
  type Progress,
  progressFile,
  readProgress,
  requireSame,
  wasBegun,
  writeProgress,
} from './progress.ts';
import { type DeployStep, findTask, planShared, planTask, type SharedContracts, type TaskContracts } from './system.ts';
import { type NumberedStep, sendSteps } from './transactions.ts';

/** A step that is done: `step` of `of`. */
export interface DoneStep {
  step: number;
  of: number;
  what: string;
  /** Of a contract that it has created. */
  address: string | null;
  transaction: string;
  gas: number;
  /** An earlier run has done it. */
  before: boolean;
}

export interface RunOptions {
  provider: ChainProvider;
  wallet: Wallet;
  chainId: number;
  /** Beside it stands how far the deployment has come. */
  file: string;
  /** Goes on with what was begun, or begins; without it, what was begun is an error. */
  resume?: boolean | undefined;
  onStep?: ((done: DoneStep) => void) | undefined;
  /** How long a provider that fails is asked again, in milliseconds. */
  patienceMs?: number | undefined;
}

export interface Deployed extends SharedContracts, TaskContracts {
  /** The block from which events are read. */
  deployBlock: number;
}

const defaultPatienceMs = 60_000;

/** Errors: those of `sendSteps`; CONFIG_INVALID where a deployment was begun and is not to go on, or another one. */
export async function runDeployment(plan: DeployPlan, options: RunOptions): Promise<Deployed> {
  const { provider, wallet, file } = options;
  const progress = await beginOrGoOn(plan, options);
  const shared = planShared(wallet.address, progress.firstNonce, plan.governance);
  const number = (steps: readonly DeployStep[], from: number) =>
    steps.map((step, index): NumberedStep => {
      progress.signed[from + index] ??= [];
      return { ...step, nonce: progress.firstNonce + from + index, hashes: progress.signed[from + index]! };
    });
  let done = 0;
  const goesOn = progress.done;
  const send = (steps: readonly NumberedStep[]) => {
    const save = () => writeProgress(file, { ...progress, done: Math.max(done, progress.done) });
    const onDone = (step: NumberedStep, receipt: TransactionReceipt) => {
      done++;
      save();
      options.onStep?.(doneStep(progress, step, receipt, done <= goesOn));
    };
    const patienceMs = options.patienceMs ?? defaultPatienceMs;
    return sendSteps({ provider, wallet, patienceMs, onSigned: save, onDone }, steps).catch((error: unknown) => {
      throw mayGoOn(error, file, progress, done);
    });
  };

  // the governor's constructor asks the voting power
  const all = number(shared.steps, 0);
  await send(all.slice(0, -1));
  const task = await findTask(provider, shared.contracts, wallet.address).catch((cause: unknown) => {
    throw explainChainFailure(cause, 'asking the factory where the task is created');
  });
  const created = [task.policy, task.rewards, task.federation];
  const [policy, ...others] = planTask(shared.contracts, plan.terms).map((step, index) => ({
    ...step,
    address: created[index]!,
  }));
  const [together, last] = tokenSteps(plan, shared.contracts, task);
  const rest = number([policy!, ...together, ...others, ...last], all.length);
  const first = 1 + together.length;
  await send([...all.slice(-1), ...rest.slice(0, first)]);
  // each of the factory's contracts is created after the one before
  for (const step of rest.slice(first)) await send([step]);
  return { ...shared.contracts, ...task, deployBlock: progress.deployBlock };
}

/** Writes down that it has begun. */
async function beginOrGoOn(plan: DeployPlan, options: RunOptions): Promise<Progress> {
  const { provider, wallet, chainId, file, resume } = options;
  const deployer = wallet.address;
  const found = readProgress(file);
  if (found !== undefined && !resume) throw wasBegun(file, found);
  const [pending, mined, block] = await Promise.all([
    provider.getTransactionCount(deployer, 'pending'),
    provider.getTransactionCount(deployer, 'latest'),
    provider.getBlockNumber(),
  ]).catch((cause: unknown) => {
    throw explainChainFailure(cause, 'looking at the account that deploys');
  });
  const firstNonce = found?.firstNonce ?? pending;
  const { steps } = planShared(deployer, firstNonce, plan.governance);
  const planHash = hashOf({ plan, codes: steps.map(({ request }) => request.data) });
  if (found === undefined) {
    const of = steps.length + stepsOfTask(plan);
    const begun = { format: 'tributary-deploying/1' as const, chainId, deployer, plan: planHash, of, done: 0 };
    const progress: Progress = { ...begun, firstNonce, deployBlock: block, signed: [] };
    writeProgress(file, progress);
    return progress;
  }
  requireSame(file, found, { chainId, deployer });
  if (found.plan !== planHash)
    throw cannotGoOn(file, 'The configuration or the version of this program is another now');
  if (mined < firstNonce) throw cannotGoOn(file, 'The chain was started anew');
  return { ...found, deployBlock: Math.min(found.deployBlock, block) };
}

/** Where trying again may mend it, that is said: nothing of what is done is lost. Where nothing was sent nothing was begun. */
function mayGoOn(error: unknown, file: string, { signed }: Progress, done: number): unknown {
  if (signed.every((hashes) => hashes.length === 0)) {
    forgetProgress(file);
    return error;
  }
  const isOver = error instanceof TributaryError && ['DEPLOYMENT_UNSOUND', 'TRANSACTION_REVERTED'].includes(error.code);
  if (!(error instanceof TributaryError) || isOver) return error;
  const { code, message, args, retryable } = error;
  const hint = `What is done so far, ${done} steps, is kept in ${progressFile(file)}: go on with --resume.`;
  return new TributaryError(code, `${message} ${hint}`, { cause: error, args, retryable });
}

function doneStep(
  { firstNonce, of }: Progress,
  { what, address, nonce }: NumberedStep,
  { hash, gasUsed }: TransactionReceipt,
  before: boolean,
): DoneStep {
  const step = nonce - firstNonce + 1;
  return { step, of, what, address: address ?? null, transaction: hash, gas: Number(gasUsed), before };
}

function hashOf(value: object): string {
  const text = JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? String(item) : item));
  return toHex(keccak256(new TextEncoder().encode(text)));
}
