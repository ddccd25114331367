/**
 * What a process says while it works: one event a line. With --json each line is a JSON object, for programs; else a
 * sentence, for people. The events are the interface between the processes and whoever started them.
 */

import type { MetricName } from '../core/task.ts';
import type { Awaited } from './awaited/awaited.ts';
import type { Role } from './role.ts';

export type { Role };

/** What a blob of a round is. */
export type BlobKind = 'manifest' | 'modelFile' | 'baseModel' | 'model' | 'inputs' | 'update';

/** Addresses, hashes and CIDs are strings, times are seconds, sizes are bytes. */
export type NodeEvent =
  | { event: 'started'; role: Role; account: string; endpoint: string | null; folder: string }
  /** The own data: `samples` are those of this process, of `used` among `read` in the source. */
  | {
      event: 'dataRead';
      samples: number;
      read: number;
      used: number;
      skipped: { reason: string; count: number; first: string[] }[];
      remarks: string[];
    }
  | { event: 'joined'; account: string }
  /** Waiting for something outside the process; said once for each reason. */
  | { event: 'waiting'; for: string }
  /** Another process has announced this address with the same key, and nobody answers there: this one announces its own again. */
  | { event: 'displaced'; endpoint: string }
  /** A round waits: see `Awaited`. Said once, and again where it is others or another time. */
  | ({ event: 'awaiting' } & Awaited)
  /** A vote has ejected the account: the process ends. */
  | { event: 'ejected'; account: string }
  /** Another manifest is in force: `name` is the task's. */
  | { event: 'planChanged'; name: string }
  | { event: 'roundStarted'; round: number; baseRound: number }
  | {
      event: 'trainingProgress';
      round: number;
      epoch: number;
      epochs: number;
      samplesDone: number;
      samplesTotal: number;
    }
  /** The round trains nothing: it averages statistics of the data, by which all will scale it. */
  | { event: 'statisticsComputed'; round: number; samples: number }
  /** ε of the records until then, of the budget, with δ. */
  | {
      event: 'privacySpent';
      round: number;
      epsilon: number;
      budget: number;
      delta: number;
      noiseMultiplier: number;
    }
  | {
      event: 'trained';
      round: number;
      startedAt: number;
      endedAt: number;
      samples: number;
      loss: number;
      /** What a program of one's own has measured besides. */
      metrics?: Readonly<Record<string, number>>;
    }
  /** More samples than an update can weigh: of them only `most` count. */
  | { event: 'weightLimited'; round: number; samples: number; most: number }
  /** A line that the program that trains or evaluates has written to its standard error. */
  | { event: 'engineSaid'; line: string }
  /** What that program does wrong, and may go on with: a sentence. */
  | { event: 'engineProblem'; problem: string }
  | {
      event: 'submitted';
      round: number;
      cid: string;
      bytes: number;
      gas: number;
      squaredNorm: number;
      weight: number;
      saturated: number;
    }
  | { event: 'served'; round: number; cid: string }
  | { event: 'fetched'; round: number; trainer: string; bytes: number; seconds: number }
  | { event: 'unavailable'; round: number; trainer: string; reason: string }
  | { event: 'aggregated'; round: number; inputs: number; seconds: number; modelRoot: string }
  | { event: 'proposed'; round: number; modelRoot: string; modelCid: string; gas: number; bytes: number }
  | { event: 'finalized'; round: number; gas: number }
  /**
   * A round waits for electors that have not attested its inputs: `given` is what those weigh that agree, `needed` what it takes. From
   * `skippedAt` on, in seconds since 1970, the round is skipped.
   */
  | {
      event: 'attestationsMissing';
      round: number;
      silent: string[];
      given: number;
      needed: number;
      skippedAt: number;
    }
  /** Signed, once for an edition of the round: these inputs are held and no others could be fetched. */
  | { event: 'attested'; round: number; inputs: number; inputsRoot: string }
  /** What was demanded to be opened was shown, or cannot be since the tree is not the right one. */
  | { event: 'answered'; round: number; tree: string; height: number; span: number; bondWei: string; gas: number }
  | { event: 'unanswerable'; round: number; proposer: string; tree: string }
  /** The watchtower recomputed a proposal: it is right, or `wrong` names what differs. */
  | { event: 'verified'; round: number; proposer: string; seconds: number }
  | { event: 'refuted'; round: number; proposer: string; wrong: string }
  /** A fault is being proven on chain; `proof` is the contract's function. */
  | { event: 'challenging'; round: number; proof: string; fault: string }
  | {
      event: 'challenged';
      round: number;
      offender: string;
      proof: string;
      fault: string;
      gas: number;
      announceGas: number;
      takenWei: string;
      earnedWei: string;
    }
  /** A proposal is wrong, and there is no proof of it. */
  | { event: 'unproven'; round: number; proposer: string; reason: string }
  /** The proposer is to show what lies below a node of one of its trees. */
  | { event: 'demanded'; round: number; tree: string; height: number; span: number; bondWei: string; gas: number }
  /** Nobody has answered a demand: the proposal is void. */
  | { event: 'forfeited'; round: number; offender: string; gas: number; takenWei: string; earnedWei: string }
  /** An evaluator's scores of the trainers: 4,096 is that of a typical update. */
  | { event: 'scored'; round: number; trainers: number; seconds: number; scores: number[] }
  | { event: 'scoresCommitted'; round: number; gas: number }
  /** Shown to everybody: their root is on chain, and they are served. */
  | { event: 'scoresRevealed'; round: number; scoresRoot: string; gas: number }
  | { event: 'scoresDemanded'; round: number; evaluator: string; gas: number }
  | { event: 'scoresPublished'; round: number; gas: number }
  /** Stake of the process's own account was taken; `leftWei` of it is left. */
  | { event: 'stakeLost'; takenWei: string; leftWei: string; reason: string }
  /** An evaluator committed to scores and did not show them. */
  | { event: 'scoresForfeited'; round: number; evaluator: string; gas: number; takenWei: string; earnedWei: string }
  /** What a round has earned whom was stated, of so many trainers and by so many evaluators: the aggregator's fee is the rest. */
  | {
      event: 'rewardsProposed';
      round: number;
      scored: number;
      evaluators: number;
      paidGwei: string;
      trainersGwei: string;
      evaluatorsGwei: string;
      gas: number;
    }
  | { event: 'rewardsFinalized'; round: number; gas: number }
  /** A statement of rewards that cannot be decoded: it is passed over, and so are those that stand on it. */
  | { event: 'rewardsUnreadable'; round: number }
  /** A statement of rewards that nobody has refuted in time, though its balances are not those of its scores. */
  | { event: 'rewardsUnknown'; round: number }
  | { event: 'poolRanDry'; round: number; wantedGwei: string; paidGwei: string }
  /** The watchtower recomputed a statement of rewards: it is right, or `wrong` names what differs. */
  | { event: 'rewardsVerified'; round: number; proposer: string; seconds: number }
  | { event: 'rewardsRefuted'; round: number; proposer: string; wrong: string }
  /** Only an adversary says so of itself; `did` is a part of a sentence, `gas` that of the transaction it took. */
  | { event: 'cheated'; round: number; did: string; gas: number }
  /** The contract refused what an adversary sent, by this error. */
  | { event: 'refused'; round: number; by: string }
  /** The evaluator tried the model of the round on its own data. */
  | { event: 'measured'; round: number; metric: MetricName; value: number }
  /** Blocks that no pin seems to need stay in the store. */
  | { event: 'notSwept'; reason: string }
  /** A file of the data folder is not what was written: it was set aside as `keptAs`, or can be had again. `means` is a sentence without its end. */
  | { event: 'damaged'; file: string; problem: string; keptAs: string | null; means: string }
  /** What this node itself has proposed is not in its store any more: it is fetched, or computed again. */
  | { event: 'missing'; round: number; what: 'model' | 'inputs'; cid: string }
  | { event: 'restored'; round: number; what: 'model' | 'inputs'; cid: string }
  /** Of several nodes of the chain one says something else of a block: what any of them shows is believed. `node` is its address, without keys. */
  | { event: 'providersDisagree'; node: string; block: number; difference: string }
  /** A limit of what may be paid was passed, since the step costs stake when it comes late. */
  | { event: 'overspent'; step: string; reason: string }
  /** All that a final round was made from is pinned: so many blobs. */
  | { event: 'archived'; round: number; blobs: number }
  /** A blob of a round could not be had so far: of an update, `trainer` says whose. It is looked for again. */
  | {
      event: 'notArchived';
      round: number;
      what: BlobKind;
      trainer?: string;
      cid: string;
      final: boolean;
      reason: string;
    }
  /** What was kept of a round is not any more: the round is void, or older than what is kept. */
  | { event: 'released'; round: number; blobs: number }
  | { event: 'retrying'; step: string; reason: string; code: string }
  | { event: 'stopped'; reason: string }
  | { event: 'failed'; code: string; message: string; exitCode: number };

/** A function for each event, by its name. */
export type PerEvent<T> = { [E in NodeEvent as E['event']]: (event: E) => T };

/** Hears each event of a role, at once. */
export type Report = (event: NodeEvent) => void;
