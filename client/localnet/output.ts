/** Where a run shows what happens: a live picture on a terminal, plain lines elsewhere, JSON for programs. */

import type { MetricName } from '../core/task.ts';
import type { DoneStep } from '../deployment/run.ts';
import type { ModelFindings } from '../training/engine.ts';
import type { TimedEvent } from './processes.ts';
import type { RunSummary } from './summary.ts';
import type { TableRow } from './tally.ts';

/** What the one who started the processes has to say. */
export type RunEvent =
  | { event: 'chainStarted'; rpcUrl: string; chainId: number }
  | ({ event: 'model' } & ModelFindings)
  | ({ event: 'deploying' } & DoneStep)
  | { event: 'deployed'; federation: string; dimension: number; folder: string; title: string[] }
  /** The data of a newcomer was described from its file: what a person should look at before others join. */
  | { event: 'dataDescribed'; questions: readonly string[] }
  | { event: 'restarted'; process: string; reason: string; attempt: number }
  | { event: 'evaluated'; round: number; accuracy: number; metric?: { name: MetricName; value: number } }
  /** The same without the attack, which runs first. */
  | { event: 'compared'; round: number; accuracy: number }
  /** The round's rewards were stated without any scores. */
  | { event: 'unscored'; round: number }
  | { event: 'exported'; onnx?: string; safetensors: string; checkpoint: string; card: string };

export interface Output {
  /** The processes that will run, in the order in which they are shown. */
  expect(processes: readonly string[]): void;
  run(event: RunEvent): void;
  process(name: string, event: TimedEvent): void;
  rounds(rows: readonly TableRow[]): void;
  summary(summary: RunSummary): void;
  /** Leaves the terminal as it was. */
  close(): void;
}
