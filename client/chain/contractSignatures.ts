/** Signatures of accounts that are contracts (EIP-1271): the contract itself says whether one counts, as of the newest block. */
import { AbiCoder, concat, dataSlice, isCallException } from 'ethers';
import { explainChainFailure } from './failure.ts';
import type { ChainProvider } from './provider.ts';

/** `isValidSignature(bytes32,bytes)`, and what it answers where the signature counts. */
const magic = '0x1626ba7e';

/** What it may take to answer. Who needs more would make every proposal dear that brings its signature. */
const gasLimit = 500_000n;

/** What is asked, and in whose name: some accounts sign for the contracts that they take part in, and for nobody else. */
export interface ContractSignature {
  asker: string;
  account: string;
  /** `0x` and 64 hex digits. */
  digest: string;
  signature: string;
}

/** False where the account has no such function, or refuses. Errors: CHAIN_UNREACHABLE (retryable). */
export async function isSignedByContract(
  provider: Pick<ChainProvider, 'call'>,
  { asker, account, digest, signature }: ContractSignature,
): Promise<boolean> {
  const args = AbiCoder.defaultAbiCoder().encode(['bytes32', 'bytes'], [digest, signature]);
  try {
    const answer = await provider.call({ from: asker, to: account, data: concat([magic, args]), gasLimit });
    return answer.length === 66 && dataSlice(answer, 0, 4) === magic;
  } catch (cause) {
    if (isCallException(cause)) return false;
    throw explainChainFailure(cause, `asking ${account} whether it has signed`);
  }
}

/** The same questions are asked once for each block. */
export function rememberForBlock<T>(blockNumber: () => number): (key: string, ask: () => Promise<T>) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  let block = -1;
  return (key, ask) => {
    if (block !== blockNumber()) known.clear();
    block = blockNumber();
    const before = known.get(key);
    if (before !== undefined) return before;
    const asking = ask();
    known.set(key, asking);
    // what failed is asked again
    asking.catch(() => known.delete(key));
    return asking;
  };
}
