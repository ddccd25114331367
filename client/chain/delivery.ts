/** Hands a signed transaction to the chain's nodes, and asks what has become of it. */
import type { TransactionReceipt } from 'ethers';
import { explainChainFailure, refusalOf } from './failure.ts';
import type { Signed } from './outgoing.ts';
import type { ChainProvider } from './provider.ts';
import type { Refusal } from './refusals.ts';

/** Why it was not taken; nothing where it was. */
interface Offered {
  refusal?: Refusal;
  error?: unknown;
}

export function createDelivery(provider: ChainProvider, address: string) {
  async function offer(signed: Signed): Promise<Offered> {
    try {
      await provider.send('eth_sendRawTransaction', [signed.raw]);
      signed.mayBeOut = true;
      return {};
    } catch (error) {
      const refusal = refusalOf(error) ?? 'passing';
      // a provider that fails may have passed it on
      signed.mayBeOut ||= refusal === 'passing' || refusal === 'limited' || refusal === 'alreadyKnown';
      return { refusal, error };
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

  /** True for a machine that counts the nonce as used, and has none of these. Errors: CHAIN_UNREACHABLE: what nobody answers for is not sent anew. */
  async function hasNoneOf(step: string, { hashes, request }: Signed): Promise<boolean> {
    const asked = hashes.map((hash) => ['eth_getTransactionReceipt', [hash]] as const);
    try {
      const count = ['eth_getTransactionCount', [address, 'latest']] as const;
      const [used, ...receipts] = await provider.sendTogether([count, ...asked]);
      return Number(used) > request.nonce && receipts.every((receipt) => receipt === null);
    } catch (cause) {
      throw explainChainFailure(cause, step);
    }
  }

  return { offer, waitForReceipt, hasNoneOf };
}
