/** What a transaction costs: its gas, its fees, and whether its account can pay them. Amounts in wei. */
import type { TransactionRequest } from 'ethers';
import { TributaryError } from '../core/errors.ts';
import { explainChainFailure, refusedByNode } from './failure.ts';
import { type Fees, feesIn, feesOf, neededTip, priceOf, raiseFees, raiseToNeeded, readMarket } from './fees.ts';
import type { ChainProvider } from './provider.ts';
import type { Spending } from './spending.ts';

/** What was estimated for one block may cost more in the next: a history begins a new entry, an event is one of a new round. */
const gasMargin = { numerator: 5n, denominator: 4n, fixed: 30_000n };
/** EIP-7825. */
const mostGas = 1n << 24n;

/** What a chain knows of an account. */
export interface AccountState {
  address: string;
  /** Transactions that are mined, and with those that the node knows of besides. */
  counted: number;
  pending: number;
  balanceWei: bigint;
  /** What a block may take. */
  blockGas: bigint;
}

/** Errors: CHAIN_UNREACHABLE, CHAIN_REFUSED (retryable). */
export async function readAccount(provider: ChainProvider, address: string, step: string): Promise<AccountState> {
  const [counted, pending, balance, block] = await provider
    .sendTogether([
      ['eth_getTransactionCount', [address, 'latest']],
      ['eth_getTransactionCount', [address, 'pending']],
      ['eth_getBalance', [address, 'latest']],
      ['eth_getBlockByNumber', ['latest', false]],
    ])
    .catch((cause: unknown) => {
      throw explainChainFailure(cause, step);
    });
  const blockGas = BigInt((block as { gasLimit?: string } | null)?.gasLimit ?? mostGas);
  return {
    address,
    counted: Number(counted),
    pending: Number(pending),
    balanceWei: BigInt(balance as string),
    blockGas,
  };
}

/** A request that can be signed. */
export type Completed = TransactionRequest & { nonce: number };

/**
 * The request with gas and fees, which an urgent one raises from the start. Errors: ACCOUNT_NO_FUNDS, FEE_TOO_HIGH (retryable),
 * TRANSACTION_TOO_LARGE, TRANSACTION_REVERTED where its gas cannot be estimated, CHAIN_UNREACHABLE and CHAIN_REFUSED (retryable).
 */
export async function completeRequest(
  provider: ChainProvider,
  spending: Spending,
  account: AccountState,
  step: string,
  request: TransactionRequest,
  { urgent, nonce }: { urgent: boolean; nonce: number },
): Promise<Completed> {
  const { chainId } = await provider.getNetwork();
  const fail = (cause: unknown) => {
    throw explainChainFailure(cause, step);
  };
  const { address: from, balanceWei } = account;
  const [gas, market] = await Promise.all([
    request.gasLimit == null ? provider.estimateGas({ ...request, from }) : BigInt(request.gasLimit),
    readMarket(provider),
  ]).catch(fail);
  const gasLimit = withMargin(step, gas, account.blockGas);
  // a chain for which nobody pays may be used by who has nothing
  const isFree = market.base === 0n && balanceWei === 0n;
  const offered = feesOf(isFree ? { base: 0n, tip: 0n } : market);
  const fees = await spending.allow(
    step,
    { market, fees: urgent && !isFree ? raiseFees(offered) : offered, gas },
    urgent,
  );
  const value = BigInt(request.value ?? 0n);
  requireFunds(step, from, balanceWei, gas * priceOf(fees) + value);
  return { to: request.to ?? null, data: request.data ?? '0x', value, nonce, chainId, gasLimit, ...fees };
}

/** As much as a transaction and a block of the chain may take, where the margin is more. */
function withMargin(step: string, gas: bigint, blockGas: bigint): bigint {
  const most = blockGas < mostGas ? blockGas : mostGas;
  // where gas measures something else, as on Arbitrum, blocks hold far more, and so may a transaction
  const limit = gas > most && blockGas > 16n * mostGas ? blockGas : most;
  if (gas > limit)
    throw refusedByNode(step, 'tooMuchGas', `it takes ${gas} gas, and a block or transaction may take ${limit}`);
  const wanted = (gas * gasMargin.numerator) / gasMargin.denominator + gasMargin.fixed;
  return wanted < limit ? wanted : limit;
}

function requireFunds(step: string, account: string, balance: bigint, cost: bigint): void {
  if (balance >= cost) return;
  const message = `${step}: ${account} has ${balance} wei, but the transaction may cost ${cost}: send it some of the chain's currency.`;
  throw new TributaryError('ACCOUNT_NO_FUNDS', message, { args: { account } });
}

/** What a node that refused the request for its fees wants: what it names, or half more. */
export function feesWanted(request: Completed, refusal: unknown): Fees {
  const words = refusal instanceof TributaryError ? String(refusal.args.reason) : '';
  return raiseToNeeded(feesIn(request), neededTip(words));
}

/** The request with other fees. */
export function withFees(request: Completed, fees: Fees): Completed {
  return { ...request, ...fees };
}
