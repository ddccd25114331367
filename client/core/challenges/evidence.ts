/** Evidence as the contracts take it: contracts/types/Evidence.sol, field by field. */
import { type Hash, toHex } from '../hash.ts';
import { buildEntriesTree, groupInputs, groupWeights, type InputsTree, type RoundInput } from '../inputs.ts';
import { merkleRoot, proveLeaf } from '../merkle.ts';
import { groupSize } from '../numbers.ts';
import { proveNode, type SumNode } from '../sumTree.ts';
import type { SubmissionEvidence } from './challenge.ts';
import type { FalseSum } from './sums.ts';

/** A node of a sum tree as the contracts take it; `hash` is `0x…`. */
export interface SumNodeArgument {
  hash: string;
  sum: number;
}

export function sumNodeArgument({ hash, sum }: SumNode): SumNodeArgument {
  return { hash: toHex(hash), sum };
}

export function hexHashes(hashes: readonly Hash[]): string[] {
  return hashes.map(toHex);
}

/** `InputOpening`: an entry with its way to the inputs root. */
export interface InputOpening {
  index: number;
  trainer: string;
  updateRoot: string;
  weights: string;
  entryPath: string[];
  groupPath: SumNodeArgument[];
}

/** `group` holds the entry `index`; `path` are the siblings of the group. */
export function openInput(group: readonly RoundInput[], index: number, path: readonly SumNode[]): InputOpening {
  const place = index % groupSize;
  const entry = group[place] ?? emptyInput;
  return {
    index,
    trainer: entry.trainer,
    updateRoot: toHex(entry.updateRoot),
    weights: toHex(groupWeights(group)),
    entryPath: hexHashes(proveLeaf(buildEntriesTree(group), place)),
    groupPath: path.map(sumNodeArgument),
  };
}

/** The place of an input where there is none. */
export const emptyInput: RoundInput = {
  trainer: `0x${'00'.repeat(20)}`,
  updateRoot: new Uint8Array(32),
  weight: 0,
};

/** The same of inputs that are known whole. */
export function openInputOf({ inputs, tree }: InputsTree, index: number): InputOpening {
  const group = Math.floor(index / groupSize);
  return openInput(groupInputs(inputs)[group]!, index, proveNode(tree, 0, group));
}

/** What a group's leaf is the hash of. */
export function groupArguments(group: readonly RoundInput[]): { weights: string; entriesRoot: string } {
  return { weights: toHex(groupWeights(group)), entriesRoot: toHex(merkleRoot(buildEntriesTree(group))) };
}

/** `SubmissionOpening`. */
export function submissionArgument({ trainer, terms, commitment, cid }: SubmissionEvidence) {
  return { trainer, terms, commitment: toHex(commitment), cid: toHex(cid) };
}

/** `FalseSum`. */
export function falseSumArgument({ node, left, right, path, ...place }: FalseSum) {
  return {
    ...place,
    node: sumNodeArgument(node),
    left: sumNodeArgument(left),
    right: sumNodeArgument(right),
    path: path.map(sumNodeArgument),
  };
}
