/**
 * Sends transactions of one key, one after the other: the nonce is the chain's own count, and a transaction that was
 * signed is sent again, the very same bytes, until it is mined. Sending twice is so harmless. Where another program with the same key
 * has used the nonce, it is signed anew.
 */
import {
  type JsonRpcProvider,
  Transaction,
  type TransactionReceipt,
  type TransactionRequest,
  type Wallet,
} from 'ethers';
import { TributaryError } from '../core/errors.ts';
import type { TypedData } from './attestation.ts';
import { explainChainFailure } from './failure.ts';

export interface Sender {
  readonly address: string;
  /** Signs a text, EIP-191. */
  sign(message: string): Promise<string>;
  /** Signs a struct, EIP-712. */
  signTypedData(data: TypedData): Promise<string>;
  /**
   * Answers when the transaction is mined. Gas is estimated unless the request says how much. An urgent one is sent before all that wait for
   * their turn, and pays a higher fee.
   * Errors: TRANSACTION_REVERTED (with the contract's error), ACCOUNT_NO_FUNDS, TRANSACTION_TIMEOUT and CHAIN_UNREACHABLE (retryable).
   */
  send(
    step: string,
    request: TransactionRequest,
    signal?: AbortSignal,
    options?: SendOptions,
  ): Promise<TransactionReceipt>;
}

export interface SendOptions {
  /** It costs stake when it comes too late. */
  urgent?: boolean;
}

/** Sends all that it sends urgently. */
export function urgently(sender: Sender): Sender {
  return { ...sender, send: (step, request, signal) => sender.send(step, request, signal, { urgent: true }) };
}

/** How long a transaction may stay unmined before its fee is raised, and before it is given up. */
const raiseFeeAfterMs = 60_000;
const giveUpAfterMs = 600_000;
/** How far receipts may lag behind the count of an account's transactions, where several machines answer. */
const receiptLagMs = 3_000;
/** What was estimated for one block may cost more in the next: a history begins a new entry, an event is one of a new round. */
const gasMargin = { numerator: 5n, denominator: 4n, fixed: 30_000n };

export function createSender(wallet: Wallet, provider: JsonRpcProvider): Sender {
  const inTurn = createTurns();

  async function transmit(
    step: string,
    request: TransactionRequest,
    urgent: boolean,
    signal?: AbortSignal,
  ): Promise<TransactionReceipt> {
    for (;;) {
      const completed = await complete(step, request);
      const receipt = await broadcast(step, urgent ? raiseFee(completed) : completed, signal);
      if (receipt !== undefined) return receipt;
    }
  }

  /** With nonce, gas and fees. */
  async function complete(step: string, request: TransactionRequest): Promise<TransactionRequest> {
    const from = wallet.address;
    const { chainId } = await provider.getNetwork();
    let gas: bigint;
    try {
      gas = request.gasLimit == null ? await provider.estimateGas({ ...request, from }) : BigInt(request.gasLimit);
    } catch (cause) {
      throw explainChainFailure(cause, step);
    }
    const [nonce, fees, balance] = await Promise.all([
      provider.getTransactionCount(from, 'pending'),
      provider.getFeeData(),
      provider.getBalance(from),
    ]);
    const gasLimit = (gas * gasMargin.numerator) / gasMargin.denominator + gasMargin.fixed;
    const base = {
      to: request.to ?? null,
      data: request.data ?? '0x',
      value: BigInt(request.value ?? 0n),
      nonce,
      chainId,
      gasLimit,
    };
    const fee =
      fees.maxFeePerGas === null
        ? { type: 0, gasPrice: fees.gasPrice ?? 0n }
        : { type: 2, maxFeePerGas: fees.maxFeePerGas, maxPriorityFeePerGas: fees.maxPriorityFeePerGas ?? 0n };
    const cost = gas * (fees.maxFeePerGas ?? fees.gasPrice ?? 0n) + base.value;
    if (balance < cost) {
      throw new TributaryError(
        'ACCOUNT_NO_FUNDS',
        `${step}: ${from} has ${balance} wei, but the transaction may cost ${cost}: send it some of the chain's currency.`,
        {
          args: { account: from },
        },
      );
    }
    return { ...base, ...fee };
  }

  /** Undefined where another transaction has taken its nonce: it can never be mined. */
  async function broadcast(
    step: string,
    request: TransactionRequest,
    signal?: AbortSignal,
  ): Promise<TransactionReceipt | undefined> {
    const hashes: string[] = [];
    const startedAt = Date.now();
    let current = request;
    let raw = await wallet.signTransaction(current);
    let signedAt = startedAt;
    let takenSince: number | undefined;
    let pauseMs = 20;
    for (;;) {
      const hash = Transaction.from(raw).hash!;
      if (!hashes.includes(hash)) hashes.push(hash);
      await provider.send('eth_sendRawTransaction', [raw]).catch((cause: unknown) => {
        if (isNonceUsed(cause)) takenSince ??= Date.now();
        else if (!isAlreadyKnown(cause)) throw explainChainFailure(cause, step);
      });
      const receipt = await waitForReceipt(hashes, pauseMs);
      if (receipt !== undefined) {
        if (receipt.status === 1) return receipt;
        // mined but reverted: ask again for the reason
        await provider.call({ ...request, from: wallet.address }).catch((cause: unknown) => {
          throw explainChainFailure(cause, step);
        });
        throw new TributaryError(
          'TRANSACTION_REVERTED',
          `${step}: the transaction ${receipt.hash} was mined but failed.`,
        );
      }
      signal?.throwIfAborted();
      const mayBeTaken = takenSince !== undefined && Date.now() - takenSince > receiptLagMs;
      if (mayBeTaken && (await areUnknown(hashes, step))) return undefined;
      if (Date.now() - startedAt > giveUpAfterMs) {
        throw new TributaryError(
          'TRANSACTION_TIMEOUT',
          `${step}: transaction ${hash} was not mined within ${giveUpAfterMs / 60_000} minutes.`,
          { retryable: true },
        );
      }
      if (Date.now() - signedAt > raiseFeeAfterMs) {
        current = raiseFee(current);
        raw = await wallet.signTransaction(current);
        signedAt = Date.now();
      }
      pauseMs = Math.min(2 * pauseMs, 2000);
    }
  }

  async function waitForReceipt(hashes: readonly string[], pauseMs: number): Promise<TransactionReceipt | undefined> {
    for (let attempt = 0; ; attempt++) {
      for (const hash of hashes) {
        const receipt = await provider.getTransactionReceipt(hash).catch(() => null);
        if (receipt !== null) return receipt;
      }
      if (attempt === 3) return undefined;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  /** Errors: CHAIN_UNREACHABLE: what nobody answers for is not sent anew. */
  async function areUnknown(hashes: readonly string[], step: string): Promise<boolean> {
    try {
      const receipts = await Promise.all(hashes.map((hash) => provider.getTransactionReceipt(hash)));
      return receipts.every((receipt) => receipt === null);
    } catch (cause) {
      throw explainChainFailure(cause, step);
    }
  }

  return {
    address: wallet.address,
    sign: (message) => wallet.signMessage(message),
    signTypedData: ({ domain, types, value }) => wallet.signTypedData(domain, types, value),
    send: (step, request, signal, { urgent = false } = {}) =>
      inTurn(urgent, () => transmit(step, request, urgent, signal)),
  };
}

/** One after the other; urgent ones, in their order, before all others that wait. */
function createTurns(): <T>(urgent: boolean, act: () => Promise<T>) => Promise<T> {
  const waiting: Record<'urgent' | 'usual', (() => Promise<unknown>)[]> = { urgent: [], usual: [] };
  let busy = false;

  async function work(): Promise<void> {
    if (busy) return;
    busy = true;
    for (let next = take(); next !== undefined; next = take()) await next();
    busy = false;
  }

  function take(): (() => Promise<unknown>) | undefined {
    return waiting.urgent.shift() ?? waiting.usual.shift();
  }

  return (urgent, act) =>
    new Promise((resolve, reject) => {
      waiting[urgent ? 'urgent' : 'usual'].push(() => act().then(resolve, reject));
      void work();
    });
}

/** By a quarter: nodes take a replacement from a tenth more on. */
function raiseFee(request: TransactionRequest): TransactionRequest {
  const raise = (value: unknown) => (BigInt(value as bigint) * 5n) / 4n + 1n;
  return request.type === 0
    ? { ...request, gasPrice: raise(request.gasPrice) }
    : {
        ...request,
        maxFeePerGas: raise(request.maxFeePerGas),
        maxPriorityFeePerGas: raise(request.maxPriorityFeePerGas),
      };
}

/** By this transaction, and the receipt will tell, or by another. */
function isNonceUsed(cause: unknown): boolean {
  return /nonce too low|nonce has already been used/i.test(describe(cause));
}

/** The node has it already, or another of this nonce that must be mined first. */
function isAlreadyKnown(cause: unknown): boolean {
  return /already known|already imported|known transaction|already exists|replacement (fee too low|transaction underpriced)/i.test(
    describe(cause),
  );
}

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return `${cause.message} ${JSON.stringify((cause as { error?: unknown }).error ?? '')}`;
}
