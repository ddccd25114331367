/** What demands have brought to light of a proposal's trees, whoever made them. */
import type { Demand, Opened } from '../chain/openings.ts';
import type { PostedProposal } from '../core/challenges/challenge.ts';
import type { ColumnLeafOpening, OpenedColumns } from '../core/challenges/columns.ts';
import { type OpenedInputs, openedGroup, postedInputsTree } from '../core/challenges/inputs.ts';
import { PostedTree } from '../core/challenges/trees.ts';
import { equalBytes, type Hash } from '../core/hash.ts';
import type { RoundInput } from '../core/inputs.ts';

/** The model's tree as far as it was opened. */
export function openedModel(modelRoot: Hash, depth: number, demands: readonly Demand[]): PostedTree {
  const tree = new PostedTree(modelRoot, depth);
  for (const demand of openedOf(demands, 'model')) learnInPlace(tree, demand);
  return tree;
}

export function openedColumns(columnsRoot: Hash, depth: number, demands: readonly Demand[]): OpenedColumns {
  const tree = new PostedTree(columnsRoot, depth);
  const leaves = new Map<number, ColumnLeafOpening>();
  for (const demand of openedOf(demands, 'columns')) {
    if (demand.opened.kind === 'columnLeaf') leaves.set(demand.index, demand.opened);
    else learnInPlace(tree, demand);
  }
  return { tree, leaves };
}

export function openedInputs(proposal: PostedProposal, demands: readonly Demand[]): OpenedInputs {
  const tree = postedInputsTree(proposal);
  const groups = new Map<number, readonly RoundInput[]>();
  for (const { height, index, span, node, opened } of openedOf(demands, 'inputs')) {
    if (opened.kind === 'inputsGroup') groups.set(index, openedGroup(opened.weights, opened.entries));
    const known = tree.node(height, index);
    if (opened.kind === 'sums' && known !== undefined && equalBytes(known.hash, node.hash)) {
      tree.learn(height, index, span, opened.nodes);
    }
  }
  return { tree, groups };
}

function openedOf(demands: readonly Demand[], tree: Demand['tree']): (Demand & { opened: Opened })[] {
  return demands.filter((demand): demand is Demand & { opened: Opened } => {
    return demand.tree === tree && demand.opened !== undefined;
  });
}

/** A node that hangs on nothing known tells nothing. */
function learnInPlace(tree: PostedTree, { height, index, span, node, opened }: Demand & { opened: Opened }): void {
  const known = tree.node(height, index);
  if (opened.kind !== 'hashes' || known === undefined || !equalBytes(known, node.hash)) return;
  tree.learn(height, index, span, opened.nodes);
}
