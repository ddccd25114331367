/** What a proposal must be: the aggregate of the submissions of its round that it has to take in. */
import type { ProposedAggregate, Round } from '../chain/rounds.ts';
import { type Aggregate, type AggregateCommitment, aggregate } from '../core/aggregate.ts';
import { TributaryError } from '../core/errors.ts';
import { equalBytes } from '../core/hash.ts';
import type { Models } from '../node/models.ts';
import type { Node } from '../node/node.ts';
import type { Updates } from '../node/updates.ts';

export type ProposedRound = Round & { proposed: ProposedAggregate };

export function isProposed(round: Round): round is ProposedRound {
  return round.proposed !== undefined;
}

/** The right result, and the model it starts from. */
export interface Recomputed {
  right: Aggregate;
  base: Int32Array;
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
): Promise<Recomputed | undefined> {
  const { included } = round.proposed;
  const missing = included.find((trainer) => !updates.verified.has(trainer));
  if (missing !== undefined) {
    if (updates.rejected.has(missing)) return undefined;
    throw new TributaryError('BLOB_UNAVAILABLE', `The update of ${missing} cannot be fetched.`, { retryable: true });
  }
  const base = await models.get(round.baseRound);
  const inputs = included.map((trainer) => updates.verified.get(trainer)!);
  const right = aggregate(node.parameters.rule, base, inputs);
  models.remember(right.commitment.modelRoot, right.model);
  return { right, base };
}

/** What differs between a proposal and the right result, if anything. */
export function differenceOf({ proposed }: ProposedRound, right: AggregateCommitment): string | undefined {
  const { proposal } = proposed;
  for (const root of ['inputsRoot', 'columnsRoot', 'modelRoot'] as const) {
    if (!equalBytes(proposal[root], right[root])) return `its ${root} is not that of the updates of the round`;
  }
  if (proposal.totalWeight !== right.totalWeight) return `its total weight is not ${right.totalWeight}`;
  if (proposal.inputCount !== right.inputCount)
    return `it counts ${proposal.inputCount} updates, not ${right.inputCount}`;
  return undefined;
}
