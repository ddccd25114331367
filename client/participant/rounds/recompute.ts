/** What a proposal must be: the aggregate of the submissions of its round that it has to take in. */
import { ruleOf } from '../../chain/parameters.ts';
import type { ProposedRound, Submission } from '../../chain/rounds.ts';
import { type Aggregate, aggregate } from '../../core/aggregate.ts';
import { servedTree } from '../../core/challenges/trainer.ts';
import { TributaryError } from '../../core/errors.ts';
import { equalBytes } from '../../core/hash.ts';
import { hashInputs, type RoundInput, sortInputs } from '../../core/inputs.ts';
import { weigh } from '../../core/rewards/reputations.ts';
import { sumTreeRoot } from '../../core/sumTree.ts';
import type { Participant } from '../participant.ts';
import type { Models } from './models.ts';
import type { Updates } from './updates.ts';

/** The right result, and the model it starts from. */
export interface Recomputed {
  right: Aggregate;
  base: Int32Array;
}

/** Fetches what the proposal takes in, and may take in. Errors: BLOB_UNAVAILABLE (retryable). */
export async function fetchInputs(round: ProposedRound, updates: Updates, untilMs: number): Promise<void> {
  const included = includedSubmissions(round);
  await updates.fetch(included, untilMs);
  const lost = included.find(({ trainer }) => !updates.verified.has(trainer) && !updates.rejected.has(trainer));
  if (lost !== undefined) {
    const message = `The update of ${lost.trainer} in round ${round.number} cannot be fetched.`;
    throw new TributaryError('BLOB_UNAVAILABLE', message, { retryable: true });
  }
  const disputed = slashedSubmissions(round);
  if (disputed.length > 0) await updates.fetch(disputed, Date.now());
}

/** Subsets of more submissions than these are not searched. */
const mostDisputed = 10;

/**
 * The inputs that the proposal has to take in, sorted, none where everybody is omitted; what has arrived of them is what was committed to.
 * Whoever proposed before it saw that a submission was proven false has taken that in too, which is no fault of its own.
 */
export async function rightInputs(
  node: Pick<Participant, 'task' | 'reputations'>,
  round: ProposedRound,
  updates: Updates,
): Promise<RoundInput[]> {
  const { dimension } = node.task;
  const reputations = await node.reputations(round.proposed.proposal.reputations);
  const toInputs = (submissions: readonly Submission[]): RoundInput[] => {
    if (submissions.length === 0) return [];
    return sortInputs(
      submissions.map(({ trainer, weight }) => {
        const bytes = updates.rejected.get(trainer);
        const updateRoot = updates.verified.get(trainer)?.updateRoot ?? sumTreeRoot(servedTree(bytes!, dimension)).hash;
        return { trainer, updateRoot, weight: weigh(reputations, trainer, weight) };
      }),
    );
  };
  const included = includedSubmissions(round);
  const disputed = slashedSubmissions(round)
    .filter(({ trainer }) => updates.verified.has(trainer) || updates.rejected.has(trainer))
    .slice(0, mostDisputed);
  for (let subset = 1; subset < 2 ** disputed.length; subset++) {
    const some = toInputs([...included, ...disputed.filter((_, index) => (subset >> index) & 1)]);
    if (equalBytes(sumTreeRoot(hashInputs(some)).hash, round.proposed.proposal.inputsRoot)) return some;
  }
  return toInputs(included);
}

/**
 * The right result of a proposal whose inputs have arrived. Undefined where one of them is not what its trainer claimed: there is
 * no right result with it, nor with none. Errors: those of `Models.get`.
 */
export async function recompute(
  node: Pick<Participant, 'task' | 'reputations'>,
  models: Models,
  round: ProposedRound,
  updates: Updates,
): Promise<Recomputed | undefined> {
  const inputs = (await rightInputs(node, round, updates)).map(({ trainer, weight }) => {
    const update = updates.verified.get(trainer);
    return update === undefined ? undefined : { ...update, weight };
  });
  if (inputs.length === 0 || !inputs.every((input) => input !== undefined)) return undefined;
  const base = await models.get(round.baseRound);
  const { rule, trimBasisPoints } = round.proposed.proposal;
  // that which held for the round, whatever has been voted for since
  const right = aggregate(ruleOf(rule, trimBasisPoints), base, inputs);
  models.remember(right.commitment.modelRoot, right.model);
  return { right, base };
}

/** Those that it has to take in. */
export function includedSubmissions({ proposed, submissions }: ProposedRound): Submission[] {
  return proposed.included.map((trainer) => submissions.get(trainer)!);
}

function slashedSubmissions({ proposed, submissions }: ProposedRound): Submission[] {
  return [...submissions.values()].filter(
    ({ trainer, slashed }) => slashed && !proposed.omitted.includes(trainer) && !proposed.included.includes(trainer),
  );
}
