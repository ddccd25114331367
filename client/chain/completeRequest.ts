/** What a transaction costs: its gas, its fees, and whether its account can pay them. Amounts in wei. */
import type { TransactionRequest } from 'ethers';
import { TributaryError } from '../core/errors.ts';
import { explainChainFailure, unreachable } from './failure.ts';
import type { ChainProvider } from './provider.ts';

/** What was estimated for one block may cost more in the next: a history begins a new entry, an event is one of a new round. */
const gasMargin = { numerator: 5n, denominator: 4n, fixed: 30_000n };

/**
 * The request with nonce, gas and fees, which an urgent one raises from the start. Errors: ACCOUNT_NO_FUNDS,
 * TRANSACTION_REVERTED where its gas cannot be estimated, CHAIN_UNREACHABLE (retryable).
 */
export async function completeRequest(
  provider: ChainProvider,
  from: string,
  step: string,
  request: TransactionRequest,
  urgent: boolean,
): Promise<TransactionRequest> {
  const { chainId } = await provider.getNetwork();
  const fail = (cause: unknown) => {
    throw explainChainFailure(cause, step);
  };
  const gas =
    request.gasLimit == null ? await provider.estimateGas({ ...request, from }).catch(fail) : BigInt(request.gasLimit);
  const [nonce, fees, balance] = await Promise.all([
    provider.getTransactionCount(from, 'pending'),
    provider.getFeeData(),
    provider.getBalance(from),
  ]).catch(fail);
  if (fees.maxFeePerGas === null && fees.gasPrice === null) throw unreachable(step, 'no fees');
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
  const completed = { ...base, ...fee };
  return urgent ? raiseFee(completed) : completed;
}

/** By a quarter: nodes take a replacement from a tenth more on. */
export function raiseFee(request: TransactionRequest): TransactionRequest {
  const raise = (value: unknown) => (BigInt(value as bigint) * 5n) / 4n + 1n;
  return request.type === 0
    ? { ...request, gasPrice: raise(request.gasPrice) }
    : {
        ...request,
        maxFeePerGas: raise(request.maxFeePerGas),
        maxPriorityFeePerGas: raise(request.maxPriorityFeePerGas),
      };
}
