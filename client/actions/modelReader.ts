/** A round's model, fetched from whichever nodes serve it and verified against the chain. */

import type { FederationClient } from '../chain/federation.ts';
import type { RewardsClient } from '../chain/rewards.ts';
import type { Observer } from '../participant/participant.ts';
import { createModels, type Models } from '../participant/rounds/models.ts';
import { type OpenBitswap, observe } from './observe.ts';

export interface ModelReader {
  /** The model after the round, 0 for the first. Errors: BLOB_UNAVAILABLE (retryable), BLOB_MISMATCH, COMMITMENT_MISMATCH. */
  read(round: number): Promise<Int32Array>;
  close(): Promise<void>;
}

/** Opened when it is first asked: before, no node may have announced itself. */
export function createModelReader(
  federation: FederationClient,
  rewards: RewardsClient,
  signal: AbortSignal,
  openBitswap?: OpenBitswap,
): ModelReader {
  let opened: { observer: Observer; models: Models } | undefined;

  async function open() {
    if (opened !== undefined) return opened;
    const observer = await observe({ federation, rewards }, signal, openBitswap);
    opened = { observer, models: createModels(observer) };
    return opened;
  }

  return {
    read: async (round) => (await open()).models.get(round),
    close: async () => await opened?.observer.store.close(),
  };
}
