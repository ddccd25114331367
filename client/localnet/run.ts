/** One run of a federation on this machine: chain, deployment, processes, rounds, evaluation, the model as files. */
import { EventEmitter, once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { trains } from '../adversary/attack.ts';
import { checkDeployment, connectChain } from '../chain/connect.ts';
import type { Deployment } from '../chain/deployment.ts';
import type { ChainProvider } from '../chain/provider.ts';
import { measureLeastWindow } from '../chain/windows.ts';
import { redactUrls } from '../core/redact.ts';
import { choicesOf, type FederationConfig, governanceOf, readFederationConfig } from '../deployment/config.ts';
import { deployFederation } from '../deployment/deploy.ts';
import { forgetProgress } from '../deployment/progress.ts';
import { type Task, taskOf } from '../deployment/task.ts';
import { openFolder } from '../node/folder.ts';
import { modulePath } from '../node/modulePath.ts';
import { readDeployment } from '../node/readDeployment.ts';
import type { Role } from '../participant/events.ts';
import { writeWhole } from '../storage/wholeFile.ts';
import { type Accounts, fundAccounts, openAccounts } from './accounts.ts';
import { createConfessions } from './attackSummary.ts';
import { startChain } from './chain.ts';
import { type ChainClock, clockOf } from './clock.ts';
import { describeOwnData, type OwnData, sourceOfShard, sourceOfValidation } from './dataShape.ts';
import { federationOf, trainsTensors } from './federationOf.ts';
import { type Member, membersOf, seatOf } from './members.ts';
import type { StartOptions } from './options.ts';
import { startInOrder } from './order.ts';
import type { Output } from './output.ts';
import { createSupervisor, type ProcessSpec } from './processes.ts';
import { followRounds } from './rounds.ts';
import type { RunSummary } from './summary.ts';
import { createTally } from './tally.ts';

/** On a chain on this machine looking costs nothing. */
const ownChainPollMs = 100;
/** The gas of proving a fault, in rounds. */
const disputeRounds = 10;
/** Where only a program knows what a sample is. */
const unknownShape = { inputShape: [1], classes: 1 };

/**
 * Runs until the rounds are final; with --keep until `signal`. Leaves no process behind, however it ends. `honest` is the same
 * run without an attack, to compare with.
 */
export async function runFederation(
  options: StartOptions,
  output: Output,
  signal: AbortSignal,
  honest?: RunSummary,
): Promise<RunSummary> {
  const startedAt = performance.now();
  const tally = createTally();
  const confessions = createConfessions(tally.nameOf);
  const joined = new EventEmitter();
  const endedTrainers = new Set<string>();
  /** The summary is the last that is said, unless the run is kept. */
  let summedUp = false;
  /** Of a chain of its own. */
  let clock: ChainClock | undefined;
  const supervisor = createSupervisor({
    onEvent(process, event) {
      tally.observe(process, event);
      confessions.observe(process, event);
      if (event.event === 'joined') joined.emit(process);
      if (!summedUp) output.process(process, event);
    },
    onRestart: (process, reason, attempt) => output.run({ event: 'restarted', process, reason, attempt }),
    onLaunch: (process) => clock?.works(process),
    onMessage: (process, message) => clock?.observe(process, message),
    onEnd(process) {
      clock?.leaves(process);
      if (process.startsWith('trainer ')) endedTrainers.add(process);
    },
  });
  process.once('exit', supervisor.killAll);
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  aborted.catch(() => undefined);
  const stop = new AbortController();
  const { path: folder, release: unlock } = openFolder(options.folder ?? newRunFolder());
  let provider: ChainProvider | undefined;

  async function run(): Promise<RunSummary> {
    const data = await describeData(options, output);
    if (options.rpc !== undefined) provider = await connectChain(options.rpc);
    const { config, task } = await prepare(options, data, provider);
    const rpcUrl = options.rpc ?? (await startChain(supervisor));
    provider ??= await connectChain(rpcUrl);
    const chainId = await chainIdOf(provider);
    output.run({ event: 'chainStarted', rpcUrl: redactUrls(rpcUrl), chainId });
    const accounts = await openAccounts(chainId);
    const members = membersOf(options);
    const accountOf = (name: string) => accounts.keyOf(members.findIndex((member) => member.name === name)).account;
    output.expect(members.map(({ name }) => name));
    const file = join(folder, 'deployment.json');
    const deployment =
      options.resume && existsSync(file)
        ? await openDeployment(provider, file)
        : await deploy(provider, accounts, config, task, options, rpcUrl, file, output);
    const setting = { options, config, accounts, deployment: file, rpcUrl, folder };
    const start = (member: Member) => supervisor.start(processOf(member, members.indexOf(member), setting));
    if (options.rpc === undefined) clock = clockOf(provider, deployment);
    await startInOrder(members, options, start, (name) => once(joined, name));
    const summary = await followRounds({
      options,
      config,
      task,
      deployment,
      provider,
      rpcUrl,
      folder,
      file,
      members,
      accountOf,
      tally,
      confessions,
      honestAccuracy: honest?.accuracy,
      output,
      startedAt,
      signal: stop.signal,
      processesDone: () => supervisor.finished(),
      trainersEnded: () => endedTrainers.size === options.trainers,
    });
    summedUp = !options.keep;
    output.summary(summary);
    // whoever goes on with it goes by the wall's clock
    clock?.close();
    if (options.keep) await Promise.race([supervisor.failed, aborted.catch(() => undefined)]);
    return summary;
  }

  try {
    return await Promise.race([run(), supervisor.failed, aborted]);
  } finally {
    stop.abort();
    clock?.close();
    output.close();
    await supervisor.stopAll();
    provider?.destroy();
    process.off('exit', supervisor.killAll);
    unlock();
  }
}

/** Errors: those of the configuration and of the model. */
async function prepare(options: StartOptions, data: OwnData, provider: ChainProvider | undefined) {
  const config = await federationOf(options, data, await leastWindowOf(provider));
  return { config, task: await taskOf(config) };
}

/** Errors: those of the configuration and of the data. */
async function describeData(options: StartOptions, output: Output): Promise<OwnData> {
  if (await trainsTensors(options)) return { ...unknownShape, data: undefined, questions: [] };
  const { config, data, inputShape } = options;
  const described = config === undefined ? undefined : (await readFederationConfig(config)).data;
  const own = await describeOwnData(data, described, inputShape);
  if (own.questions.length > 0) output.run({ event: 'dataDescribed', questions: own.questions });
  return own;
}

/** Errors: CONFIG_INVALID, CHAIN_WRONG_ID, CONTRACT_MISSING. */
async function openDeployment(provider: ChainProvider, file: string): Promise<Deployment> {
  const deployment = readDeployment(file);
  await checkDeployment(provider, deployment);
  return deployment;
}

async function deploy(
  provider: ChainProvider,
  accounts: Accounts,
  config: FederationConfig,
  { manifest, modelFile }: Task,
  options: StartOptions,
  rpcUrl: string,
  file: string,
  output: Output,
): Promise<Deployment> {
  const seats = membersOf(options).map((member, index) => ({
    seat: seatOf(member),
    staged: member.staged,
    account: accounts.keyOf(index).account,
  }));
  const funded = seats.map(({ account }) => account);
  await fundAccounts(provider, accounts.deployer, funded, options.rounds + disputeRounds * options.attack.length);
  writeWhole(join(file, '..', 'tributary.json'), `${JSON.stringify(config, null, 2)}\n`);
  const grants = seats
    .filter(({ seat }) => seat !== 'watchtower')
    .map(({ seat, account, staged }) => ({
      account,
      tokens: stakeOf(seat, config) + (staged?.attack === 'hoard' ? config.trainerStake : 0),
    }));
  const wallet = accounts.deployer;
  const { name } = config;
  const isOwnChain = options.rpc === undefined;
  // what another chain of this machine had is gone with it
  if (isOwnChain) forgetProgress(file);
  return await deployFederation({
    provider,
    wallet,
    name,
    rpcUrl,
    manifest,
    modelFile,
    choices: choicesOf(config),
    governance: governanceOf(config),
    grants: [...grants, ...config.grants],
    funding: options.rounds * config.rewardPerRound,
    file,
    resume: options.resume,
    onModel: (findings) => output.run({ event: 'model', ...findings }),
    onStep: isOwnChain ? undefined : (step) => output.run({ event: 'deploying', ...step }),
  });
}

async function chainIdOf(provider: ChainProvider): Promise<number> {
  return Number((await provider.getNetwork()).chainId);
}

/** In seconds; 0 for a chain that is still to be started. */
async function leastWindowOf(provider: ChainProvider | undefined): Promise<number> {
  return provider === undefined ? 0 : (await measureLeastWindow(provider, await chainIdOf(provider))).least;
}

function stakeOf(seat: Role, config: FederationConfig): number {
  if (seat === 'evaluator') return config.evaluatorStake;
  return seat === 'trainer' ? config.trainerStake : config.aggregatorBond;
}

interface ProcessSetting {
  options: StartOptions;
  config: FederationConfig;
  accounts: Accounts;
  deployment: string;
  rpcUrl: string;
  folder: string;
}

function processOf(member: Member, index: number, setting: ProcessSetting): ProcessSpec {
  const { options, config, accounts, rpcUrl } = setting;
  const { name, role, staged } = member;
  const folder = join(setting.folder, name.replace(' ', '-'));
  const key = accounts.keyOf(index);
  const args = ['--deployment', setting.deployment, '--data', folder, ...key.args, '--rpc', rpcUrl, '--json'];
  args.push('--store', options.store);
  if (options.rpc === undefined) args.push('--poll-ms', String(ownChainPollMs));
  if (options.store === 'kubo') {
    args.push('--kubo-api', options.kuboApi![index]!, '--kubo-gateway', options.kuboGateway![index]!);
  }
  const seat = seatOf(member);
  // the last model and its scores are served to whoever comes late; those who are kept running go on after the last round
  const stays = seat === 'aggregator' || seat === 'evaluator' || (options.keep && seat !== 'trainer');
  if (!stays) args.push('--rounds', String(options.rounds));
  if (staged !== undefined) args.push('--attack', staged.attack, '--attack-round', String(staged.round));
  if (seat === 'trainer' || (staged !== undefined && trains(staged.attack))) {
    // a cheat trains on what the first trainer has: the others' data is that of an honest run
    const shard = `${staged === undefined ? member.number : 1}/${options.trainers}`;
    const source = sourceOfShard(options.data, shard, options.partition, config.seed);
    args.push('--source', source, '--engine', options.engine);
  }
  if (seat === 'evaluator') {
    const shard = `${member.number}/${options.evaluators}`;
    args.push('--source', sourceOfValidation(options.data, shard, config.seed), '--engine', options.engine);
  }
  return { name, command: [modulePath(import.meta.url, `../${role}/main`), ...args], env: key.env, stays };
}

/** `2026-11-21T10-15-30`, with a number where that is taken. */
export function newRunFolder(): string {
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  for (let attempt = 1; ; attempt++) {
    const folder = join('.tributary', 'run', attempt === 1 ? time : `${time}-${attempt}`);
    if (!existsSync(folder)) return folder;
  }
}
