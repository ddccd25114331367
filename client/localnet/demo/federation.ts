/** The federation of a demonstration: hospitals that train and vote, an aggregator that votes, a watchtower. Each is a process. */
import { join } from 'node:path';
import { connectChain } from '../../chain/connect.ts';
import { type FederationClient, openFederation } from '../../chain/federation.ts';
import type { ChainProvider } from '../../chain/provider.ts';
import { createSender } from '../../chain/sender.ts';
import { choicesOf, parseFederationConfig } from '../../deployment/config.ts';
import { deployFederation } from '../../deployment/deploy.ts';
import { taskOf } from '../../deployment/task.ts';
import { type GovernanceClient, openGovernance } from '../../governance/client.ts';
import type { Voter } from '../../governance/voting.ts';
import { developmentWallet } from '../../node/key.ts';
import { modulePath } from '../../node/modulePath.ts';
import type { Role } from '../../participant/events.ts';
import { startChain } from '../chain.ts';
import { type ChainClock, clockOf } from '../clock.ts';
import { createSupervisor, type Supervisor, type TimedEvent } from '../processes.ts';
import { newRunFolder } from '../run.ts';

export const hospitals = 4;
/** Nobody is late for its windows: the demonstration moves the chain's clock on when there is nothing else to wait for. */
const config = parseFederationConfig({
  name: 'demo',
  model: { kind: 'logistic', inputShape: [784], classes: 10 },
  training: { epochs: 1 },
  startTrainers: hospitals,
  // what each hospital has of the digits
  maxWeight: 2000,
  ringSize: 64,
  windows: { submissionSeconds: 3600, turnSeconds: 30, challengeSeconds: 180, answerSeconds: 30 },
});
const governance = {
  votingDelaySeconds: 60,
  votingPeriodSeconds: 600,
  lateQuorumSeconds: 60,
  timelockSeconds: 120,
  minimumSeconds: 1,
};
/** The quorum, 4 % of all tokens, takes two of them. */
const tokensOfHospital = 20_000_000;
const tokensOfMember = 1_000_000;

/** The account by which a hospital votes: another than its process's, so that neither spends the other's nonce. */
function boardOf(index: number): number {
  return 10 + index;
}

export interface DemoFederation {
  provider: ChainProvider;
  federation: FederationClient;
  client: GovernanceClient;
  supervisor: Supervisor;
  clock: ChainClock;
  folder: string;
  /** Of hospital number `index`, from 1. */
  voter(index: number): Voter;
  accountOf(index: number): string;
}

/** Starts the chain and the processes; `onEvent` hears what they say. */
export async function startDemo(onEvent: (process: string, event: TimedEvent) => void): Promise<DemoFederation> {
  let clock: ChainClock | undefined;
  const supervisor = createSupervisor({
    onEvent,
    onRestart: () => undefined,
    onLaunch: (process) => clock?.works(process),
    onMessage: (process, message) => clock?.observe(process, message),
    onEnd: (process) => clock?.leaves(process),
  });
  process.once('exit', supervisor.killAll);
  try {
    const rpcUrl = await startChain(supervisor);
    const provider = await connectChain(rpcUrl);
    const folder = newRunFolder();
    const file = join(folder, 'deployment.json');
    const deployment = await deploy(provider, rpcUrl, file);
    clock = clockOf(provider, deployment);
    for (const { name, role, account, args } of members()) {
      const options = ['--deployment', file, '--data', join(folder, name.replace(' ', '-')), '--rpc', rpcUrl, '--json'];
      options.push('--dev-account', String(account), '--poll-ms', '100');
      const command = [modulePath(import.meta.url, `../../${role}/main`), ...options, ...args];
      supervisor.start({ name, command, stays: role !== 'trainer' });
    }
    const federation = openFederation(provider, deployment, deployment.deployBlock);
    const client = openGovernance(provider, deployment, deployment.deployBlock);
    return {
      provider,
      federation,
      client,
      supervisor,
      clock,
      folder,
      voter: (index) => ({ client, sender: createSender(developmentWallet(boardOf(index)), provider) }),
      accountOf: (index) => developmentWallet(index).address,
    };
  } catch (error) {
    await supervisor.stopAll();
    throw error;
  }
}

async function deploy(provider: ChainProvider, rpcUrl: string, file: string) {
  const { manifest } = await taskOf(config);
  const grants = members().map(({ account }) => ({
    account: developmentWallet(account).address,
    tokens: tokensOfMember,
  }));
  for (let index = 1; index <= hospitals; index++) {
    grants.push({ account: developmentWallet(boardOf(index)).address, tokens: tokensOfHospital });
  }
  const wallet = developmentWallet(0);
  const choices = choicesOf(config);
  return await deployFederation({
    provider,
    wallet,
    name: 'demo',
    rpcUrl,
    manifest,
    choices,
    governance,
    grants,
    file,
  });
}

interface DemoMember {
  name: string;
  role: Role;
  account: number;
  args: readonly string[];
}

function members(): DemoMember[] {
  const trainers = Array.from({ length: hospitals }, (_, index): DemoMember => {
    const source = `mnist:${index + 1}/${hospitals}?seed=1`;
    return { name: `hospital ${index + 1}`, role: 'trainer', account: index + 1, args: ['--source', source] };
  });
  return [
    ...trainers,
    { name: 'aggregator', role: 'aggregator', account: hospitals + 1, args: [] },
    { name: 'watchtower', role: 'watchtower', account: hospitals + 2, args: [] },
  ];
}
