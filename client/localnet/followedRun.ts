import type { Deployment } from '../chain/deployment.ts';
import type { ChainProvider } from '../chain/provider.ts';
import type { FederationConfig } from '../deployment/config.ts';
import type { Task } from '../deployment/task.ts';
import type { Confessions } from './attackSummary.ts';
import type { Member } from './members.ts';
import type { StartOptions } from './options.ts';
import type { Output } from './output.ts';
import type { Tally } from './tally.ts';

export interface FollowedRun {
  options: StartOptions;
  config: FederationConfig;
  task: Task;
  deployment: Deployment;
  provider: ChainProvider;
  rpcUrl: string;
  folder: string;
  /** Path of the deployment. */
  file: string;
  members: readonly Member[];
  accountOf(name: string): string;
  tally: Tally;
  confessions: Confessions;
  /** Of the same run without the attack, by round. */
  honestAccuracy: readonly number[] | undefined;
  output: Output;
  /** By the performance clock, in milliseconds. */
  startedAt: number;
  signal: AbortSignal;
  processesDone(): Promise<void>;
  /** All trainers have ended by themselves, whether or not the rounds asked for are over. */
  trainersEnded(): boolean;
}
