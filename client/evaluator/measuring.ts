/** Measures the model of each round by the task's metric, on the evaluator's own data, and serves what it has found. */
import { z } from 'zod/v4';
import { type ProposedRound, proposedRounds } from '../chain/rounds.ts';
import { decodeModel } from '../core/codec.ts';
import { TributaryError } from '../core/errors.ts';
import { toHex } from '../core/hash.ts';
import { parseWith } from '../core/task.ts';
import {
  type Measured,
  measuredSchema,
  metricsPath,
  mostMeasured,
  signMetrics,
} from '../participant/metrics/document.ts';
import type { Participant } from '../participant/participant.ts';
import type { Models } from '../participant/rounds/models.ts';
import { type KeptFiles, readJson, writeJson } from '../storage/keptFiles.ts';
import { metricOf } from '../training/metrics/taskMetric.ts';
import { valuesOfMetrics } from '../training/metrics/valuesOfMetrics.ts';
import type { Judge } from './scoring.ts';

const fileName = 'measured.json';
/** Of the newest rounds; who comes back late does not measure all that it has missed. */
const mostBehind = 16;

/** What was measured so far, ascending by round, and where it is kept. */
export interface Measurements {
  files: KeptFiles;
  measured: Measured[];
}

/** Errors: those of `KeptFiles.read`. */
export async function openMeasurements(files: KeptFiles): Promise<Measurements> {
  const schema = z.array(measuredSchema);
  const read = (document: unknown) => parseWith(schema, document, `metrics/${fileName}`);
  return { files, measured: (await readJson(files, fileName, read)) ?? [] };
}

/** Durable when it answers. Errors: DISK_FULL, FOLDER_NOT_WRITABLE. */
export async function writeMeasured({ files, measured }: Measurements): Promise<void> {
  await writeJson(files, fileName, measured);
}

/** A step: one model at a time. A model that cannot be had now is measured later. */
export function createMeasuring(
  node: Participant,
  models: Models,
  { files, measured: before }: Measurements,
  judge: Judge,
): () => Promise<void> {
  const { federation, rewards, account, addresses, report, documents, sender } = node;
  let measured = before;
  /** Of models of which the metric cannot be said, by the id of the proposal. */
  const unsaid = new Set<string>();

  async function serve(): Promise<void> {
    const document = await signMetrics(addresses, account, measured, (text) => sender.sign(text));
    documents.set(metricsPath, () => document);
  }

  async function measure(round: ProposedRound): Promise<void> {
    const { model, manifest } = await judge.plans.inForce();
    const { name } = metricOf(manifest);
    const parameters = decodeModel(await models.get(round.number));
    const [value] = await valuesOfMetrics(model, parameters, judge.validation, manifest, [name]);
    if (value === undefined || !Number.isFinite(value)) {
      unsaid.add(round.proposed.id);
      return;
    }
    const found = { round: round.number, modelRoot: rootOf(round), metric: name, value: String(value) };
    const others = measured.filter((each) => each.round !== round.number);
    measured = [...others, found].sort((a, b) => a.round - b.round).slice(-mostMeasured);
    await writeMeasured({ files, measured });
    await serve();
    report({ event: 'measured', round: round.number, metric: name, value });
  }

  function isDue(round: ProposedRound): boolean {
    const joinedAfter = rewards.state.evaluators.get(account) ?? Number.POSITIVE_INFINITY;
    const isKnown = measured.some((each) => each.round === round.number && each.modelRoot === rootOf(round));
    return joinedAfter < round.number && !isKnown && !unsaid.has(round.proposed.id);
  }

  return async () => {
    if (measured.length > 0 && !documents.has(metricsPath)) await serve();
    const [due] = proposedRounds(federation.state).slice(-mostBehind).filter(isDue);
    if (due === undefined) return;
    try {
      await measure(due);
    } catch (error) {
      // scores go first, and the next look tries again
      if (!(error instanceof TributaryError) || !error.retryable) throw error;
    }
  };
}

function rootOf({ proposed }: ProposedRound): string {
  return toHex(proposed.proposal.modelRoot);
}
