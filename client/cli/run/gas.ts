/** Gas by round, from the receipts of the transactions behind the federation's events. */
import type { JsonRpcProvider } from 'ethers';
import { type ChainEvent, createEventFeed } from '../../chain/events.ts';
import { unpackTerms } from '../../chain/updateTerms.ts';
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
      for (const event of events) {
        const { name, transactionHash } = event;
        if (!billed.has(name)) continue;
        const receipt = await provider.getTransactionReceipt(transactionHash);
        const gasUsed = Number(receipt?.gasUsed ?? 0n);
        const gas = rounds.get(roundOf(event)) ?? { submissions: [], others: 0 };
        rounds.set(roundOf(event), gas);
        if (name === 'UpdateSubmitted') gas.submissions.push(gasUsed);
        else gas.others += gasUsed;
      }
      return rounds;
    },
  };
}

function roundOf({ name, args }: ChainEvent): number {
  return name === 'UpdateSubmitted' ? unpackTerms(args.terms as bigint).round : Number(args.round);
}
