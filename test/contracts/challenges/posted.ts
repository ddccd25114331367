/** A proposal as a cheat posts it: its trees with something changed in them and everything above rebuilt, and what it can show of them. */
import type { Aggregate } from '../../../client/core/aggregate.ts';
import type { PostedProposal } from '../../../client/core/challenges/challenge.ts';
import type { ColumnLeafOpening } from '../../../client/core/challenges/columns.ts';
import { modelToBytes } from '../../../client/core/codec.ts';
import { buildColumn, type ColumnGroups } from '../../../client/core/columns.ts';
import { concatBytes, equalBytes, type Hash, keccak256 } from '../../../client/core/hash.ts';
import { groupInputs, hashInputs, type RoundInput } from '../../../client/core/inputs.ts';
import { domain, hashInDomain, hashLeaves, hashNode } from '../../../client/core/merkle.ts';
import { chunkCount, groupSize, modelChunkBytes, treeDepth } from '../../../client/core/numbers.ts';
import { emptyNode, hashSumNode, type SumNode, sumNodeAt } from '../../../client/core/sumTree.ts';

/** Every node of a tree, the empty ones too. */
export class PostedNodes<Node> {
  readonly levels: Node[][];
  readonly #parentOf: (left: Node, right: Node) => Node;
  readonly #hashOf: (node: Node) => Hash;

  constructor(
    leaves: Node[],
    parentOf: (left: Node, right: Node) => Node,
    hashOf: (node: Node) => Hash,
    change?: NodeChange<Node>,
  ) {
    this.#parentOf = parentOf;
    this.#hashOf = hashOf;
    this.levels = [leaves];
    for (let height = 0; ; height++) {
      const level = this.levels[height]!;
      if (change?.height === height) level[change.index] = change.alter(level[change.index]!);
      if (level.length === 1) break;
      this.levels.push(this.#above(level));
    }
  }

  #above(level: Node[]): Node[] {
    return Array.from({ length: level.length / 2 }, (_, i) => this.#parentOf(level[2 * i]!, level[2 * i + 1]!));
  }

  get root(): Node {
    return this.levels.at(-1)![0]!;
  }

  /** The nodes `span` levels below the one with this hash; undefined where they do not hash to it. */
  open(hash: Hash, span: number): Node[] | undefined {
    for (const [height, level] of this.levels.entries()) {
      const index = level.findIndex((node) => equalBytes(this.#hashOf(node), hash));
      if (index < 0 || height < span) continue;
      const below = this.levels[height - span]!.slice(index * 2 ** span, (index + 1) * 2 ** span);
      let nodes = below;
      while (nodes.length > 1) nodes = this.#above(nodes);
      if (equalBytes(this.#hashOf(nodes[0]!), hash)) return below;
    }
    return undefined;
  }
}

export interface NodeChange<Node> {
  height: number;
  index: number;
  alter(node: Node): Node;
}

/** What a cheat changes. */
export interface Changes {
  inputs?: (list: RoundInput[]) => RoundInput[];
  /** Gives another column for a chunk. */
  column?: (column: ColumnGroups, chunk: number) => ColumnGroups;
  columnLeaf?: (leaf: ColumnLeafOpening, chunk: number, group: number) => ColumnLeafOpening;
  model?: (bytes: Uint8Array) => void;
  modelNode?: NodeChange<Hash>;
  columnsNode?: NodeChange<Hash>;
  inputsNode?: NodeChange<SumNode>;
  terms?: Partial<PostedProposal>;
}

export interface Posted {
  terms: PostedProposal;
  list: RoundInput[];
  inputs: PostedNodes<SumNode>;
  model: PostedNodes<Hash>;
  modelBytes: Uint8Array;
  columns: PostedNodes<Hash>;
  columnLeaves: { hash: Hash; leaf: ColumnLeafOpening }[];
}

/** What a proposal of this result looks like, right but for the changes. */
export function post(result: Aggregate, changes: Changes = {}): Posted {
  const list = (changes.inputs ?? ((same) => same))(result.inputsTree.inputs.map((input) => ({ ...input })));
  const tree = hashInputs(list);
  const groups = Array.from({ length: 2 ** tree.depth }, (_, group) => sumNodeAt(tree, 0, group));
  const inputs = new PostedNodes(groups, hashSumNode, ({ hash }) => hash, changes.inputsNode);
  const modelBytes = modelToBytes(result.model);
  changes.model?.(modelBytes);
  const model = hashTree(hashLeaves(domain.modelLeaf, modelBytes, modelChunkBytes), changes.modelNode);
  const columnLeaves = columnLeavesOf(result, changes);
  const groupDepth = treeDepth(groupInputs(result.updates).length);
  const places = 2 ** (treeDepth(chunkCount(result.model.length)) + groupDepth);
  const hashes = Array.from({ length: places }, () => emptyNode.hash);
  for (const { chunk, group, hash } of columnLeaves) hashes[chunk * 2 ** groupDepth + group] = hash;
  const columns = new PostedNodes(hashes, hashNode, (hash) => hash, changes.columnsNode);
  const terms = {
    inputCount: list.length,
    totalWeight: inputs.root.sum,
    inputsRoot: inputs.root.hash,
    columnsRoot: columns.root,
    modelRoot: model.root,
    ...changes.terms,
  };
  return { terms, list, inputs, model, modelBytes, columns, columnLeaves };
}

function hashTree(leaves: Uint8Array, change?: NodeChange<Hash>): PostedNodes<Hash> {
  const count = leaves.length / 32;
  const hashes = Array.from({ length: 2 ** treeDepth(count) }, (_, i) =>
    i < count ? leaves.slice(32 * i, 32 * i + 32) : emptyNode.hash,
  );
  return new PostedNodes(hashes, hashNode, (hash) => hash, change);
}

function columnLeavesOf(
  { rule, updates, model }: Aggregate,
  { column = (same) => same, columnLeaf = (same) => same }: Changes,
) {
  return Array.from({ length: chunkCount(model.length) }, (_, chunk) =>
    column(buildColumn(rule, updates, chunk), chunk).states.map((state, group) => {
      const members = updates.slice(group * groupSize, (group + 1) * groupSize);
      const leafHashes = members.map((update) => update.leafHashes.slice(32 * chunk, 32 * chunk + 32));
      const leaf = columnLeaf({ leafHashes, state }, chunk, group);
      const hash = hashInDomain(domain.columnLeaf, keccak256(concatBytes(...leaf.leafHashes)), leaf.state);
      return { chunk, group, hash, leaf };
    }),
  ).flat();
}
