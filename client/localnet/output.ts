/** Where a run shows what happens: a live picture on a terminal, plain lines elsewhere, JSON for programs. */

import type { DoneStep } from '../deployment/run.ts';
import type { TimedEvent } from './processes.ts';
import type { RunSummary } from './summary.ts';
import type { TableRow } from './tally.ts';

/** What the one who started the processes has to say. */
export type RunEvent =
  | { event: 'chainStarted'; rpcUrl: string; chainId: number }
  | ({ event: 'deploying' } & DoneStep)
  | { event: 'deployed'; federation: string; dimension: number; folder: string; title: string[] }
  /** What of the model file is no longer as it was. */
  | { event: 'modelChanged'; change: string }
  | { event: 'restarted'; process: string; reason: string; attempt: number }
  | { event: 'evaluated'; round: number; accuracy: number }
  /** The same without the attack, which runs first. */
  | { event: 'compared'; round: number; accuracy: number }
  /** The round's rewards were stated without any scores. */
  | { event: 'unscored'; round: number }
  | { event: 'exported'; onnx?: string; safetensors: string; checkpoint: string };

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
