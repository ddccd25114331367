/** Gas by round, from the receipts of the transactions behind the federation's events. */
import type { JsonRpcProvider } from 'ethers';
import { createEventFeed } from '../../chain/events.ts';
import type { Deployment } from '../../node/deployment.ts';
import type { RoundGas } from './ledger.ts';

const billed: ReadonlySet<string> = new Set([
  'UpdateSubmitted',
  'TurnClaimed',
  'AggregateProposed',
  'RoundFinalized',
  'RoundSkipped',
]);

export interface GasMeter {
  /** Reads what is new, and answers with all rounds. */
  read(): Promise<ReadonlyMap<number, RoundGas>>;
}

export function createGasMeter(provider: JsonRpcProvider, deployment: Deployment): GasMeter {
  const feed = createEventFeed(provider, deployment.federation, deployment.deployBlock);
  const rounds = new Map<number, RoundGas>();

  return {
    async read() {
      const { events, rewound } = await feed.poll();
      if (rewound) rounds.clear();
      for (const { name, args, transactionHash } of events) {
        if (!billed.has(name)) continue;
        const receipt = await provider.getTransactionReceipt(transactionHash);
        const gasUsed = Number(receipt?.gasUsed ?? 0n);
        const gas = rounds.get(Number(args.round)) ?? { submissions: [], others: 0 };
        rounds.set(Number(args.round), gas);
        if (name === 'UpdateSubmitted') gas.submissions.push(gasUsed);
        else gas.others += gasUsed;
      }
      return rounds;
    },
  };
}
