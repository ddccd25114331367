/** What a proposal must be: the aggregate of all submissions of its round but those that it names as omitted. */
import type { ProposedAggregate, Round, Submission } from '../chain/rounds.ts';
import { type Aggregate, aggregate } from '../core/aggregate.ts';
import { TributaryError } from '../core/errors.ts';
import type { Models } from '../node/models.ts';
import type { Node } from '../node/node.ts';
import type { Updates } from '../node/updates.ts';

export type ProposedRound = Round & { proposed: ProposedAggregate };

/** The right result, and the model it starts from. */
export interface Recomputed {
  right: Aggregate;
  base: Int32Array;
}

/** Submissions that the proposal has to take in. */
export function includedSubmissions(round: ProposedRound): Submission[] {
  return round.proposed.included.map((trainer) => round.submissions.get(trainer)!);
}

/**
 * Undefined where an update that the proposal takes in is not what its trainer claimed: there is no right result with it.
 * Errors: BLOB_UNAVAILABLE (retryable) where an update or the last model cannot be fetched.
 */
export async function recompute(
  node: Node,
  models: Models,
  round: ProposedRound,
  updates: Updates,
  untilMs: number,
): Promise<Recomputed | undefined> {
  const included = includedSubmissions(round);
  await updates.fetch(included, untilMs);
  const missing = included.find(({ trainer }) => !updates.verified.has(trainer));
  if (missing !== undefined) {
    if (updates.rejected.has(missing.trainer)) return undefined;
    throw new TributaryError('BLOB_UNAVAILABLE', `The update of ${missing.trainer} cannot be fetched.`, {
      retryable: true,
    });
  }
  const base = await models.get(round.baseRound);
  const inputs = included.map(({ trainer }) => updates.verified.get(trainer)!);
  const right = aggregate(node.parameters.rule, base, inputs);
  models.remember(right.commitment.modelRoot, right.model);
  return { right, base };
}
