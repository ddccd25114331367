/** Gas by round, and the proposals that were voided, from the federation's events and the receipts behind them. */

import type { Deployment } from '../chain/deployment.ts';
import { type ChainEvent, createEventFeed } from '../chain/events.ts';
import type { ChainProvider } from '../chain/provider.ts';
import { unpackTerms } from '../chain/updateTerms.ts';
import type { RoundGas } from './tally.ts';

const billed: ReadonlySet<string> = new Set([
  'UpdateSubmitted',
  'TurnClaimed',
  'AggregateProposed',
  'RoundFinalized',
  'RoundSkipped',
]);

/** A proposal that was refuted, or stood on one that was. */
export interface VoidedProposal {
  round: number;
  proposer: string;
  inputCount: number;
  /** Of its transaction; where it stood on another, of all transactions of its round. */
  gas: number;
  /** The round whose proposal was refuted. */
  refutedRound: number;
}

export interface GasMeter {
  /** Reads what is new, and answers with everything. */
  read(): Promise<{ rounds: ReadonlyMap<number, RoundGas>; voided: readonly VoidedProposal[] }>;
}

export function createGasMeter(provider: ChainProvider, deployment: Deployment): GasMeter {
  const feed = createEventFeed(provider, deployment.federation, 'Federation', deployment.deployBlock);
  const rounds = new Map<number, RoundGas>();
  const standing = new Map<number, VoidedProposal>();
  let voided: VoidedProposal[] = [];

  function gasOf(round: number): RoundGas {
    const gas = rounds.get(round) ?? { submissions: [], others: 0 };
    rounds.set(round, gas);
    return gas;
  }

  /** The round goes on with its submissions; of those after it nothing is left. */
  function voidFrom(refutedRound: number): void {
    for (const [round, proposal] of [...standing].sort(([a], [b]) => a - b)) {
      if (round < refutedRound) continue;
      standing.delete(round);
      const { submissions, others } = gasOf(round);
      const all = submissions.reduce((total, gas) => total + gas, others);
      voided.push({ ...proposal, refutedRound, gas: round === refutedRound ? proposal.gas : all });
      if (round === refutedRound) gasOf(round).others -= proposal.gas;
      else rounds.delete(round);
    }
  }

  return {
    async read() {
      const { events, rewound } = await feed.poll();
      if (rewound) {
        rounds.clear();
        standing.clear();
        voided = [];
      }
      for (const event of events) {
        const { name, args, transactionHash } = event;
        if (name === 'ProposalVoided') voidFrom(Number(args.round));
        if (!billed.has(name)) continue;
        const receipt = await provider.getTransactionReceipt(transactionHash);
        const gas = Number(receipt?.gasUsed ?? 0n);
        const round = roundOf(event);
        if (name === 'UpdateSubmitted') gasOf(round).submissions.push(gas);
        else gasOf(round).others += gas;
        if (name !== 'AggregateProposed') continue;
        const inputCount = Number(args.proposal.inputCount);
        standing.set(round, { round, proposer: args.proposer as string, inputCount, gas, refutedRound: round });
      }
      return { rounds, voided };
    },
  };
}

function roundOf({ name, args }: ChainEvent): number {
  return name === 'UpdateSubmitted' ? unpackTerms(args.terms as bigint).round : Number(args.round);
}
