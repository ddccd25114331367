/** What crosses a trust boundary is checked here, once, against what its author committed to on chain. */
import { updateFromBytes, updateToBytes } from './codec.ts';
import type { VerifiedUpdate } from './columns.ts';
import { buildModelTree, buildUpdateTree, commitUpdate, type SubmissionContext } from './commitment.ts';
import { TributaryError } from './errors.ts';
import { equalBytes, type Hash, toHex } from './hash.ts';
import { merkleRoot } from './merkle.ts';
import { sumTreeRoot } from './sumTree.ts';

/** What a trainer's submission claims. */
export interface UpdateClaim {
  commitment: Hash;
  /** In squared update units. */
  squaredNorm: number;
  weight: number;
}

/** The update in `bytes`, if it is the one that was committed to. Errors: COMMITMENT_MISMATCH, ARGUMENT_INVALID. */
export function verifyUpdate(
  bytes: Uint8Array,
  dimension: number,
  context: SubmissionContext,
  claim: UpdateClaim,
): VerifiedUpdate {
  const { update, norm } = hashUpdate(context.trainer, claim.weight, updateFromBytes(bytes, dimension), bytes);
  if (!equalBytes(commitUpdate(context, update.updateRoot), claim.commitment)) {
    throw mismatch(
      `The update that ${context.trainer} serves for round ${context.round} is not the one it committed to.`,
    );
  }
  if (norm !== claim.squaredNorm) {
    throw mismatch(
      `The update of ${context.trainer} in round ${context.round} has squared norm ${norm}, not ${claim.squaredNorm} as it claimed.`,
    );
  }
  return update;
}

/** An update as aggregation takes it, from values that are trusted: one's own, or those just checked. */
export function prepareUpdate(
  trainer: string,
  weight: number,
  values: Int16Array,
  bytes: Uint8Array = updateToBytes(values),
): VerifiedUpdate {
  return hashUpdate(trainer, weight, values, bytes).update;
}

function hashUpdate(trainer: string, weight: number, values: Int16Array, bytes: Uint8Array) {
  const tree = buildUpdateTree(values, bytes);
  const { hash: updateRoot, sum: norm } = sumTreeRoot(tree);
  return { update: { trainer, updateRoot, weight, values, bytes, leafHashes: tree.hashes[0]! }, norm };
}

/** Errors: COMMITMENT_MISMATCH. */
export function verifyModel(model: Int32Array, modelRoot: Hash): void {
  const root = merkleRoot(buildModelTree(model));
  if (!equalBytes(root, modelRoot)) {
    throw mismatch(`The model served has root ${toHex(root)}, but the chain says ${toHex(modelRoot)}.`);
  }
}

function mismatch(message: string): TributaryError {
  return new TributaryError('COMMITMENT_MISMATCH', message);
}
