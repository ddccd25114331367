/**
 * A transaction waits until those of lower nonces are mined. One of these may be in no node's pool any more: a reorganisation has taken it back, a
 * pool has dropped it, or the process that sent it has ended.
 */
import type { Wallet } from 'ethers';
import { feesOf, raiseFees, readMarket } from './fees.ts';
import type { createOutgoing } from './outgoing.ts';
import type { ChainProvider } from './provider.ts';

/** How long a nonce may be missing before something else takes it, in milliseconds. */
const fillAfterMs = 5000;
const transferGas = 21_000n;

/**
 * Sends those that are missing before a nonce again, the same bytes; in the place of one that it does not have, after a while, a transfer of nothing
 * from the account to itself. Nothing of that is waited for, and what a node refuses is tried again when it is next called.
 */
export function createUnblocking(
  wallet: Wallet,
  provider: ChainProvider,
  outgoing: Pick<ReturnType<typeof createOutgoing>, 'rawOf'>,
): (nonce: number) => Promise<void> {
  const missingSince = new Map<number, number>();

  async function fill(nonce: number): Promise<void> {
    const { chainId } = await provider.getNetwork();
    const fees = raiseFees(feesOf(await readMarket(provider)));
    const gasLimit = transferGas * 2n;
    await send(await wallet.signTransaction({ to: wallet.address, value: 0n, nonce, chainId, gasLimit, ...fees }));
  }

  async function send(raw: string): Promise<void> {
    await provider.send('eth_sendRawTransaction', [raw]);
  }

  async function unblock(nonce: number): Promise<void> {
    const used = await provider.getTransactionCount(wallet.address, 'latest');
    for (const known of missingSince.keys()) if (known < used) missingSince.delete(known);
    for (let missing = used; missing < nonce; missing++) {
      const raw = outgoing.rawOf(missing);
      const since = missingSince.get(missing) ?? Date.now();
      missingSince.set(missing, since);
      if (raw !== undefined) await send(raw).catch(() => undefined);
      if (Date.now() - since > fillAfterMs) await fill(missing).catch(() => undefined);
    }
  }

  return (nonce) => unblock(nonce).catch(() => undefined);
}
