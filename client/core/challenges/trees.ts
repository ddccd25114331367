/** Where a posted tree differs from the right one, found from the root down by as few openings as it takes. */
import type { Aggregate } from '../aggregate.ts';
import { buildColumn } from '../columns.ts';
import { invariant, validateArgument } from '../errors.ts';
import { equalBytes, type Hash } from '../hash.ts';
import { hashNode, isEmpty, type MerkleTree } from '../merkle.ts';
import { groupSize, treeDepth } from '../numbers.ts';

/** Most levels that the contract lets a demand open. */
const maxSpan = 11;

/** A tree that is known whole: the right one, or one rebuilt from published data. */
export interface TreeView {
  readonly depth: number;
  /** Zero where the subtree is empty. */
  node(height: number, index: number): Hash;
}

/** A posted leaf that is wrong, and its siblings in the posted tree from the leaf up. */
export interface WrongLeaf {
  index: number;
  hash: Hash;
  path: Hash[];
}

/** A posted node to be opened `span` levels deep; span 0: what the leaf is the hash of. */
export interface Unopened {
  height: number;
  index: number;
  span: number;
  node: Hash;
  path: Hash[];
}

const emptyHash: Hash = new Uint8Array(32);

/** The view of a tree of hashes: the model's, or one column's. */
export function modelTreeView(tree: MerkleTree): TreeView {
  return {
    depth: tree.depth,
    node: (height, index) => nodeOf(tree, height, index),
  };
}

function nodeOf(tree: MerkleTree, height: number, index: number): Hash {
  return tree.levels[height]!.length > index * 32 ? tree.levels[height]!.slice(index * 32, index * 32 + 32) : emptyHash;
}

/** The columns of an aggregate: the tree over the chunks on top, each column's own tree below, built when it is asked for. */
export function columnsTreeView({ columnsTree, rule, updates }: Aggregate): TreeView {
  const groupDepth = treeDepth(Math.ceil(updates.length / groupSize));
  const chunks = columnsTree.levels[0]!.length / 32;
  let newest: { chunk: number; tree: MerkleTree } | undefined;
  return {
    depth: columnsTree.depth + groupDepth,
    node(height, index) {
      if (height >= groupDepth) return nodeOf(columnsTree, height - groupDepth, index);
      const width = 2 ** (groupDepth - height);
      const chunk = Math.floor(index / width);
      if (chunk >= chunks) return emptyHash;
      if (newest?.chunk !== chunk) newest = { chunk, tree: buildColumn(rule, updates, chunk).tree };
      return nodeOf(newest.tree, height, index % width);
    },
  };
}

/** What is known of a posted tree: its root, and what was opened. */
export class PostedTree {
  readonly depth: number;
  /** By height and place. */
  readonly #known: Map<number, Hash>[];
  readonly #whole: TreeView | undefined;

  constructor(root: Hash, depth: number, whole?: TreeView) {
    this.depth = depth;
    this.#known = Array.from({ length: depth + 1 }, () => new Map<number, Hash>());
    this.#known[depth]!.set(0, root);
    this.#whole = whole;
  }

  /** `nodes` are the 2^span nodes that lie `span` levels below a node. Errors: ARGUMENT_INVALID where they do not hash to it. */
  learn(height: number, index: number, span: number, nodes: readonly Hash[]): void {
    let level = [...nodes];
    const levels = [level];
    while (level.length > 1) {
      level = Array.from({ length: level.length / 2 }, (_, i) => hashNode(level[2 * i]!, level[2 * i + 1]!));
      levels.push(level);
    }
    const node = this.node(height, index);
    validateArgument(
      nodes.length === 2 ** span && node !== undefined && equalBytes(level[0]!, node),
      `${nodes.length} hashes do not open node ${index} at height ${height}: it has ${2 ** span} below it at that depth, which hash to it.`,
    );
    levels.forEach((hashes, up) => {
      const below = height - span + up;
      hashes.forEach((hash, i) => {
        this.#known[below]!.set(index * 2 ** (span - up) + i, hash);
      });
    });
  }

  /** Undefined where it was not opened. */
  node(height: number, index: number): Hash | undefined {
    if (this.#whole !== undefined) return this.#whole.node(height, index);
    for (let above = height; above <= this.depth; above++) {
      const known = this.#known[above]!.get(Math.floor(index / 2 ** (above - height)));
      if (known === undefined) continue;
      return above === height || isEmpty(known) ? known : undefined;
    }
    return undefined;
  }

  /** The siblings of a node from its height up. They must be known. */
  path(height: number, index: number): Hash[] {
    return Array.from({ length: this.depth - height }, (_, up) => {
      const sibling = this.node(height + up, siblingAbove(index, up));
      invariant(sibling !== undefined, `A sibling above node ${index} at height ${height} is unknown`);
      return sibling;
    });
  }
}

/** The place of the sibling of a node's ancestor, `up` levels above it. */
export function siblingAbove(index: number, up: number): number {
  const ancestor = Math.floor(index / 2 ** up);
  return ancestor % 2 === 0 ? ancestor + 1 : ancestor - 1;
}

/** A posted tree that is wholly known. */
export function postedTreeOf(view: TreeView): PostedTree {
  return new PostedTree(view.node(view.depth, 0), view.depth, view);
}

/** The first leaf that differs, or what must be opened to come nearer to it; undefined where the trees are equal. */
export function findWrongLeaf(
  right: TreeView,
  posted: PostedTree,
): { leaf: WrongLeaf } | { open: Unopened } | undefined {
  return findWrongLeafBelow(right, posted, right.depth, 0);
}

/** The same below a node that is known in the posted tree. */
export function findWrongLeafBelow(
  right: TreeView,
  posted: PostedTree,
  height: number,
  index: number,
): { leaf: WrongLeaf } | { open: Unopened } | undefined {
  const node = posted.node(height, index)!;
  if (equalBytes(right.node(height, index), node)) return undefined;
  if (height === 0) return { leaf: { index, hash: node, path: posted.path(0, index) } };
  for (const child of [2 * index, 2 * index + 1]) {
    if (posted.node(height - 1, child) === undefined) {
      return { open: { height, index, span: spanOf(height, maxSpan), node, path: posted.path(height, index) } };
    }
    const found = findWrongLeafBelow(right, posted, height - 1, child);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** So many levels at once that the leaves are reached by as few demands as possible, of about equal size. */
export function spanOf(height: number, most: number): number {
  return Math.ceil(height / Math.ceil(height / most));
}
