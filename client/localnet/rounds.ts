/** Follows the rounds on chain as a model's user would: fetches each model, verifies it, evaluates it, and exports the last. */
import { join } from 'node:path';
import { createModelReader } from '../actions/modelReader.ts';
import type { Deployment } from '../chain/deployment.ts';
import { openFederation } from '../chain/federation.ts';
import type { ChainProvider } from '../chain/provider.ts';
import { openRewards } from '../chain/rewards.ts';
import { proposedRounds } from '../chain/rounds.ts';
import { createWake } from '../chain/wake.ts';
import { cidFromDigest } from '../core/cid.ts';
import { decodeModel } from '../core/codec.ts';
import { TributaryError } from '../core/errors.ts';
import { inputsListBytes } from '../core/inputs.ts';
import { modelBytes, updateBytes } from '../core/numbers.ts';
import { type FederationConfig, manifestOf } from '../deployment/config.ts';
import { compileTask } from '../node/engine.ts';
import { openBitswap } from '../node/openBitswap.ts';
import { writeModel } from '../node/writeModel.ts';
import { loadData } from '../training/data/source.ts';
import type { AttackSummary, Confessions } from './attackSummary.ts';
import { sourceOfHeldOut } from './dataShape.ts';
import { earningsOf, paymentsOf } from './earnings.ts';
import { formatCount } from './format.ts';
import { createGasMeter, type VoidedProposal } from './gas.ts';
import type { Member } from './members.ts';
import type { StartOptions } from './options.ts';
import type { Output } from './output.ts';
import { type RunSummary, summarise } from './summary.ts';
import type { Ledger, RoundCosts, TableRow, VoidRow } from './tally.ts';
import { readVerdicts } from './verdicts.ts';

export interface FollowedRun {
  options: StartOptions;
  config: FederationConfig;
  deployment: Deployment;
  provider: ChainProvider;
  rpcUrl: string;
  folder: string;
  /** Path of the deployment. */
  file: string;
  members: readonly Member[];
  accountOf(name: string): string;
  ledger: Ledger;
  confessions: Confessions;
  /** Of the same run without the attack, by round. */
  honestAccuracy: readonly number[] | undefined;
  output: Output;
  /** By the performance clock, in milliseconds. */
  startedAt: number;
  signal: AbortSignal;
  processesDone(): Promise<void>;
}

/** How often the chain is looked at where it does not announce blocks, in milliseconds. */
const pollMs = 250;

/** Answers when all rounds are final and every process has done its part. */
export async function followRounds(run: FollowedRun): Promise<RunSummary> {
  const { options, config, deployment, provider, ledger, output, signal } = run;
  const federation = openFederation(provider, deployment, deployment.deployBlock);
  const rewards = openRewards(provider, deployment, deployment.deployBlock);
  const task = await federation.readTask();
  output.run({
    event: 'deployed',
    federation: deployment.federation,
    dimension: task.dimension,
    folder: run.folder,
    title: titleOf(options, config, task.dimension),
  });
  const { manifest, modelFile } = await manifestOf(config);
  const heldOutSource = sourceOfHeldOut(options.data, config.seed);
  const reader = createModelReader(federation, rewards, signal, openBitswap);
  const gas = createGasMeter(provider, deployment);
  const wake = createWake(run.rpcUrl, pollMs);
  const [model, heldOut] = await Promise.all([
    compileTask(manifest, { get: async () => modelFile! }, 'onnx', signal),
    loadData(heldOutSource, manifest.model),
  ]);
  /** By transaction of the proposal: a round may be proposed again. */
  const evaluated = new Set<string>();
  /** By the id of the statement: rewards may be stated again. */
  const saidUnscored = new Set<string>();
  let newest: Int32Array | undefined;
  let voided: readonly VoidedProposal[] = [];
  const sizes = {
    updateBytes: updateBytes(task.dimension),
    modelBytes: modelBytes(task.dimension),
  };

  /** True when nothing is left to wait for. */
  async function look(): Promise<boolean> {
    await Promise.all([federation.sync(), rewards.sync()]);
    ledger.setRewards(paymentsOf(rewards.state));
    sayWhatIsUnscored();
    const seenAt = Date.now() / 1000;
    const rounds = proposedRounds(federation.state).slice(0, options.rounds);
    for (const round of rounds) {
      const cid = cidFromDigest(round.proposed.proposal.modelCid, sizes.modelBytes).toString();
      ledger.proposed(round, sizes, cid, seenAt);
    }
    ledger.keepOnly(rounds);
    await readGas();
    showRows();
    for (const { number, proposed } of rounds) {
      if (evaluated.has(proposed.id)) continue;
      newest = await reader.read(number);
      const { accuracy } = await model.evaluate(decodeModel(newest), heldOut);
      evaluated.add(proposed.id);
      ledger.setAccuracy(number, accuracy);
      output.run({ event: 'evaluated', round: number, accuracy });
      showRows();
      return false;
    }
    return rounds.length === options.rounds && rounds.every(({ final }) => final);
  }

  /** Once for each statement: the aggregator is paid for the round, and nobody else. */
  function sayWhatIsUnscored(): void {
    const { statements, revealed } = rewards.state;
    for (const { id, round, facts } of statements.values()) {
      if (revealed.has(round) || facts.feeGwei === 0n || saidUnscored.has(id)) continue;
      saidUnscored.add(id);
      output.run({ event: 'unscored', round });
    }
  }

  async function readGas(): Promise<void> {
    const spent = await gas.read();
    for (const [round, gasOfRound] of spent.rounds) ledger.setGas(round, gasOfRound);
    voided = spent.voided;
  }

  function showRows(): void {
    output.rounds(withVoided(ledger.rows().slice(0, options.rounds), voided.map(voidRow)));
  }

  function voidRow({ round, refutedRound, inputCount, proposer, gas }: VoidedProposal): VoidRow {
    const bytes = sizes.modelBytes + inputsListBytes(inputCount);
    const reason = round === refutedRound ? 'refuted' : `stood on round ${refutedRound}`;
    return { round, gas, bytes, proposer: ledger.nameOf(proposer), reason };
  }

  async function attackSummary(accuracy: number): Promise<AttackSummary> {
    const adversaries = run.members.filter(({ role }) => role === 'adversary');
    const verdicts = await readVerdicts(provider, deployment);
    return {
      faults: run.confessions.faults(adversaries, run.accountOf, verdicts),
      voided: voided.map((proposal) => ({ ...proposal, proposer: ledger.nameOf(proposal.proposer) })),
      repeatedRounds: [...new Set(voided.map(({ refutedRound }) => refutedRound))],
      accuracy,
      honestAccuracy: run.honestAccuracy?.at(-1) ?? null,
    };
  }

  try {
    for (;;) {
      const done = await look().catch((error: unknown) => {
        if (signal.aborted || !(error instanceof TributaryError) || !error.retryable) throw error;
        return false;
      });
      if (done) break;
      await wake.next(signal);
      signal.throwIfAborted();
    }
    if (!options.keep) await run.processesDone();
    await Promise.all([readGas(), rewards.sync()]);
    ledger.setRewards(paymentsOf(rewards.state));
    sayWhatIsUnscored();
    showRows();
    const rows = ledger.rows().slice(0, options.rounds);
    const last = rows.at(-1)!;
    const { chainId, federation: address } = deployment;
    const origin = {
      round: last.round,
      modelRoot: last.modelRoot,
      modelCid: last.modelCid,
      chainId,
      federation: address,
    };
    const files = await writeModel(join(run.folder, 'model'), model, { ...origin, manifest, model: newest! });
    output.run({ event: 'exported', ...files });
    return summarise(rows, {
      trainers: options.trainers,
      aggregators: options.aggregators,
      watchtowers: options.watchtowers,
      evaluators: options.evaluators,
      heldOutSamples: heldOut.count,
      totalSeconds: (performance.now() - run.startedAt) / 1000,
      dimension: task.dimension,
      federation: address,
      rpcUrl: run.rpcUrl,
      folder: run.folder,
      deployment: run.file,
      model: files,
      heldOut: heldOutSource,
      kept: options.keep,
      rewards: earningsOf(rewards, run.members, run.accountOf),
      ...(options.attack.length > 0 && { attack: await attackSummary(last.accuracy!) }),
    });
  } finally {
    wake.close();
    await model.dispose();
    await reader.close();
  }
}

/** In the order of the rounds, what is void before what took its place. */
function withVoided(rows: readonly RoundCosts[], voided: readonly VoidRow[]): TableRow[] {
  return [...voided, ...rows].sort((a, b) => a.round - b.round);
}

/** Who takes part, and what is trained how. */
function titleOf(options: StartOptions, config: FederationConfig, dimension: number): string[] {
  const { trainers, aggregators, watchtowers, evaluators, attack } = options;
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;
  const cheats = attack.map((staged) => `${staged.attack} from round ${staged.round}`).join(', ');
  const honest = `${count(trainers, 'trainer')}, ${count(aggregators, 'aggregator')}, ${count(watchtowers, 'watchtower')}, ${count(evaluators, 'evaluator')}`;
  return [
    `${honest}${cheats && ` and who cheats (${cheats})`}, each a process of its own`,
    `${config.model.kind} of ${formatCount(dimension)} parameters, ${options.data} split ${options.partition}, rule ${config.rule}, seed ${config.seed}`,
  ];
}
