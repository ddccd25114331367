/** Follows the rounds on chain as a model's user would: fetches each model, verifies it, evaluates it, and exports the last. */
import { join } from 'node:path';
import type { JsonRpcProvider } from 'ethers';
import { openFederation } from '../../chain/federation.ts';
import { proposedRounds } from '../../chain/rounds.ts';
import { createWake } from '../../chain/wake.ts';
import { cidFromDigest } from '../../core/cid.ts';
import { decodeModel } from '../../core/codec.ts';
import { TributaryError } from '../../core/errors.ts';
import { modelBytes, updateBytes } from '../../core/numbers.ts';
import type { Deployment } from '../../node/deployment.ts';
import { compileTask } from '../../node/engine.ts';
import { loadData } from '../../training/data/source.ts';
import { type FederationConfig, manifestOf } from '../config.ts';
import { exportModel } from '../exportModel.ts';
import { sourceOfHeldOut } from './dataShape.ts';
import { formatCount } from './format.ts';
import { createGasMeter } from './gas.ts';
import type { Ledger } from './ledger.ts';
import { createModelReader } from './modelReader.ts';
import type { StartOptions } from './options.ts';
import type { Output } from './output.ts';
import { type RunSummary, summarise } from './summary.ts';

export interface FollowedRun {
  options: StartOptions;
  config: FederationConfig;
  deployment: Deployment;
  provider: JsonRpcProvider;
  rpcUrl: string;
  folder: string;
  /** Path of the deployment. */
  file: string;
  ledger: Ledger;
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
  const reader = createModelReader(federation, task, signal, join(run.folder, 'start'));
  const gas = createGasMeter(provider, deployment);
  const wake = createWake(run.rpcUrl, pollMs);
  const [model, heldOut] = await Promise.all([
    compileTask(manifest, { get: async () => modelFile! }, 'onnx', signal),
    loadData(heldOutSource, manifest.model),
  ]);
  const evaluated = new Set<number>();
  let newest: Int32Array | undefined;
  const sizes = {
    updateBytes: updateBytes(task.dimension),
    modelBytes: modelBytes(task.dimension),
  };

  /** True when nothing is left to wait for. */
  async function look(): Promise<boolean> {
    await federation.sync();
    const seenAt = Date.now() / 1000;
    const rounds = proposedRounds(federation.state).slice(0, options.rounds);
    for (const round of rounds) {
      const cid = cidFromDigest(round.proposed.proposal.modelCid, sizes.modelBytes).toString();
      ledger.proposed(round, sizes, cid, seenAt);
    }
    for (const [round, spent] of await gas.read()) ledger.setGas(round, spent);
    showRows();
    for (const { number } of rounds) {
      if (evaluated.has(number)) continue;
      newest = await reader.read(number);
      const { accuracy } = await model.evaluate(decodeModel(newest), heldOut);
      evaluated.add(number);
      ledger.setAccuracy(number, accuracy);
      output.run({ event: 'evaluated', round: number, accuracy });
      showRows();
      return false;
    }
    return rounds.length === options.rounds && rounds.every(({ final }) => final);
  }

  function showRows(): void {
    output.rounds(ledger.rows().slice(0, options.rounds));
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
    for (const [round, spent] of await gas.read()) ledger.setGas(round, spent);
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
    const files = await exportModel(join(run.folder, 'model'), model, manifest, origin, newest!);
    output.run({ event: 'exported', ...files });
    return summarise(rows, {
      trainers: options.trainers,
      aggregators: options.aggregators,
      watchtowers: options.watchtowers,
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
    });
  } finally {
    wake.close();
    await model.dispose();
    await reader.close();
  }
}

/** Who takes part, and what is trained how. */
function titleOf(options: StartOptions, config: FederationConfig, dimension: number): string[] {
  const { trainers, aggregators, watchtowers } = options;
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;
  return [
    `${count(trainers, 'trainer')}, ${count(aggregators, 'aggregator')}, ${count(watchtowers, 'watchtower')}, each a process of its own`,
    `${config.model.kind} of ${formatCount(dimension)} parameters, ${options.data} split ${options.partition}, rule ${config.rule}, seed ${config.seed}`,
  ];
}
