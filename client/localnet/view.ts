/** The rounds of a run as they are shown: what each has cost, and how good its model is. */
import type { ModelReader } from '../actions/modelReader.ts';
import type { FederationClient } from '../chain/federation.ts';
import type { RewardsClient } from '../chain/rewards.ts';
import { proposedRounds } from '../chain/rounds.ts';
import { cidFromDigest } from '../core/cid.ts';
import { decodeModel } from '../core/codec.ts';
import { inputsListBytes } from '../core/inputs.ts';
import { modelBytes, updateBytes } from '../core/numbers.ts';
import type { TaskManifest } from '../core/task.ts';
import type { CompiledModel, Dataset } from '../training/engine.ts';
import { metricOf } from '../training/metrics/taskMetric.ts';
import { valuesOfMetrics } from '../training/metrics/valuesOfMetrics.ts';
import { paymentsOf } from './earnings.ts';
import type { FollowedRun } from './followedRun.ts';
import { createGasMeter, type VoidedProposal } from './gas.ts';
import type { RoundCosts, TableRow, VoidRow } from './tally.ts';

export interface Viewed {
  federation: FederationClient;
  rewards: RewardsClient;
  dimension: number;
  reader: ModelReader;
  manifest: TaskManifest;
  model: CompiledModel;
  heldOut: Dataset;
}

export interface RoundsView {
  /** Looks at the chain, and evaluates one model that is new. True when nothing is left to wait for. */
  look(): Promise<boolean>;
  /** What was spent and earned since. */
  refresh(): Promise<void>;
  /** When every round has a model. */
  result(): { rows: RoundCosts[]; newest: Int32Array; voided: readonly VoidedProposal[] };
}

export function createView(
  { options, deployment, provider, tally, output, trainersEnded }: FollowedRun,
  { federation, rewards, dimension, reader, manifest, model, heldOut }: Viewed,
): RoundsView {
  const gas = createGasMeter(provider, deployment);
  const metric = metricOf(manifest).name;
  tally.compareBy(metric);
  /** By the id of the proposal: a round may be proposed again. */
  const evaluated = new Set<string>();
  /** By the id of the reward statement: rewards may be stated again. */
  const saidUnscored = new Set<string>();
  let newest: Int32Array | undefined;
  let voided: readonly VoidedProposal[] = [];
  const sizes = { updateBytes: updateBytes(dimension), modelBytes: modelBytes(dimension) };

  async function look(): Promise<boolean> {
    await Promise.all([federation.sync(), rewards.sync()]);
    const seenAt = Date.now() / 1000;
    const rounds = proposedRounds(federation.state).slice(0, options.rounds);
    for (const round of rounds) {
      const cid = cidFromDigest(round.proposed.proposal.modelCid, sizes.modelBytes).toString();
      tally.proposed(round, sizes, cid, seenAt);
    }
    tally.keepOnly(rounds);
    await showCosts();
    for (const { number, proposed } of rounds) {
      if (evaluated.has(proposed.id)) continue;
      newest = await reader.read(number);
      const names = ['accuracy', metric] as const;
      const values = await valuesOfMetrics(model, decodeModel(newest), heldOut, manifest, names);
      const [accuracy, value] = values as [number, number];
      evaluated.add(proposed.id);
      tally.setQuality(number, accuracy, value);
      output.run({
        event: 'evaluated',
        round: number,
        accuracy,
        ...(metric !== 'accuracy' && { metric: { name: metric, value } }),
      });
      showRows();
      return false;
    }
    const isOver = rounds.length === options.rounds || (rounds.length > 0 && trainersEnded());
    return isOver && rounds.every(({ final }) => final);
  }

  async function showCosts(): Promise<void> {
    tally.setRewards(paymentsOf(rewards.state));
    sayWhatIsUnscored();
    const spent = await gas.read();
    for (const [round, gasOfRound] of spent.rounds) tally.setGas(round, gasOfRound);
    voided = spent.voided;
    showRows();
  }

  /** Once for each reward statement: the aggregator is paid for the round, and nobody else. */
  function sayWhatIsUnscored(): void {
    const { statements, revealed } = rewards.state;
    for (const { id, round, facts } of statements.values()) {
      if (revealed.has(round) || facts.feeGwei === 0n || saidUnscored.has(id)) continue;
      saidUnscored.add(id);
      output.run({ event: 'unscored', round });
    }
  }

  function showRows(): void {
    output.rounds(withVoided(tally.rows().slice(0, options.rounds), voided.map(voidRow)));
  }

  function voidRow({ round, refutedRound, inputCount, proposer, gas }: VoidedProposal): VoidRow {
    const bytes = sizes.modelBytes + inputsListBytes(inputCount);
    const reason = round === refutedRound ? 'refuted' : `stood on round ${refutedRound}`;
    return { round, gas, bytes, proposer: tally.nameOf(proposer), reason };
  }

  return {
    look,
    async refresh() {
      await rewards.sync();
      await showCosts();
    },
    result: () => ({ rows: tally.rows().slice(0, options.rounds), newest: newest!, voided }),
  };
}

/** In the order of the rounds, what is void before what took its place. */
function withVoided(rows: readonly RoundCosts[], voided: readonly VoidRow[]): TableRow[] {
  return [...voided, ...rows].sort((a, b) => a.round - b.round);
}
