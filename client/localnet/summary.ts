/** What a run comes to. */
import type { MetricName } from '../core/task.ts';
import type { WrittenModel } from '../node/writeModel.ts';
import type { AttackSummary } from './attackSummary.ts';
import type { Earnings } from './earnings.ts';
import { mean, type RoundCosts, sum } from './tally.ts';

/** The last line of `start --json`. Times in seconds, sizes in bytes. */
export interface RunSummary {
  rounds: number;
  trainers: number;
  aggregators: number;
  watchtowers: number;
  evaluators: number;
  /** Share of the held-out samples classified rightly, by round. */
  accuracy: number[];
  /** Of the same samples, by round, where the task compares its rounds by another metric. */
  metric?: { name: MetricName; values: number[] };
  heldOutSamples: number;
  /** From the start of the first round to the last proposal. */
  wallSeconds: number;
  /** Of these, while at least one trainer was training. */
  trainingSeconds: number;
  /** What is left, as a share: chain, IPFS, hashing, aggregation, waiting. */
  overheadShare: number;
  /** Of the whole command, with starting, deploying and the last challenge window. */
  totalSeconds: number;
  gasPerSubmission: number;
  gasTotal: number;
  bytesPerUpdate: number;
  bytesTotal: number;
  modelCid: string;
  modelRoot: string;
  dimension: number;
  federation: string;
  rpcUrl: string;
  folder: string;
  deployment: string;
  model: WrittenModel;
  /** The command of a program that trains and evaluates. */
  program?: string;
  /** Where a model's user may try it: a data source of the held-out samples. */
  heldOut: string;
  kept: boolean;
  rewards: Earnings;
  /** What is promised to every record, by the trainer that promises least. */
  privacy?: { epsilon: number; delta: number };
  /** Of a run that was attacked. */
  attack?: AttackSummary;
  perRound: RoundCosts[];
}

export type RunFacts = Omit<
  RunSummary,
  | 'rounds'
  | 'accuracy'
  | 'metric'
  | 'wallSeconds'
  | 'trainingSeconds'
  | 'overheadShare'
  | 'gasPerSubmission'
  | 'gasTotal'
  | 'bytesPerUpdate'
  | 'bytesTotal'
  | 'modelCid'
  | 'modelRoot'
  | 'perRound'
>;

/** `rows` are the rounds of the run, at least one, each evaluated. */
export function summarise(rows: readonly RoundCosts[], facts: RunFacts): RunSummary {
  const last = rows.at(-1)!;
  const wallSeconds = sum(rows.map(({ seconds }) => seconds));
  const trainingSeconds = sum(rows.map((row) => row.trainingSeconds));
  return {
    rounds: rows.length,
    accuracy: rows.map(({ accuracy }) => accuracy!),
    ...(last.metric && { metric: { name: last.metric.name, values: rows.map(({ metric }) => metric!.value!) } }),
    wallSeconds,
    trainingSeconds,
    overheadShare: wallSeconds === 0 ? 0 : 1 - trainingSeconds / wallSeconds,
    gasPerSubmission: mean(rows.map((row) => row.gasPerSubmission)),
    gasTotal: sum(rows.map(({ gas }) => gas)),
    bytesPerUpdate: last.bytesPerUpdate,
    bytesTotal: sum(rows.map(({ bytes }) => bytes)),
    modelCid: last.modelCid,
    modelRoot: last.modelRoot,
    ...facts,
    perRound: [...rows],
  };
}
