/** All processes of a federation, each of which is started again whenever it is killed. */
import { join } from 'node:path';
import { type FederationClient, openFederation } from '../../client/chain/federation.ts';
import { openRewards, type RewardsClient } from '../../client/chain/rewards.ts';
import { finalCount } from '../../client/chain/rounds.ts';
import { defaultChoices } from '../../client/deployment/choices.ts';
import { deployFederation } from '../../client/deployment/deploy.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { readDeployment } from '../../client/node/readDeployment.ts';
import type { NodeEvent, Role } from '../../client/participant/events.ts';
import { type Anvil, startAnvil } from '../chain/anvil.ts';
import { smallManifest } from '../chain/federation.ts';
import { newFolder, type RoleProcess, startRole } from '../integration/processes.ts';

export interface Size {
  rounds: number;
  trainers: number;
  blockSeconds: number;
}

/** One of its processes: which it is stays, the process itself changes. */
export interface Member {
  role: Role;
  account: number;
  running: RoleProcess;
  earlier: NodeEvent[];
}

const aggregators = 3;
const evaluators = 2;
/** As long as a chain of other people must have them: who was killed comes back in time. */
const windows = { submissionSeconds: 120, turnSeconds: 30, challengeSeconds: 200, answerSeconds: 33 };
/** What an honest process never says of itself. */
const neverSaid: readonly NodeEvent['event'][] = [
  'stakeLost',
  'unproven',
  'failed',
  'refuted',
  'rewardsRefuted',
  'ejected',
  'damaged',
] as never;

export class SoakedFederation {
  readonly members: Member[] = [];
  readonly rpcUrl: string;
  private readonly folder = newFolder();
  private readonly anvil: Anvil;
  private readonly size: Size;
  private known: FederationClient | undefined;
  private closing = false;

  private constructor(anvil: Anvil, size: Size) {
    this.anvil = anvil;
    this.size = size;
    this.rpcUrl = anvil.url;
  }

  static async open(size: Size): Promise<SoakedFederation> {
    const anvil = await startAnvil('--accounts', '40', '--block-time', String(size.blockSeconds));
    const federation = new SoakedFederation(anvil, size);
    const all = 2 + size.trainers + aggregators + evaluators;
    await deployFederation({
      provider: anvil.provider,
      wallet: developmentWallet(0),
      name: 'soak',
      rpcUrl: anvil.url,
      manifest: {
        ...smallManifest,
        name: 'digits',
        model: { ...smallManifest.model, inputShape: [784], classes: 10 },
        training: { ...smallManifest.training, batchSize: 10 },
        seed: 'soak',
      },
      choices: {
        ...defaultChoices,
        startTrainers: size.trainers,
        minimumUpdates: size.trainers,
        ringSize: 64,
        ...windows,
      },
      grants: Array.from({ length: all }, (_, index) => ({
        account: developmentWallet(index).address,
        tokens: 10_000,
      })),
      file: federation.file,
    });
    return federation;
  }

  private get file(): string {
    return join(this.folder, 'deployment.json');
  }

  startAll(rpc: string): void {
    const roles: Role[] = [
      'watchtower',
      ...Array<Role>(aggregators).fill('aggregator'),
      ...Array<Role>(evaluators).fill('evaluator'),
    ];
    for (const role of [...roles, ...Array<Role>(this.size.trainers).fill('trainer')]) {
      const account = this.members.length + 1;
      const member: Member = { role, account, earlier: [], running: undefined as never };
      member.running = this.launch(member, rpc);
      this.members.push(member);
    }
  }

  private launch(member: Member, rpc: string): RoleProcess {
    const { role, account } = member;
    const source: Partial<Record<Role, string>> = {
      trainer: `mnist:${account - aggregators - evaluators - 1}/${this.size.trainers}?seed=1`,
      evaluator: 'mnist?set=heldOut&seed=1',
    };
    const process = startRole(role, [
      ...['--deployment', this.file, '--data', join(this.folder, String(account)), '--dev-account', String(account)],
      ...['--rpc', rpc, '--rounds', String(this.size.rounds), '--poll-ms', '500'],
      ...(source[role] === undefined ? [] : ['--source', source[role]]),
    ]);
    process.ended.then((code) => {
      if (this.closing || code === 0) return;
      member.earlier.push(...process.events);
      member.running = this.launch(member, rpc);
    });
    return process;
  }

  async federation(): Promise<FederationClient> {
    const deployment = readDeployment(this.file);
    this.known ??= openFederation(this.anvil.provider, deployment, deployment.deployBlock);
    await this.known.sync();
    return this.known;
  }

  async rewards(): Promise<RewardsClient> {
    const deployment = readDeployment(this.file);
    const rewards = openRewards(this.anvil.provider, deployment, deployment.deployBlock);
    await rewards.sync();
    return rewards;
  }

  finalRounds(): number {
    return this.known === undefined ? 0 : finalCount(this.known.state);
  }

  async allFinal(): Promise<void> {
    while (finalCount((await this.federation()).state) < this.size.rounds) await pause(500);
  }

  /** Every process has done all that it had to do, with exit code 0. */
  async ended(): Promise<void> {
    for (const member of this.members) {
      while ((await member.running.ended) !== 0) await pause(100);
    }
  }

  flaws(): string[] {
    return this.members.flatMap(({ role, account, earlier, running }) =>
      [...earlier, ...running.events]
        .filter(({ event }) => neverSaid.includes(event))
        .map((event) => `${role} ${account} said ${JSON.stringify(event)}`),
    );
  }

  async close(): Promise<void> {
    this.closing = true;
    await Promise.all(this.members.map(({ running }) => running.kill()));
    await this.anvil.stop();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
