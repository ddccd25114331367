/** The way to the proof that a proposal is wrong: what is proven by what is known, or what must be opened next. */
import type { Aggregate } from '../aggregate.ts';
import { equalBytes } from '../hash.ts';
import { chunkCount, groupSize, treeDepth } from '../numbers.ts';
import type { PostedProposal, RoundFacts, Step } from './challenge.ts';
import { nextColumnsStep, type OpenedColumns } from './columns.ts';
import { nextInputsStep, type OpenedInputs, postedInputsTree } from './inputs.ts';
import { challengeModel, fitsDirectly } from './model.ts';
import type { UnopenedSum } from './sums.ts';
import { findWrongLeaf, modelTreeView, PostedTree, type Unopened } from './trees.ts';

/** What a proposer has shown of its trees, or was made to show. */
export interface Known {
  inputs: OpenedInputs;
  model: PostedTree;
  columns: OpenedColumns;
}

export type Wanted = ({ tree: 'model' | 'columns' } & Unopened) | ({ tree: 'inputs' } & UnopenedSum);

/** Nothing but the roots that were posted. */
export function knownFromRoots(posted: PostedProposal, dimension: number): Known {
  const depth = treeDepth(chunkCount(dimension));
  const groupDepth = treeDepth(Math.ceil(posted.inputCount / groupSize));
  return {
    inputs: { tree: postedInputsTree(posted), groups: new Map() },
    model: new PostedTree(posted.modelRoot, depth),
    columns: { tree: new PostedTree(posted.columnsRoot, depth + groupDepth), leaves: new Map() },
  };
}

/**
 * The cheapest proof of what is wrong with a proposal, or the next opening on the way to it; undefined where nothing can be proven.
 * `right` is what the proposal must be, `base` the model that it starts from.
 */
export function nextStep(
  right: Aggregate,
  base: Int32Array,
  posted: PostedProposal,
  facts: RoundFacts,
  known: Known,
): Step<Wanted> | undefined {
  // the columns and the model are judged by the right inputs
  const inputs = nextInputsStep(right.inputsTree.inputs, known.inputs, posted, facts);
  if (inputs !== undefined) return 'open' in inputs ? { open: { tree: 'inputs', ...inputs.open } } : inputs;
  const sameColumns = equalBytes(posted.columnsRoot, right.commitment.columnsRoot);
  const model = sameColumns || fitsDirectly(right) ? nextModelStep(right, base, posted, known.model) : undefined;
  if (model !== undefined) return model;
  const columns = nextColumnsStep(right, known.columns);
  return columns !== undefined && 'open' in columns ? { open: { tree: 'columns', ...columns.open } } : columns;
}

function nextModelStep(
  right: Aggregate,
  base: Int32Array,
  posted: PostedProposal,
  known: PostedTree,
): Step<Wanted> | undefined {
  const found = findWrongLeaf(modelTreeView(right.modelTree), known);
  if (found === undefined) return undefined;
  if ('open' in found) return { open: { tree: 'model', ...found.open } };
  const challenge = challengeModel(posted, right, base, found.leaf);
  return challenge === undefined ? undefined : { challenge };
}
