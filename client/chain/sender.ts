/**
 * Sends transactions of one key, one after the other: the nonce is the chain's own count, and a transaction that was
 * signed is sent again, the very same bytes, until it is mined. Sending twice is so harmless. Whether one that the provider failed to take has
 * arrived nobody knows: whoever tries the same step again goes on with the same bytes. Where another program with the same key
 * has used the nonce, it is signed anew.
 */
import { Transaction, type TransactionReceipt, type TransactionRequest, type Wallet } from 'ethers';
import { TributaryError } from '../core/errors.ts';
import type { TypedData } from './attestation.ts';
import { completeRequest, raiseFee } from './completeRequest.ts';
import { explainChainFailure } from './failure.ts';
import type { ChainProvider } from './provider.ts';
import { createTurns } from './turns.ts';

/** Signs and sends for one account. */
export interface Sender {
  readonly address: string;
  /** The account is a contract, which says itself what it has signed (EIP-1271). */
  readonly isContract?: boolean;
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

/** How a transaction is sent. */
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
/** Signed, and perhaps on its way. */
interface Signed {
  request: TransactionRequest;
  raw: string;
  signedAt: number;
  /** With those of lower fees. */
  hashes: string[];
  /** False only while every provider has refused it. */
  mayBeOut: boolean;
}

/** Transactions of a wallet, one after the other. Nothing is sent before `send` is called. */
export function createSender(wallet: Wallet, provider: ChainProvider): Sender {
  const inTurn = createTurns();
  /** By what was asked for: the same again is this one. */
  const unfinished = new Map<string, Signed>();

  async function transmit(
    step: string,
    request: TransactionRequest,
    urgent: boolean,
    signal?: AbortSignal,
  ): Promise<TransactionReceipt> {
    const purpose = JSON.stringify([request.to, request.data, String(request.value ?? 0n)]);
    for (;;) {
      const signed =
        unfinished.get(purpose) ??
        (await signAnew(await completeRequest(provider, wallet.address, step, request, urgent)));
      unfinished.set(purpose, signed);
      const receipt = await broadcast(step, signed, signal).catch((error: unknown) => {
        if (!signed.mayBeOut) unfinished.delete(purpose);
        throw error;
      });
      unfinished.delete(purpose);
      if (receipt !== undefined)
        return await requireSuccess(provider, step, receipt, { ...request, from: wallet.address });
    }
  }

  async function signAnew(request: TransactionRequest, hashes: string[] = []): Promise<Signed> {
    const raw = await wallet.signTransaction(request);
    const hash = Transaction.from(raw).hash!;
    return { request, raw, signedAt: Date.now(), hashes: [...hashes, hash], mayBeOut: hashes.length > 0 };
  }

  /**
   * Undefined where another transaction has taken its nonce: it can never be mined. What throws for the wire or for time leaves it
   * unfinished; what the chain refuses was never sent.
   */
  async function broadcast(
    step: string,
    signed: Signed,
    signal?: AbortSignal,
  ): Promise<TransactionReceipt | undefined> {
    const startedAt = Date.now();
    let displacedSince: number | undefined;
    for (let pauseMs = 20; ; pauseMs = Math.min(2 * pauseMs, 2000)) {
      if (Date.now() - signed.signedAt > raiseFeeAfterMs) {
        Object.assign(signed, await signAnew(raiseFee(signed.request), signed.hashes));
      }
      const isTaken = await offer(step, signed);
      const receipt = await waitForReceipt(signed.hashes, pauseMs);
      if (receipt !== undefined) return receipt;
      signal?.throwIfAborted();
      const isDisplaced = isTaken && (await hasNoneOf(step, signed));
      displacedSince = isDisplaced ? (displacedSince ?? Date.now()) : undefined;
      if (displacedSince !== undefined && Date.now() - displacedSince > receiptLagMs) return undefined;
      if (Date.now() - startedAt > giveUpAfterMs) {
        const hash = signed.hashes.at(-1);
        const message = `${step}: transaction ${hash} was not mined within ${giveUpAfterMs / 60_000} minutes.`;
        throw new TributaryError('TRANSACTION_TIMEOUT', message, { retryable: true });
      }
    }
  }

  /** Answers true where its nonce is used: by it, and the receipt will tell, or by another. */
  async function offer(step: string, signed: Signed): Promise<boolean> {
    try {
      await provider.send('eth_sendRawTransaction', [signed.raw]);
    } catch (cause) {
      if (isNonceUsed(cause)) return true;
      if (isAlreadyKnown(cause)) return false;
      // a provider that fails may have passed it on
      signed.mayBeOut ||= cause instanceof TributaryError;
      throw explainChainFailure(cause, step);
    }
    signed.mayBeOut = true;
    return false;
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

  /** True for a machine that counts the nonce as used, and has none of these. Errors: CHAIN_UNREACHABLE: what nobody answers for is not sent anew. */
  async function hasNoneOf(step: string, { hashes, request }: Signed): Promise<boolean> {
    const asked = hashes.map((hash) => ['eth_getTransactionReceipt', [hash]] as const);
    try {
      const count = ['eth_getTransactionCount', [wallet.address, 'latest']] as const;
      const [used, ...receipts] = await provider.sendTogether([count, ...asked]);
      return Number(used) > Number(request.nonce) && receipts.every((receipt) => receipt === null);
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

/** Where it was mined but reverted, asks again for the reason. */
async function requireSuccess(
  provider: ChainProvider,
  step: string,
  receipt: TransactionReceipt,
  request: TransactionRequest,
): Promise<TransactionReceipt> {
  if (receipt.status === 1) return receipt;
  await provider.call(request).catch((cause: unknown) => {
    throw explainChainFailure(cause, step);
  });
  throw new TributaryError('TRANSACTION_REVERTED', `${step}: the transaction ${receipt.hash} was mined but failed.`);
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
