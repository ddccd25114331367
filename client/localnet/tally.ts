/** What each round cost, put together from what the processes reported, the chain's receipts and the evaluation. */
import type { ProposedAggregate, Round } from '../chain/rounds.ts';
import { toHex } from '../core/hash.ts';
import { inputsListBytes } from '../core/inputs.ts';
import type { MetricName } from '../core/task.ts';
import { type Interval, unionSeconds } from './intervals.ts';
import type { TimedEvent } from './processes.ts';

/** One line of the table of rounds. */
export interface RoundCosts {
  round: number;
  /** Share of the held-out samples that the round's model classifies rightly; null until it has been evaluated. */
  accuracy: number | null;
  /** Of the same samples, where the task compares its rounds by another metric than accuracy; null until it has been evaluated. */
  metric?: { name: MetricName; value: number | null };
  updates: number;
  /** Of all transactions of the round: submissions, turn claims, the proposal, finalising it. */
  gas: number;
  gasPerSubmission: number;
  /** Published: the updates, the model, the list of inputs. */
  bytes: number;
  bytesPerUpdate: number;
  /** From the proposal before (the first round: from its start) to this round's proposal. */
  seconds: number;
  /** While at least one trainer was training. */
  trainingSeconds: number;
  overheadSeconds: number;
  proposer: string;
  /** Watchtowers that recomputed the proposal and found it right. */
  verifiedBy: string[];
  /** What the round pays, in gwei (1e-9 token); null until that is stated. */
  rewardGwei: string | null;
  final: boolean;
  modelRoot: string;
  modelCid: string;
}

/** A line of the table for a proposal that counts for nothing any more. */
export interface VoidRow {
  round: number;
  gas: number;
  bytes: number;
  proposer: string;
  /** Why it is void. */
  reason: string;
}

export type TableRow = RoundCosts | VoidRow;

export interface RoundGas {
  submissions: number[];
  others: number;
}

export interface Tally {
  /** What a process reported. */
  observe(process: string, event: TimedEvent): void;
  /** What the chain says of a proposed round, seen at this time. */
  proposed(round: Round & { proposed: ProposedAggregate }, sizes: BlobSizes, modelCid: string, seenAt: number): void;
  /** Which proposals stand; what was known of others is forgotten. */
  keepOnly(standing: readonly { number: number; proposed: ProposedAggregate }[]): void;
  setGas(round: number, gas: RoundGas): void;
  /** By what the task compares its rounds; accuracy until it is said. */
  compareBy(metric: MetricName): void;
  /** `value` is of the metric that rounds are compared by. */
  setQuality(round: number, accuracy: number, value: number): void;
  /** By round, of the statements that stand. */
  setRewards(paidGwei: ReadonlyMap<number, bigint>): void;
  rows(): RoundCosts[];
  /** The largest ε that a trainer has spent of its records' privacy; undefined where none keeps account. */
  privacy(): { epsilon: number; delta: number } | undefined;
  /** The process with this account, or the account. */
  nameOf(account: string): string;
}

export interface BlobSizes {
  updateBytes: number;
  modelBytes: number;
}

interface Entry {
  startedAt: number;
  trained: Map<string, Interval>;
  /** When the processes said that they had proposed, by process. */
  proposedAt: Map<string, number>;
  seenAt: number;
  /** Watchtowers, by the proposer whose proposal they verified. */
  verifiedBy: Map<string, Set<string>>;
  accuracy: number | null;
  metric: number | null;
  gas: RoundGas;
  chain?: Pick<RoundCosts, 'updates' | 'bytes' | 'bytesPerUpdate' | 'modelRoot' | 'modelCid' | 'final'> & {
    proposerAccount: string;
  };
}

function newEntry(): Entry {
  return {
    startedAt: Number.POSITIVE_INFINITY,
    trained: new Map(),
    proposedAt: new Map(),
    seenAt: Number.POSITIVE_INFINITY,
    verifiedBy: new Map(),
    accuracy: null,
    metric: null,
    gas: { submissions: [], others: 0 },
  };
}

export function createTally(): Tally {
  const entries = new Map<number, Entry>();
  /** Process by account. */
  const names = new Map<string, string>();
  let rewards: ReadonlyMap<number, bigint> = new Map();
  let privacy: { epsilon: number; delta: number } | undefined;
  let metric: MetricName = 'accuracy';

  function entryOf(round: number): Entry {
    let entry = entries.get(round);
    if (entry === undefined) {
      entry = newEntry();
      entries.set(round, entry);
    }
    return entry;
  }

  function nameOf(account: string): string {
    return names.get(account) ?? account;
  }

  return {
    observe(process, event) {
      if (event.event === 'started') names.set(event.account, process);
      if (!('round' in event)) return;
      if (event.event === 'privacySpent' && event.epsilon > (privacy?.epsilon ?? 0)) {
        privacy = { epsilon: event.epsilon, delta: event.delta };
      }
      const entry = entryOf(event.round);
      if (event.event === 'roundStarted') entry.startedAt = Math.min(entry.startedAt, event.at);
      if (event.event === 'trained') entry.trained.set(process, event);
      if (event.event === 'proposed') entry.proposedAt.set(process, event.at);
      if (event.event === 'verified') {
        entry.verifiedBy.set(event.proposer, (entry.verifiedBy.get(event.proposer) ?? new Set()).add(process));
      }
    },
    proposed(round, { updateBytes, modelBytes }, modelCid, seenAt) {
      const entry = entryOf(round.number);
      const { proposer, proposal } = round.proposed;
      entry.seenAt = Math.min(entry.seenAt, seenAt);
      entry.chain = {
        updates: proposal.inputCount,
        bytes: round.submissions.size * updateBytes + modelBytes + inputsListBytes(proposal.inputCount),
        bytesPerUpdate: updateBytes,
        modelRoot: toHex(proposal.modelRoot),
        modelCid,
        final: round.final,
        proposerAccount: proposer,
      };
    },
    keepOnly(standing) {
      for (const [round, entry] of entries) {
        const proposer = standing.find(({ number }) => number === round)?.proposed.proposer;
        if (entry.chain === undefined || entry.chain.proposerAccount === proposer) continue;
        delete entry.chain;
        entry.accuracy = null;
        entry.metric = null;
        entry.seenAt = Number.POSITIVE_INFINITY;
      }
    },
    setGas(round, gas) {
      entryOf(round).gas = gas;
    },
    compareBy(name) {
      metric = name;
    },
    setQuality(round, accuracy, value) {
      Object.assign(entryOf(round), { accuracy, metric: value });
    },
    setRewards(paidGwei) {
      rewards = paidGwei;
    },
    rows() {
      const rows: RoundCosts[] = [];
      let before: number | undefined;
      for (const [round, entry] of [...entries].sort(([a], [b]) => a - b)) {
        if (entry.chain === undefined) continue;
        const { proposerAccount, ...chain } = entry.chain;
        const proposer = nameOf(proposerAccount);
        const proposedAt = Math.min(entry.seenAt, entry.proposedAt.get(proposer) ?? entry.seenAt);
        const seconds = Math.max(0, proposedAt - (before ?? Math.min(entry.startedAt, proposedAt)));
        const trainingSeconds = Math.min(seconds, unionSeconds([...entry.trained.values()]));
        rows.push({
          round,
          accuracy: entry.accuracy,
          ...(metric !== 'accuracy' && { metric: { name: metric, value: entry.metric } }),
          ...chain,
          gas: sum(entry.gas.submissions) + entry.gas.others,
          gasPerSubmission: mean(entry.gas.submissions),
          seconds,
          trainingSeconds,
          overheadSeconds: seconds - trainingSeconds,
          proposer,
          verifiedBy: [...(entry.verifiedBy.get(proposerAccount) ?? [])],
          rewardGwei: rewards.get(round)?.toString() ?? null,
        });
        before = proposedAt;
      }
      return rows;
    },
    privacy: () => privacy,
    nameOf,
  };
}

/** By what the rounds of its task are compared. */
export function qualityOf({ accuracy, metric }: RoundCosts): { name: MetricName; value: number | null } {
  return metric ?? { name: 'accuracy', value: accuracy };
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : Math.round(sum(values) / values.length);
}
