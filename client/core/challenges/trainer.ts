/** What is wrong with an update itself: a false norm, values where the model has none, the update of another. */
import { commitUpdate, type SubmissionContext } from '../commitment.ts';
import { equalBytes, type Hash, toHex } from '../hash.ts';
import { domain, hashLeaves } from '../merkle.ts';
import { chunkCoordinates, chunkCount, treeDepth, updateChunkBytes } from '../numbers.ts';
import { buildSumTree, emptyNode, proveNode, type SumTree, sumNodeAt, sumTreeRoot } from '../sumTree.ts';
import type { Challenge, SubmissionEvidence } from './challenge.ts';
import { falseSumArgument, type InputOpening, submissionArgument, sumNodeArgument } from './evidence.ts';
import type { FalseSum } from './sums.ts';

/** Shorter updates may agree by chance; `MIN_COPIED_COORDINATES` of the contract. */
const minCopiedCoordinates = 1024;

/** A proof about an update, without whom it accuses. */
interface UpdateFault {
  subject: 'Norm' | 'Range';
  evidence: readonly unknown[];
  fault: string;
}

/**
 * What is provably wrong with the update that a trainer serves; undefined where nothing is, and where it is not what the
 * trainer committed to. `committed` is the tree that it committed to, where its sums are not those of the bytes.
 */
export function challengeUpdate(
  bytes: Uint8Array,
  dimension: number,
  context: SubmissionContext,
  submission: SubmissionEvidence,
  committed: SumTree = servedTree(bytes, dimension),
): Challenge | undefined {
  const updateRoot = sumTreeRoot(committed).hash;
  if (!equalBytes(commitUpdate(context, updateRoot), submission.commitment)) return undefined;
  const found = findUpdateFault(bytes, dimension, submission, committed);
  if (found === undefined) return undefined;
  return {
    contract: 'TrainerChallenges',
    method: `refute${found.subject}`,
    against: 'account',
    args: [submissionArgument(submission), toHex(updateRoot), ...found.evidence],
    fault: found.fault,
  };
}

/** The same against a proposal that takes such an update in; `input` is its opening among the proposal's inputs. */
export function challengeUpdateOfInput(
  bytes: Uint8Array,
  dimension: number,
  submission: SubmissionEvidence,
  input: InputOpening,
  committed: SumTree = servedTree(bytes, dimension),
): Challenge | undefined {
  const found = findUpdateFault(bytes, dimension, submission, committed);
  if (found === undefined || toHex(sumTreeRoot(committed).hash) !== input.updateRoot) return undefined;
  return {
    contract: 'TrainerChallenges',
    method: `refute${found.subject}OfInput`,
    against: 'proposal',
    args: [input, submissionArgument(submission), ...found.evidence],
    fault: `the proposal takes in an update of which ${found.fault}`,
  };
}

/** The update was submitted to an earlier round already. Undefined for updates that may be alike by chance. */
export function challengeCopy(
  dimension: number,
  original: SubmissionEvidence,
  copy: SubmissionEvidence,
  updateRoot: Hash,
): Challenge | undefined {
  if (dimension < minCopiedCoordinates || copy.squaredNorm < dimension) return undefined;
  return {
    contract: 'TrainerChallenges',
    method: 'refuteCopy',
    against: 'account',
    args: [submissionArgument(original), submissionArgument(copy), toHex(updateRoot)],
    fault: `${copy.trainer} submitted the update that ${original.trainer} had submitted before`,
  };
}

/** The tree of the bytes as they are, whatever stands behind the model's last coordinate. */
export function servedTree(bytes: Uint8Array, dimension: number): SumTree {
  const chunks = Math.floor(bytes.length / updateChunkBytes);
  const hashes = hashLeaves(domain.updateLeaf, bytes.subarray(0, chunks * updateChunkBytes), updateChunkBytes);
  const norms = Float64Array.from({ length: chunks }, (_, chunk) => squaredNormOf(chunkOf(bytes, chunk)));
  return buildSumTree(hashes, norms, treeDepth(Math.max(chunks, chunkCount(dimension))));
}

function chunkOf(bytes: Uint8Array, chunk: number): Uint8Array {
  return bytes.subarray(chunk * updateChunkBytes, (chunk + 1) * updateChunkBytes);
}

function squaredNormOf(chunk: Uint8Array): number {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
  let sum = 0;
  for (let at = 0; at < chunk.length; at += 2) sum += view.getInt16(at) ** 2;
  return sum;
}

function findUpdateFault(
  bytes: Uint8Array,
  dimension: number,
  submission: SubmissionEvidence,
  tree: SumTree,
): UpdateFault | undefined {
  const { trainer, squaredNorm } = submission;
  // a tree of another depth is none that the contract reads
  if (tree.depth !== treeDepth(chunkCount(dimension))) return undefined;
  const falseSum = findFalseSum(bytes, tree, squaredNorm);
  if (falseSum !== undefined) {
    const chunk = falseSum.height === 0 ? toHex(chunkOf(bytes, falseSum.index)) : '0x';
    const fault = `${trainer} states a false norm`;
    return { subject: 'Norm', evidence: [falseSumArgument(falseSum), chunk], fault };
  }
  const index = findOutOfRange(bytes, dimension);
  if (index === undefined) return undefined;
  const leaf = {
    leaf: sumNodeArgument(sumNodeAt(tree, 0, index)),
    path: proveNode(tree, 0, index).map(sumNodeArgument),
  };
  const chunk = index < chunkCount(dimension) ? toHex(chunkOf(bytes, index)) : '0x';
  const fault = `${trainer} has values behind the last of ${dimension} coordinates`;
  return { subject: 'Range', evidence: [index, leaf, chunk], fault };
}

/** The topmost node whose sum is not that of its children, or, of a leaf, that of its values. */
function findFalseSum(bytes: Uint8Array, tree: SumTree, claimed: number): FalseSum | undefined {
  for (let height = tree.depth; height >= 0; height--) {
    for (let index = 0; index < tree.sums[height]!.length; index++) {
      const stored = sumNodeAt(tree, height, index);
      const node = height === tree.depth ? { ...stored, sum: claimed } : stored;
      const [left, right] = [0, 1].map((child) =>
        height === 0 ? emptyNode : sumNodeAt(tree, height - 1, 2 * index + child),
      ) as [typeof emptyNode, typeof emptyNode];
      const sum = height === 0 ? squaredNormOf(chunkOf(bytes, index)) : left.sum + right.sum;
      if (sum !== node.sum) return { height, index, node, left, right, path: proveNode(tree, height, index) };
    }
  }
  return undefined;
}

/** The first chunk with a value behind the last coordinate. */
function findOutOfRange(bytes: Uint8Array, dimension: number): number | undefined {
  for (let at = 2 * dimension; at < bytes.length; at++) {
    if (bytes[at] !== 0) return Math.floor(at / (2 * chunkCoordinates));
  }
  // a chunk of zeros behind the last one is still a leaf where there must be none
  return bytes.length > chunkCount(dimension) * updateChunkBytes ? chunkCount(dimension) : undefined;
}
