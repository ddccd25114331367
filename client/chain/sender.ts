/**
 * Sends transactions of one key, one after the other: a transaction that was signed is sent again, the very same bytes, until it is mined.
 * Sending twice is so harmless. Whether one that the provider failed to take has arrived nobody knows: whoever tries the same step again goes on
 * with the same bytes. Where another program with the same key has used the nonce, it is signed anew. An urgent one takes the nonce of
 * one that is stuck, which is signed anew after it.
 */
import type { TransactionReceipt, TransactionRequest, Wallet } from 'ethers';
import { TributaryError } from '../core/errors.ts';
import type { TypedData } from './attestation.ts';
import { completeRequest, feesWanted, readAccount, withFees } from './completeRequest.ts';
import { createDelivery } from './delivery.ts';
import { explainChainFailure, refusalOf } from './failure.ts';
import { type Fees, feesIn, largerFees, raiseFees } from './fees.ts';
import { createOutgoing, type Signed, signAnew } from './outgoing.ts';
import type { ChainProvider } from './provider.ts';
import { type Spending, unlimitedSpending, type WhyRaised } from './spending.ts';
import { createTurns } from './turns.ts';
import { createUnblocking } from './unblocking.ts';

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
   * their turn or for a block, and pays a higher fee.
   * Errors: TRANSACTION_REVERTED (with the contract's error), ACCOUNT_NO_FUNDS, TRANSACTION_TOO_LARGE, and retryable ones: FEE_TOO_HIGH,
   * TRANSACTION_TIMEOUT, CHAIN_UNREACHABLE and CHAIN_REFUSED.
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

/** How long a transaction may stay unmined before its fee is raised, or an urgent one may take its nonce, and before it is given up. */
const raiseFeeAfterMs = { usual: 60_000, urgent: 15_000 };
const stuckAfterMs = 3_000;
const giveUpAfterMs = 600_000;
/** How far receipts may lag behind the count of an account's transactions, where several machines answer. */
const receiptLagMs = 3_000;
/** How often in a row a fee is raised that is too low, at one offer. */
const mostRaises = 16;

/** What becomes of an offer: it waits for a block; its nonce is used; it waits for an earlier one. */
type Offer = 'waits' | 'used' | 'ahead';

/** Transactions of a wallet, one after the other. Nothing is sent before `send` is called. */
export function createSender(wallet: Wallet, provider: ChainProvider, spending: Spending = unlimitedSpending): Sender {
  const turns = createTurns();
  const outgoing = createOutgoing();
  const { offer, waitForReceipt, hasNoneOf } = createDelivery(provider, wallet.address);
  const unblock = createUnblocking(wallet, provider, outgoing);

  async function transmit(
    step: string,
    request: TransactionRequest,
    urgent: boolean,
    signal?: AbortSignal,
  ): Promise<TransactionReceipt> {
    const purpose = JSON.stringify([request.to, request.data, String(request.value ?? 0n)]);
    for (;;) {
      const signed = await signFor(purpose, step, request, urgent);
      const receipt = await broadcast(step, signed, urgent, signal).catch((error: unknown) => {
        signed.stale = refusalOf(error) === 'unknown';
        if (!signed.mayBeOut && !signed.stale) outgoing.drop(purpose);
        throw error;
      });
      if (receipt === undefined) {
        outgoing.drop(purpose);
        continue;
      }
      outgoing.finish(purpose, signed);
      await spending.paid(receipt);
      return await requireSuccess(provider, step, receipt, { ...request, from: wallet.address });
    }
  }

  async function signFor(purpose: string, step: string, request: TransactionRequest, urgent: boolean): Promise<Signed> {
    const before = outgoing.get(purpose);
    if (before !== undefined && !before.stale) return before;
    const account = await readAccount(provider, wallet.address, step);
    const { counted, pending } = account;
    const stuck = urgent ? outgoing.lowest(counted) : undefined;
    const reused = before !== undefined && before.request.nonce >= counted ? before : stuck;
    const nonce = reused?.request.nonce ?? outgoing.next(Math.max(counted, pending));
    const completed = await completeRequest(provider, spending, account, step, request, { urgent, nonce });
    const fees = feesIn(completed);
    const offered = reused === undefined ? fees : largerFees(fees, raiseFees(feesIn(reused.request)));
    const signed = await signAnew(wallet, withFees(completed, offered), before?.hashes);
    outgoing.add(purpose, signed);
    return signed;
  }

  async function resign(step: string, signed: Signed, raised: Fees, why: WhyRaised): Promise<void> {
    const fees = await spending.limit(step, raised, why);
    Object.assign(signed, await signAnew(wallet, withFees(signed.request, fees), signed.hashes));
  }

  /**
   * Undefined where another transaction has taken its nonce: it can never be mined. What throws for the wire or for time leaves it
   * unfinished; what the chain refuses was never sent.
   */
  async function broadcast(
    step: string,
    signed: Signed,
    urgent: boolean,
    signal?: AbortSignal,
  ): Promise<TransactionReceipt | undefined> {
    const startedAt = Date.now();
    let displacedSince: number | undefined;
    for (let pauseMs = 20; ; pauseMs = Math.min(2 * pauseMs, 2000)) {
      if (Date.now() - signed.signedAt > raiseFeeAfterMs[urgent ? 'urgent' : 'usual']) {
        await resign(step, signed, raiseFees(feesIn(signed.request)), { urgent, isNeeded: false });
      }
      const offer = await insistOnOffer(step, signed, urgent);
      const receipt = await waitForReceipt(signed.hashes, pauseMs);
      if (receipt !== undefined) return receipt;
      signal?.throwIfAborted();
      const isStuck = Date.now() - startedAt > stuckAfterMs;
      if (!urgent && isStuck) await turns.letUrgentPass();
      if (offer === 'ahead' || isStuck) await unblock(signed.request.nonce);
      const isDisplaced = offer === 'used' && (await hasNoneOf(step, signed));
      displacedSince = isDisplaced ? (displacedSince ?? Date.now()) : undefined;
      if (displacedSince !== undefined && Date.now() - displacedSince > receiptLagMs) return undefined;
      if (Date.now() - startedAt > giveUpAfterMs) throw notMined(step, signed);
    }
  }

  /** Raises the fee until it is taken. */
  async function insistOnOffer(step: string, signed: Signed, urgent: boolean): Promise<Offer> {
    for (let raises = 0; ; raises++) {
      const { refusal, error } = await offer(signed);
      if (refusal === undefined || refusal === 'alreadyKnown') return 'waits';
      if (refusal === 'nonceUsed') return 'used';
      if (refusal === 'nonceAhead') return 'ahead';
      // another of this nonce is out: an urgent one pays more than it, others wait for what becomes of it
      if (refusal === 'notReplaced' && (!urgent || raises >= mostRaises)) return 'waits';
      const tooLow = refusal === 'underpriced' || refusal === 'notReplaced';
      if (!tooLow || raises >= mostRaises) throw explainChainFailure(error, step);
      await resign(step, signed, feesWanted(signed.request, error), { urgent, isNeeded: true });
    }
  }

  return {
    address: wallet.address,
    sign: (message) => wallet.signMessage(message),
    signTypedData: ({ domain, types, value }) => wallet.signTypedData(domain, types, value),
    send: (step, request, signal, { urgent = false } = {}) =>
      turns.take(urgent, () => transmit(step, request, urgent, signal)),
  };
}

function notMined(step: string, { hashes }: Signed): TributaryError {
  const message = `${step}: transaction ${hashes.at(-1)} was not mined within ${giveUpAfterMs / 60_000} minutes.`;
  return new TributaryError('TRANSACTION_TIMEOUT', message, { retryable: true });
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
