/** Updates that are not what a trainer's training gave. */
import { squaredNorm } from '../core/codec.ts';
import { TributaryError } from '../core/errors.ts';
import { fetchTimeoutMs } from '../participant/fetchTimeout.ts';
import { createUpdates } from '../participant/rounds/updates.ts';
import type { FalseSubmission, SubmissionCase } from './attack.ts';

const largest = 0x7fff;
const factor = 30;

/** Boosts its update, as model replacement does, and hides that behind the norm of the honest one. */
export async function submitFalseNorm({ values }: SubmissionCase): Promise<FalseSubmission> {
  const boosted = values.map((value) => Math.max(-largest - 1, Math.min(largest, factor * value)));
  return {
    values: boosted,
    squaredNorm: squaredNorm(values),
    did: `scaled its update by ${factor} and claims the norm that it had before`,
  };
}

/** Trains nothing, and submits what another trainer submitted to the round before. Errors: BLOB_UNAVAILABLE (retryable). */
export async function submitCopy({ node, round }: SubmissionCase): Promise<FalseSubmission> {
  const before = node.federation.state.rounds.get(round.baseRound);
  const others = [...(before?.submissions.values() ?? [])].filter(({ trainer }) => trainer !== node.account);
  const [original] = others;
  if (before === undefined || original === undefined) throw nothingToCopy(round.baseRound);
  const updates = createUpdates({ ...node, report: () => undefined }, before);
  await updates.fetch([original], Date.now() + fetchTimeoutMs);
  const copied = updates.verified.get(original.trainer);
  if (copied === undefined) throw nothingToCopy(round.baseRound);
  return {
    values: copied.values,
    squaredNorm: squaredNorm(copied.values),
    did: `submitted the update that ${original.trainer} had made for round ${before.number}`,
  };
}

function nothingToCopy(round: number): TributaryError {
  return new TributaryError('BLOB_UNAVAILABLE', `Round ${round} has no update of another trainer to copy.`, {
    retryable: true,
  });
}

/** Its training gave NaN everywhere, which an encoder without checks makes the largest number. */
export async function submitNaN({ values }: SubmissionCase): Promise<FalseSubmission> {
  const encoded = values.map(() => largest);
  return { values: encoded, squaredNorm: squaredNorm(encoded), did: 'submitted an update that is NaN everywhere' };
}
