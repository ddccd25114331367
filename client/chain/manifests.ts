/** Which manifest was in force in which round: a vote may have chosen another between two. */
import type { Result } from 'ethers';
import { fromHex, type Hash } from '../core/hash.ts';
import type { Addresses } from './connect.ts';
import { createEventFeed, createFolding } from './events.ts';
import type { ChainProvider } from './provider.ts';
import { shared } from './shared.ts';

/** The manifests of a task, by the digests of their CIDs. */
export interface Manifests {
  /** Reads what votes have changed. Errors: CHAIN_UNREACHABLE (retryable). */
  sync(): Promise<void>;
  /** As of the last `sync`. */
  inForceIn(round: number): Hash;
}

/** `first`: the one that the task was deployed with. */
export function openManifests(
  provider: ChainProvider,
  { policy }: Pick<Addresses, 'policy'>,
  deployBlock: number,
  first: Hash,
): Manifests {
  const feed = createEventFeed(provider, policy, 'Policy', deployBlock);
  const fold = createFolding(feed);
  let chosen: { fromRound: number; digest: Hash }[] = [];
  return {
    sync: shared(async () => {
      const { events, rewound } = await feed.poll();
      if (rewound) chosen = [];
      fold(() => {
        for (const { name, args } of events) {
          if (name !== 'PolicyInForce') continue;
          const digest = fromHex((args.documents as Result).manifestCid as string);
          chosen.push({ fromRound: Number(args.fromRound), digest });
        }
      });
    }),
    inForceIn: (round) => chosen.findLast(({ fromRound }) => fromRound <= round)?.digest ?? first,
  };
}
