/**
 * A federation of separate processes on a chain of its own: logistic regression on digits, two trainers. Its windows are long; the
 * chain's clock is moved on when every process rests.
 */

import { join } from 'node:path';
import { expect } from 'chai';
import { type FederationClient, openFederation } from '../../client/chain/federation.ts';
import { openRewards, type RewardsClient } from '../../client/chain/rewards.ts';
import { proposedRounds } from '../../client/chain/rounds.ts';
import { toHex } from '../../client/core/hash.ts';
import type { TaskManifest } from '../../client/core/task.ts';
import { defaultChoices, type FederationChoices } from '../../client/deployment/choices.ts';
import { deployFederation } from '../../client/deployment/deploy.ts';
import type { GovernanceChoices } from '../../client/deployment/governanceChoices.ts';
import { type ChainClock, clockOf } from '../../client/localnet/clock.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { readDeployment } from '../../client/node/readDeployment.ts';
import type { Role } from '../../client/participant/events.ts';
import { type Anvil, startAnvil } from '../chain/anvil.ts';
import { smallManifest } from '../chain/federation.ts';
import { hasEnded } from '../processGroup.ts';
import { newFolder, type RoleProcess, startRole } from './processes.ts';

export const rounds = 3;
const trainers = 2;
/** As long as nobody is ever late for them. */
export const windows = { submissionSeconds: 600, turnSeconds: 60, challengeSeconds: 600, answerSeconds: 100 };
export const manifest = {
  ...smallManifest,
  name: 'digits',
  model: { ...smallManifest.model, inputShape: [784], classes: 10 },
  training: { ...smallManifest.training, batchSize: 10 },
  seed: 'faults',
};

/** A federation on a chain of its own; accounts 1 and 2 train, 3 and 4 aggregate, 5 watches. */
export class FederationRun {
  readonly folder = newFolder();
  readonly file = join(this.folder, 'deployment.json');
  readonly processes: RoleProcess[] = [];
  private readonly newest = new Map<number, RoleProcess>();
  anvil!: Anvil;
  clock!: ChainClock;

  /** `tokens` by account, where it is to be another number than enough for everything. */
  async open(
    choices: Partial<FederationChoices> = {},
    tokens: Record<number, number> = {},
    governance: Partial<GovernanceChoices> = {},
    chain: readonly string[] = [],
    task: Partial<TaskManifest> = {},
  ): Promise<void> {
    this.anvil = await startAnvil(...chain);
    await deployFederation({
      provider: this.anvil.provider,
      wallet: developmentWallet(0),
      name: 'faults',
      rpcUrl: this.anvil.url,
      manifest: { ...manifest, ...task },
      choices: { ...defaultChoices, startTrainers: trainers, ...windows, ...choices },
      governance,
      grants: [1, 2, 3, 4, 5, 6, 7].map((index) => ({
        account: developmentWallet(index).address,
        tokens: tokens[index] ?? 10_000,
      })),
      file: this.file,
    });
    this.clock = clockOf(this.anvil.provider, readDeployment(this.file));
  }

  federation(): FederationClient {
    const deployment = readDeployment(this.file);
    return openFederation(this.anvil.provider, deployment, deployment.deployBlock);
  }

  rewards(): RewardsClient {
    const deployment = readDeployment(this.file);
    return openRewards(this.anvil.provider, deployment, deployment.deployBlock);
  }

  /**
   * `more` comes after, and over, the usual options. The chain's clock waits for the process until it rests or ends by itself: one
   * that is killed is to be started again; see `lose`.
   */
  start(role: Role | 'adversary', account: number, ...more: string[]): RoleProcess {
    const source = ['--source', `mnist:${account}/${trainers}?seed=1`];
    const args = ['--deployment', this.file, '--data', join(this.folder, String(account))];
    const name = `account ${account}`;
    this.clock.works(name);
    const process = startRole(role, [
      ...args,
      ...['--dev-account', String(account), '--rounds', String(rounds), '--poll-ms', '100'],
      ...(role === 'trainer' ? source : []),
      ...more,
    ]);
    process.child.on('message', (message) => this.clock.observe(name, message));
    this.newest.set(account, process);
    process.ended.then((code) => {
      if (this.newest.get(account) !== process) return;
      if (code === null) this.clock.works(name);
      else this.clock.leaves(name);
    });
    this.processes.push(process);
    return process;
  }

  /** Those that have not ended. */
  running(): RoleProcess[] {
    return this.processes.filter(({ child }) => !hasEnded(child));
  }

  /** Kills the process, and nobody waits for it. */
  async lose(account: number): Promise<void> {
    await this.newest.get(account)!.kill();
    this.clock.leaves(`account ${account}`);
  }

  async finalModelRoot(): Promise<string> {
    const state = await this.federation().sync();
    const final = proposedRounds(state).filter(({ final }) => final);
    expect(final).to.have.length(rounds);
    return toHex(final.at(-1)!.proposed.proposal.modelRoot);
  }

  async close(): Promise<void> {
    this.clock?.close();
    await Promise.all(this.processes.map((process) => process.kill()));
    await this.anvil?.stop();
  }
}
