/** What a unit of gas costs on this chain now, as its history tells it. Amounts in wei a unit. */
import { type TransactionRequest, toQuantity } from 'ethers';
import { refusalOf, unreachable } from './failure.ts';
import type { ChainProvider } from './provider.ts';

/** As a transaction carries them: EIP-1559's, or one price where the chain has no base fee. */
export type Fees = { type: 2; maxFeePerGas: bigint; maxPriorityFeePerGas: bigint } | { type: 0; gasPrice: bigint };

/** What the next block asks for at least: `base` is undefined where the chain has no base fee, and `tip` is then the whole price. */
export interface Market {
  base: bigint | undefined;
  tip: bigint;
}

/** Blocks whose tips are looked at, and the share of their gas that paid less. */
const historyBlocks = 10;
const percentile = 50;
/** Where nothing else is known: what most nodes suggest. */
const usualTip = 1_000_000_000n;
/** The least step by which a fee is raised that was too low: a chain may ask for more than nothing. */
const leastRaise = 10_000_000n;

interface FeeHistory {
  baseFeePerGas?: string[];
  gasUsedRatio?: number[];
  reward?: string[][] | null;
}

/** `eth_feeHistory`; where the node does not offer it, its newest block and what it suggests. Errors: CHAIN_UNREACHABLE, CHAIN_REFUSED (retryable). */
export async function readMarket(provider: ChainProvider): Promise<Market> {
  const history = (await offered(provider, 'eth_feeHistory', [toQuantity(historyBlocks), 'latest', [percentile]])) as
    | FeeHistory
    | undefined;
  const base = history?.baseFeePerGas?.at(-1) ?? (await provider.getBlock('latest'))?.baseFeePerGas;
  // Besu's private networks and others answer zeros where they have no base fee
  if (base == null) return { base: undefined, tip: await readPrice(provider) };
  return { base: BigInt(base), tip: medianTip(history) ?? (await suggestedTip(provider)) };
}

/** Of blocks that are not empty; undefined where all are. */
function medianTip({ reward, gasUsedRatio = [] }: FeeHistory = {}): bigint | undefined {
  const paid = (reward ?? []).filter((tips, index) => tips.length > 0 && (gasUsedRatio[index] ?? 0) > 0);
  const tips = paid.map(([tip]) => BigInt(tip!)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return tips.at(Math.floor(tips.length / 2));
}

async function suggestedTip(provider: ChainProvider): Promise<bigint> {
  const tip = await offered(provider, 'eth_maxPriorityFeePerGas', []);
  return typeof tip === 'string' ? BigInt(tip) : usualTip;
}

async function readPrice(provider: ChainProvider): Promise<bigint> {
  const price = await offered(provider, 'eth_gasPrice', []);
  if (typeof price !== 'string') throw unreachable('eth_gasPrice', 'no price');
  return BigInt(price);
}

/** Undefined where the node offers no such method. */
async function offered(provider: ChainProvider, method: string, params: unknown[]): Promise<unknown> {
  try {
    return (await provider.send(method, params)) ?? undefined;
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === 'unsupported' || refusal === 'unknown') return undefined;
    throw error;
  }
}

/** What is offered: twice the base fee, which six full blocks reach, and the tip. EIP-1559. */
export function feesOf({ base, tip }: Market): Fees {
  return base === undefined
    ? { type: 0, gasPrice: tip }
    : { type: 2, maxFeePerGas: 2n * base + tip, maxPriorityFeePerGas: tip };
}

/** What the next block takes a unit at, with these fees at most. */
export function expectedPrice({ base = 0n, tip }: Market): bigint {
  return base + tip;
}

/** By a quarter: nodes take a replacement from a tenth more on. */
export function raiseFees(fees: Fees): Fees {
  const raise = (value: bigint) => (value * 5n) / 4n + 1n;
  return mapFees(fees, raise);
}

/** By half, for what was too low to be taken at all; `needed` is the tip that the node named. */
export function raiseToNeeded(fees: Fees, needed: bigint | undefined): Fees {
  const raise = (value: bigint) => max((value * 3n) / 2n, value + leastRaise);
  if (needed === undefined) return mapFees(fees, raise);
  if (fees.type === 0) return { type: 0, gasPrice: max(needed, fees.gasPrice + 1n) };
  const tip = max(needed, fees.maxPriorityFeePerGas);
  return { type: 2, maxPriorityFeePerGas: tip, maxFeePerGas: fees.maxFeePerGas - fees.maxPriorityFeePerGas + tip + 1n };
}

/** Of each kind the larger. */
export function largerFees(a: Fees, b: Fees): Fees {
  if (a.type === 0 || b.type === 0) return priceOf(a) >= priceOf(b) ? a : b;
  return {
    type: 2,
    maxFeePerGas: max(a.maxFeePerGas, b.maxFeePerGas),
    maxPriorityFeePerGas: max(a.maxPriorityFeePerGas, b.maxPriorityFeePerGas),
  };
}

/** At most `limit` a unit. */
export function capFees(fees: Fees, limit: bigint): Fees {
  return mapFees(fees, (value) => (value > limit ? limit : value));
}

/** The most that a unit may cost. */
export function priceOf(fees: Fees): bigint {
  return fees.type === 0 ? fees.gasPrice : fees.maxFeePerGas;
}

/** The tip, in wei, that a node says it needs, such as `minimum needed 25000000000`; undefined where it names none. */
export function neededTip(words: string): bigint | undefined {
  const number =
    /(?:minimum(?: needed)?|at least|needs? to be higher than|min(?:imum)? (?:gas )?(?:price|tip|fee)\D{0,20})[^\d]{0,20}(\d{6,30})/i.exec(
      words,
    )?.[1];
  return number === undefined ? undefined : BigInt(number);
}

/** The fees that a request carries. */
export function feesIn(request: TransactionRequest): Fees {
  return request.type === 0
    ? { type: 0, gasPrice: BigInt(request.gasPrice!) }
    : {
        type: 2,
        maxFeePerGas: BigInt(request.maxFeePerGas!),
        maxPriorityFeePerGas: BigInt(request.maxPriorityFeePerGas!),
      };
}

function mapFees(fees: Fees, map: (value: bigint) => bigint): Fees {
  if (fees.type === 0) return { type: 0, gasPrice: map(fees.gasPrice) };
  return { type: 2, maxFeePerGas: map(fees.maxFeePerGas), maxPriorityFeePerGas: map(fees.maxPriorityFeePerGas) };
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
