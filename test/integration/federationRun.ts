/** A federation of separate processes on a chain of its own: logistic regression on digits, two trainers. */

import { join } from 'node:path';
import { expect } from 'chai';
import { openFederation } from '../../client/chain/federation.ts';
import { proposedRounds } from '../../client/chain/rounds.ts';
import { toHex } from '../../client/core/hash.ts';
import { defaultChoices, type FederationChoices } from '../../client/node/choices.ts';
import { deployFederation } from '../../client/node/deploy.ts';
import { readDeployment } from '../../client/node/deployment.ts';
import type { GovernanceChoices } from '../../client/node/governanceChoices.ts';
import { developmentWallet } from '../../client/node/key.ts';
import type { Role } from '../../client/node/report.ts';
import { type Anvil, startAnvil } from '../chain/anvil.ts';
import { smallManifest } from '../chain/federation.ts';
import { newFolder, type RoleProcess, startRole } from './processes.ts';

export const rounds = 3;
const trainers = 2;
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
  anvil!: Anvil;

  /** `tokens` by account, where it is to be another number than enough for everything. */
  async open(
    choices: Partial<FederationChoices> = {},
    tokens: Record<number, number> = {},
    governance: Partial<GovernanceChoices> = {},
  ): Promise<void> {
    this.anvil = await startAnvil();
    await deployFederation({
      provider: this.anvil.provider,
      wallet: developmentWallet(0),
      name: 'faults',
      rpcUrl: this.anvil.url,
      manifest,
      choices: {
        ...defaultChoices,
        startTrainers: trainers,
        submissionSeconds: 60,
        turnSeconds: 3,
        challengeSeconds: 5,
        ...choices,
      },
      governance,
      grants: [1, 2, 3, 4, 5, 6, 7].map((index) => ({
        account: developmentWallet(index).address,
        tokens: tokens[index] ?? 10_000,
      })),
      file: this.file,
    });
  }

  /** `more` comes after, and over, the usual options. */
  start(role: Role | 'adversary', account: number, ...more: string[]): RoleProcess {
    const source = ['--source', `mnist:${account}/${trainers}?seed=1`];
    const args = ['--deployment', this.file, '--data', join(this.folder, String(account))];
    const process = startRole(role, [
      ...args,
      ...['--dev-account', String(account), '--rounds', String(rounds), '--poll-ms', '100'],
      ...(role === 'trainer' ? source : []),
      ...more,
    ]);
    this.processes.push(process);
    return process;
  }

  async finalModelRoot(): Promise<string> {
    const deployment = readDeployment(this.file);
    const federation = openFederation(this.anvil.provider, deployment, deployment.deployBlock);
    const state = await federation.sync();
    const final = proposedRounds(state).filter(({ final }) => final);
    expect(final).to.have.length(rounds);
    return toHex(final.at(-1)!.proposed.proposal.modelRoot);
  }

  async close(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.kill()));
    await this.anvil.stop();
  }
}
