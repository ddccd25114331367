/** The same for the inputs' sum tree: where a posted one differs from the right one, or does not add up. */
import { invariant, validateArgument } from '../errors.ts';
import { equalBytes } from '../hash.ts';
import { isEmpty } from '../merkle.ts';
import { emptyNode, hashSumNode, type SumNode, type SumTree, sumNodeAt } from '../sumTree.ts';
import { siblingAbove, spanOf } from './trees.ts';

/** Most levels of sums that the contract lets a demand open. */
const maxSumsSpan = 10;

export interface UnopenedSum {
  height: number;
  index: number;
  span: number;
  node: SumNode;
  path: SumNode[];
}

/** A posted group that is not the right one. */
export interface WrongGroup {
  index: number;
  node: SumNode;
  path: SumNode[];
}

/** A node whose sum is not that of its children. */
export interface FalseSum {
  height: number;
  index: number;
  node: SumNode;
  left: SumNode;
  right: SumNode;
  path: SumNode[];
}

/** What is known of a posted sum tree: its root, and what was opened. */
export class PostedSumTree {
  readonly depth: number;
  /** By height and place. */
  readonly #known: Map<number, SumNode>[];

  /** The sum of the root is what stands beside it, in the proposal. */
  constructor(root: SumNode, depth: number) {
    this.depth = depth;
    this.#known = Array.from({ length: depth + 1 }, () => new Map<number, SumNode>());
    this.#known[depth]!.set(0, root);
  }

  /** As `PostedTree.learn`. */
  learn(height: number, index: number, span: number, nodes: readonly SumNode[]): void {
    let level = [...nodes];
    const levels = [level];
    while (level.length > 1) {
      level = Array.from({ length: level.length / 2 }, (_, i) => hashSumNode(level[2 * i]!, level[2 * i + 1]!));
      levels.push(level);
    }
    const node = this.node(height, index);
    validateArgument(
      nodes.length === 2 ** span && node !== undefined && equalBytes(level[0]!.hash, node.hash),
      `${nodes.length} nodes do not open node ${index} at height ${height}: it has ${2 ** span} below it at that depth, which hash to it.`,
    );
    // the node itself keeps the sum that was posted for it
    levels.slice(0, -1).forEach((sums, up) => {
      const below = height - span + up;
      sums.forEach((sum, i) => {
        this.#known[below]!.set(index * 2 ** (span - up) + i, sum);
      });
    });
  }

  /** Undefined where it was not opened. */
  node(height: number, index: number): SumNode | undefined {
    for (let above = height; above <= this.depth; above++) {
      const known = this.#known[above]!.get(Math.floor(index / 2 ** (above - height)));
      if (known === undefined) continue;
      if (above === height) return known;
      return isEmpty(known.hash) ? emptyNode : undefined;
    }
    return undefined;
  }
}

/** The first group that differs, a sum that is false on the way to it, or what must be opened; undefined where none differs. */
export function findWrongGroup(
  right: SumTree,
  posted: PostedSumTree,
): { group: WrongGroup } | { falseSum: FalseSum } | { open: UnopenedSum } | undefined {
  let [height, index] = [posted.depth, 0];
  let node = posted.node(height, index)!;
  if (equalNodes(node, sumNodeAt(right, height, index))) return undefined;
  const path: SumNode[] = [];
  while (height > 0) {
    const [left, second] = [2 * index, 2 * index + 1].map((child) => nodeIn(right, posted, height - 1, child));
    if (left === undefined || second === undefined) {
      return { open: { height, index, span: spanOf(height, maxSumsSpan), node, path } };
    }
    if (left.sum + second.sum !== node.sum) {
      return { falseSum: { height, index, node, left, right: second, path } };
    }
    height -= 1;
    index *= 2;
    const isLeft = !equalNodes(left, sumNodeAt(right, height, index));
    if (!isLeft) index += 1;
    node = isLeft ? left : second;
    path.unshift(isLeft ? second : left);
  }
  return { group: { index, node, path } };
}

/** A node of the posted tree: one that was opened, or one below a node that is the right one's. */
function nodeIn(right: SumTree, posted: PostedSumTree, height: number, index: number): SumNode | undefined {
  const known = posted.node(height, index);
  if (known !== undefined) return known;
  for (let above = height + 1; above <= posted.depth; above++) {
    const place = Math.floor(index / 2 ** (above - height));
    const ancestor = posted.node(above, place);
    if (ancestor === undefined) continue;
    return equalBytes(ancestor.hash, sumNodeAt(right, above, place).hash) ? sumNodeAt(right, height, index) : undefined;
  }
  return undefined;
}

/** The siblings of a group in the posted tree, from the leaf up. They must be known, or those of the right tree. */
export function groupPath(right: SumTree, posted: PostedSumTree, group: number): SumNode[] {
  return Array.from({ length: posted.depth }, (_, height) => {
    const sibling = nodeIn(right, posted, height, siblingAbove(group, height));
    invariant(sibling !== undefined, `A sibling above group ${group} at height ${height} is unknown`);
    return sibling;
  });
}

function equalNodes(a: SumNode, b: SumNode): boolean {
  return a.sum === b.sum && equalBytes(a.hash, b.hash);
}
