/**
 * Sends the steps of a deployment: several at once, with nonces in sequence, each signed and its hash written down before it is sent. So
 * whoever goes on finds what was mined, and sends again what was not: by its nonce no step is ever done twice.
 */
import { Transaction, type TransactionReceipt, type Wallet } from 'ethers';
import {
  type AccountState,
  type Completed,
  completeRequest,
  feesWanted,
  readAccount,
  withFees,
} from '../chain/completeRequest.ts';
import { explainChainFailure, refusalOf } from '../chain/failure.ts';
import { feesIn, raiseFees } from '../chain/fees.ts';
import type { ChainProvider } from '../chain/provider.ts';
import { unlimitedSpending } from '../chain/spending.ts';
import { TributaryError } from '../core/errors.ts';
import type { DeployStep } from './system.ts';

/** A step with its place among the deployer's transactions. */
export interface NumberedStep extends DeployStep {
  nonce: number;
  /** Of the transactions that were signed for it, one of which may be mined. */
  hashes: string[];
}

export interface Deployer {
  provider: ChainProvider;
  wallet: Wallet;
  /** Hashes have come to the steps: they are to outlive the process before anything is sent. */
  onSigned(): void;
  onDone(step: NumberedStep, receipt: TransactionReceipt): void;
  /** How long a provider that fails is asked again, in milliseconds. */
  patienceMs: number;
}

/** Nodes keep at least so many transactions of one account that wait. */
const mostAtOnce = 16;
const longestPauseMs = 1000;
const sendAgainAfterMs = 15_000;
const raiseFeeAfterMs = 60_000;
const giveUpAfterMs = 600_000;
/** How often in a row a fee is raised that is too low, at one offer. */
const mostRaises = 16;
/** How far receipts may lag behind the count of an account's transactions, where several machines answer. */
const receiptLagMs = 3_000;

interface Sent {
  step: NumberedStep;
  request: Completed;
  raw: string;
}

/**
 * Answers when all steps are mined; none of them may need another of them to be mined before it.
 * Errors: those of `Sender.send`; DEPLOYMENT_UNSOUND where another program has used the account meanwhile.
 */
export async function sendSteps(deployer: Deployer, steps: readonly NumberedStep[]): Promise<void> {
  for (let from = 0; from < steps.length; from += mostAtOnce) {
    const left = await takeOutMined(deployer, steps.slice(from, from + mostAtOnce));
    if (left.length === 0) continue;
    const { provider, wallet, patienceMs } = deployer;
    const account = await insist('deploying', patienceMs, () => readAccount(provider, wallet.address, 'deploying'));
    await sendUntilMined(deployer, await Promise.all(left.map((step) => prepare(deployer, account, step))));
  }
}

/** Those that no earlier run has brought into a block. */
async function takeOutMined(deployer: Deployer, steps: readonly NumberedStep[]): Promise<NumberedStep[]> {
  const left: NumberedStep[] = [];
  for (const step of steps) {
    const receipt = step.hashes.length === 0 ? null : await receiptOf(deployer, step);
    if (receipt === null) left.push(step);
    else deployer.onDone(step, receipt);
  }
  return left;
}

async function prepare(deployer: Deployer, account: AccountState, step: NumberedStep): Promise<Sent> {
  const { provider, wallet, patienceMs } = deployer;
  const what = `deploying (${step.what})`;
  const how = { urgent: false, nonce: step.nonce };
  const ask = () => completeRequest(provider, unlimitedSpending, account, what, step.request, how);
  return await sign(wallet, step, await insist(what, patienceMs, ask));
}

async function sign(wallet: Wallet, step: NumberedStep, request: Completed): Promise<Sent> {
  const raw = await wallet.signTransaction(request);
  const hash = Transaction.from(raw).hash!;
  if (!step.hashes.includes(hash)) step.hashes.push(hash);
  return { step, request, raw };
}

async function sendUntilMined(deployer: Deployer, signed: Sent[]): Promise<void> {
  const { wallet, onSigned, onDone } = deployer;
  const startedAt = Date.now();
  let waiting = signed;
  let signedAt = startedAt;
  let sentAt: number | undefined;
  let displacedSince: number | undefined;
  for (let pauseMs = 20; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    if (Date.now() - signedAt > raiseFeeAfterMs) {
      waiting = await Promise.all(waiting.map(({ step, request }) => sign(wallet, step, raised(request))));
      signedAt = Date.now();
      sentAt = undefined;
    }
    if (sentAt === undefined) onSigned();
    if (sentAt === undefined || Date.now() - sentAt > sendAgainAfterMs) {
      await broadcast(deployer, waiting);
      sentAt = Date.now();
    }
    const used = await countMined(deployer);
    const left = await takeMined(deployer, waiting);
    const [next] = left;
    if (next === undefined) return;
    displacedSince = used > next.step.nonce ? (displacedSince ?? Date.now()) : undefined;
    if (displacedSince !== undefined && Date.now() - displacedSince > receiptLagMs) throw displaced(wallet, next.step);
    if (Date.now() - startedAt > giveUpAfterMs) throw tooLate(next.step);
    if (left.length < waiting.length) pauseMs = 20;
    waiting = left;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }

  /** One after the other, as their nonces are. */
  async function takeMined(deployer: Deployer, waiting: readonly Sent[]): Promise<Sent[]> {
    for (const [index, { step }] of waiting.entries()) {
      const receipt = await receiptOf(deployer, step);
      if (receipt === null) return waiting.slice(index);
      onDone(step, receipt);
    }
    return [];
  }
}

async function broadcast(deployer: Deployer, waiting: readonly Sent[]): Promise<void> {
  for (const sent of waiting) {
    const what = `deploying (${sent.step.what})`;
    await insist(what, deployer.patienceMs, () => offer(deployer, sent));
  }
}

/** Raises the fee until it is taken. */
async function offer(deployer: Deployer, sent: Sent): Promise<void> {
  for (let raises = 0; ; raises++) {
    try {
      await deployer.provider.send('eth_sendRawTransaction', [sent.raw]);
      return;
    } catch (cause) {
      const refusal = refusalOf(cause);
      // the node has it, or its nonce is used: the receipt will tell by what
      if (refusal === 'alreadyKnown' || refusal === 'nonceUsed' || refusal === 'notReplaced') return;
      if (refusal !== 'underpriced' || raises === mostRaises) throw cause;
      const request = withFees(sent.request, feesWanted(sent.request, cause));
      Object.assign(sent, await sign(deployer.wallet, sent.step, request));
      deployer.onSigned();
    }
  }
}

function raised(request: Completed): Completed {
  return withFees(request, raiseFees(feesIn(request)));
}

async function countMined({ provider, wallet, patienceMs }: Deployer): Promise<number> {
  const count = () => provider.getTransactionCount(wallet.address, 'latest');
  return await insist('counting transactions', patienceMs, count);
}

/** Null where none of its transactions is mined. Errors: TRANSACTION_REVERTED. */
async function receiptOf(
  { provider, patienceMs }: Deployer,
  { what, hashes }: NumberedStep,
): Promise<TransactionReceipt | null> {
  for (const hash of hashes) {
    const ask = () => provider.getTransactionReceipt(hash);
    const receipt = await insist(`looking for the transaction of ${what}`, patienceMs, ask);
    if (receipt === null) continue;
    if (receipt.status === 1) return receipt;
    const message = `deploying (${what}): the transaction ${hash} was mined but failed.`;
    throw new TributaryError('TRANSACTION_REVERTED', message, { args: { hash } });
  }
  return null;
}

/** Asks again what the provider fails to answer. Errors: the last one; at once what trying again does not mend. */
async function insist<T>(what: string, patienceMs: number, act: () => Promise<T>): Promise<T> {
  const until = Date.now() + patienceMs;
  for (let pauseMs = 100; ; pauseMs = Math.min(2 * pauseMs, 2000)) {
    try {
      return await act();
    } catch (cause) {
      const failure = explainChainFailure(cause, what);
      if (!failure.retryable || Date.now() + pauseMs > until) throw failure;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

function displaced({ address }: Wallet, { what, nonce }: NumberedStep): TributaryError {
  const message = `deploying (${what}): another program has sent transaction ${nonce} of ${address}, so that this contract cannot stand where the others expect it: deploy anew, with a key that nothing else uses meanwhile.`;
  return new TributaryError('DEPLOYMENT_UNSOUND', message, { args: { account: address, nonce } });
}

function tooLate({ what, hashes }: NumberedStep): TributaryError {
  const message = `deploying (${what}): transaction ${hashes.at(-1)} was not mined within ${giveUpAfterMs / 60_000} minutes.`;
  return new TributaryError('TRANSACTION_TIMEOUT', message, { retryable: true });
}
