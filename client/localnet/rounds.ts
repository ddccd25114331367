/** Follows the rounds on chain as a model's user would: fetches each model, verifies it, evaluates it, and exports the last. */
import { join } from 'node:path';
import { historyOf } from '../actions/modelCard/history.ts';
import { createModelReader } from '../actions/modelReader.ts';
import { openFederation } from '../chain/federation.ts';
import { openRewards } from '../chain/rewards.ts';
import { createWake } from '../chain/wake.ts';
import { TributaryError } from '../core/errors.ts';
import { redactUrls } from '../core/redact.ts';
import type { FederationConfig } from '../deployment/config.ts';
import { compileTask } from '../node/engine.ts';
import { programOf } from '../node/engineOptions.ts';
import { openBitswap } from '../node/openBitswap.ts';
import { writeModel } from '../node/writeModel.ts';
import { loadData } from '../training/data/source.ts';
import { createProcessEngine } from '../training/process/engine.ts';
import type { AttackSummary } from './attackSummary.ts';
import { sourceOfHeldOut } from './dataShape.ts';
import { earningsOf } from './earnings.ts';
import type { FollowedRun } from './followedRun.ts';
import { formatCount } from './format.ts';
import type { VoidedProposal } from './gas.ts';
import type { StartOptions } from './options.ts';
import { type RunSummary, summarise } from './summary.ts';
import { qualityOf } from './tally.ts';
import { readVerdicts } from './verdicts.ts';
import { createView } from './view.ts';

/** How often the chain is looked at where it does not announce blocks, in milliseconds. */
const pollMs = 250;

/** Answers when all rounds are final and every process has done its part. */
export async function followRounds(run: FollowedRun): Promise<RunSummary> {
  const { options, config, deployment, provider, output, signal } = run;
  const federation = openFederation(provider, deployment, deployment.deployBlock);
  const rewards = openRewards(provider, deployment, deployment.deployBlock);
  const task = await federation.readTask();
  const { dimension } = task;
  const title = titleOf(options, config, dimension);
  output.run({ event: 'deployed', federation: deployment.federation, dimension, folder: run.folder, title });
  const { manifest, modelFile } = run.task;
  const heldOutSource = sourceOfHeldOut(options.data, config.seed);
  const command = programOf(options.engine);
  const program =
    command === undefined ? undefined : createProcessEngine({ command, role: 'evaluator', source: heldOutSource });
  const reader = createModelReader(federation, rewards, signal, openBitswap);
  const wake = createWake(run.rpcUrl, pollMs);
  const [model, heldOut] = await Promise.all([
    compileTask(manifest, { get: async () => modelFile! }, program ?? 'onnx', signal),
    program?.data ?? loadData(heldOutSource, manifest),
  ]);
  const view = createView(run, { federation, rewards, dimension, reader, manifest, model, heldOut });
  try {
    while (!(await lookAgainIfItFails(view.look, signal))) {
      await wake.next(signal);
      signal.throwIfAborted();
    }
    // who watches would wait for rounds that nobody trains any more
    const isCutShort = view.result().rows.length < options.rounds;
    if (!options.keep && !isCutShort) await run.processesDone();
    await view.refresh();
    const { rows, newest, voided } = view.result();
    const last = rows.at(-1)!;
    const { round, modelRoot, modelCid } = last;
    const origin = { round, modelRoot, modelCid, chainId: deployment.chainId, federation: deployment.federation };
    const checkpoint = { ...origin, manifest, model: newest, modelFile };
    const qualities = rows.map((row) => {
      const { name, value } = qualityOf(row);
      return [row.round, { name, value: value ?? Number.NaN }] as const;
    });
    const history = historyOf(federation.state, round, new Map(qualities));
    const files = writeModel(join(run.folder, 'model'), model, checkpoint, { history });
    output.run({ event: 'exported', ...files });
    const privacy = run.tally.privacy();
    return summarise(rows, {
      trainers: options.trainers,
      aggregators: options.aggregators,
      watchtowers: options.watchtowers,
      evaluators: options.evaluators,
      heldOutSamples: heldOut.count,
      totalSeconds: (performance.now() - run.startedAt) / 1000,
      dimension,
      federation: deployment.federation,
      rpcUrl: redactUrls(run.rpcUrl),
      folder: run.folder,
      deployment: run.file,
      model: files,
      heldOut: heldOutSource,
      ...(command !== undefined && { program: command }),
      kept: options.keep,
      rewards: earningsOf(rewards, run.members, run.accountOf),
      ...(privacy && { privacy }),
      ...(options.attack.length > 0 && { attack: await attackSummary(run, voided, last.accuracy!) }),
    });
  } finally {
    wake.close();
    await model.dispose();
    await reader.close();
  }
}

async function lookAgainIfItFails(look: () => Promise<boolean>, signal: AbortSignal): Promise<boolean> {
  return await look().catch((error: unknown) => {
    if (signal.aborted || !(error instanceof TributaryError) || !error.retryable) throw error;
    return false;
  });
}

async function attackSummary(
  run: FollowedRun,
  voided: readonly VoidedProposal[],
  accuracy: number,
): Promise<AttackSummary> {
  const adversaries = run.members.filter(({ role }) => role === 'adversary');
  const verdicts = await readVerdicts(run.provider, run.deployment);
  return {
    faults: run.confessions.faults(adversaries, run.accountOf, verdicts),
    voided: voided.map((proposal) => ({ ...proposal, proposer: run.tally.nameOf(proposal.proposer) })),
    repeatedRounds: [...new Set(voided.map(({ refutedRound }) => refutedRound))],
    accuracy,
    honestAccuracy: run.honestAccuracy?.at(-1) ?? null,
  };
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
