/** What an account may pay for its transactions: a most for a unit of gas, and a most a day. What costs stake when it comes late is paid in any case. */
import { formatEther, formatUnits, type JsonRpcProvider, type TransactionReceipt } from 'ethers';
import { TributaryError } from '../core/errors.ts';
import { capFees, expectedPrice, type Fees, type Market, priceOf } from './fees.ts';

/** Amounts in wei. */
export interface SpendingLimits {
  maxFeePerGasWei?: bigint | undefined;
  /** Within 24 hours. */
  maxDayWei?: bigint | undefined;
}

/** What was paid, and when: `at` in milliseconds since 1970. */
export interface Payment {
  at: number;
  wei: string;
}

/** Where payments are kept beyond the process. */
export interface PaymentBook {
  read(): Promise<Payment[]>;
  write(payments: Payment[]): Promise<void>;
}

/** Is told of what was paid beyond a limit. */
export type OnOverspending = (step: string, reason: string) => void;

/** `isNeeded`: with less it is taken by no node. */
export interface WhyRaised {
  urgent: boolean;
  isNeeded: boolean;
}

export interface Spending {
  /**
   * The fees, within the limits. Errors: FEE_TOO_HIGH (retryable) where it would cost more, unless it is urgent, which is said.
   */
  allow(step: string, cost: { market: Market; fees: Fees; gas: bigint }, urgent: boolean): Promise<Fees>;
  /** Raised fees, at most the limit of a unit, or beyond it where it is urgent, which is said. Errors: FEE_TOO_HIGH (retryable) where no less is taken. */
  limit(step: string, raised: Fees, why: WhyRaised): Promise<Fees>;
  /** Takes note of what a mined transaction has cost. */
  paid(receipt: TransactionReceipt): Promise<void>;
}

const dayMs = 24 * 60 * 60 * 1000;

export function createSpending(limits: SpendingLimits, book: PaymentBook, onOverspending: OnOverspending): Spending {
  const { maxFeePerGasWei, maxDayWei } = limits;
  let payments: Payment[] | undefined;

  async function recent(): Promise<Payment[]> {
    payments ??= await book.read();
    return payments.filter(({ at }) => at > Date.now() - dayMs);
  }

  async function reasonToWait(market: Market, gas: bigint): Promise<string | undefined> {
    const price = expectedPrice(market);
    if (maxFeePerGasWei !== undefined && price > maxFeePerGasWei) {
      return `a unit of gas costs ${gwei(price)} gwei now, and --max-fee-gwei allows ${gwei(maxFeePerGasWei)}`;
    }
    if (maxDayWei === undefined) return undefined;
    const spent = sum(await recent());
    if (spent + gas * price <= maxDayWei) return undefined;
    return `it may cost ${formatEther(gas * price)}, ${formatEther(spent)} were paid within 24 hours, and --max-spend allows ${formatEther(maxDayWei)}`;
  }

  return {
    async allow(step, { market, fees, gas }, urgent) {
      const reason = await reasonToWait(market, gas);
      if (reason === undefined) return maxFeePerGasWei === undefined ? fees : capFees(fees, maxFeePerGasWei);
      if (urgent) {
        onOverspending(step, reason);
        return fees;
      }
      throw tooHigh(step, reason);
    },
    async limit(step, raised, { urgent, isNeeded }) {
      if (maxFeePerGasWei === undefined || priceOf(raised) <= maxFeePerGasWei) return raised;
      const reason = `a unit of gas would cost up to ${gwei(priceOf(raised))} gwei, and --max-fee-gwei allows ${gwei(maxFeePerGasWei)}`;
      if (urgent) onOverspending(step, reason);
      else if (isNeeded) throw tooHigh(step, reason);
      return urgent ? raised : capFees(raised, maxFeePerGasWei);
    },
    async paid(receipt) {
      if (maxDayWei === undefined) return;
      const wei = await costOf(receipt);
      payments = [...(await recent()), { at: Date.now(), wei: String(wei) }];
      await book.write(payments);
    },
  };
}

/** Roll-ups charge for the chain below them beside the gas, and say so in the receipt: https://docs.optimism.io/stack/transactions/fees. */
async function costOf(receipt: TransactionReceipt): Promise<bigint> {
  const { provider, hash, fee } = receipt;
  const raw = await (provider as JsonRpcProvider).send('eth_getTransactionReceipt', [hash]).catch(() => null);
  const l1Fee = (raw as { l1Fee?: unknown } | null)?.l1Fee;
  return fee + (typeof l1Fee === 'string' ? BigInt(l1Fee) : 0n);
}

function tooHigh(step: string, reason: string): TributaryError {
  return new TributaryError('FEE_TOO_HIGH', `${step} waits: ${reason}.`, { retryable: true });
}

function sum(payments: readonly Payment[]): bigint {
  return payments.reduce((total, { wei }) => total + BigInt(wei), 0n);
}

function gwei(wei: bigint): string {
  return formatUnits(wei, 'gwei');
}

/** Pays what is asked, and keeps no book. */
export const unlimitedSpending: Spending = {
  allow: async (_step, { fees }) => fees,
  limit: async (_step, raised) => raised,
  paid: async () => undefined,
};
