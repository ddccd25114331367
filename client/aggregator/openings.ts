/** Answers to demands: what lies below a node of a proposal's trees, from its inputs. */
import { structArgument } from '../chain/federation.ts';
import type { Demand } from '../chain/openings.ts';
import type { Proposal, ProposedRound } from '../chain/rounds.ts';
import type { Aggregate } from '../core/aggregate.ts';
import { emptyInput, sumNodeArgument } from '../core/challenges/evidence.ts';
import { columnsTreeView, modelTreeView } from '../core/challenges/trees.ts';
import { buildColumn, type VerifiedUpdate } from '../core/columns.ts';
import { buildUpdateTree } from '../core/commitment.ts';
import { equalBytes, toHex } from '../core/hash.ts';
import { groupInputs, groupWeights } from '../core/inputs.ts';
import { groupSize, updateChunkBytes } from '../core/numbers.ts';
import { proveNode, sumNodeAt } from '../core/sumTree.ts';

/** A call of the Openings contract. */
export interface Answer {
  method: 'openHashes' | 'openSums' | 'openColumnLeaf' | 'openInputsGroup' | 'openUpdateChunk';
  args: readonly unknown[];
}

/** Undefined where the posted tree is not the one that follows from the inputs: nobody can open it from them. */
export function answerDemand(right: Aggregate, { proposed }: ProposedRound, demand: Demand): Answer | undefined {
  const { proposal } = proposed;
  if (demand.tree === 'update') return answerUpdateDemand(right.updates, proposal, demand);
  const root = ({ model: 'modelRoot', columns: 'columnsRoot', inputs: 'inputsRoot' } as const)[demand.tree];
  const posted = equalBytes(proposal[root], right.commitment[root]);
  // the depth of two of the trees follows from it
  if (!posted || proposal.inputCount !== right.commitment.inputCount) return undefined;
  const { method, shown } = show(right, demand);
  return { method, args: [demand.struct, structArgument(proposal), ...shown] };
}

/** From the update alone, whatever else is right. Undefined where it is none of these. */
export function answerUpdateDemand(
  updates: Iterable<VerifiedUpdate>,
  proposal: Proposal,
  { struct, node, index }: Demand,
): Answer | undefined {
  const update = [...updates].find(({ updateRoot }) => equalBytes(updateRoot, node.hash));
  if (update === undefined) return undefined;
  const chunk = update.bytes.subarray(updateChunkBytes * index, updateChunkBytes * (index + 1));
  const path = proveNode(buildUpdateTree(update.values, update.bytes), 0, index).map(sumNodeArgument);
  return { method: 'openUpdateChunk', args: [struct, structArgument(proposal), toHex(chunk), path] };
}

function show(right: Aggregate, { tree, height, span, index }: Demand): { method: Answer['method']; shown: unknown[] } {
  if (span === 0) return tree === 'columns' ? showColumnLeaf(right, index) : showInputsGroup(right, index);
  const [level, first] = [height - span, index * 2 ** span];
  const nodesBelow = <T>(nodeAt: (index: number) => T) =>
    Array.from({ length: 2 ** span }, (_, i) => nodeAt(first + i));
  if (tree === 'inputs') {
    return {
      method: 'openSums',
      shown: [nodesBelow((at) => sumNodeArgument(sumNodeAt(right.inputsTree.tree, level, at)))],
    };
  }
  const view = tree === 'model' ? modelTreeView(right.modelTree) : columnsTreeView(right);
  return { method: 'openHashes', shown: [nodesBelow((at) => toHex(view.node(level, at)))] };
}

function showColumnLeaf(right: Aggregate, index: number): { method: 'openColumnLeaf'; shown: unknown[] } {
  const groups = 2 ** right.inputsTree.tree.depth;
  const [chunk, group] = [Math.floor(index / groups), index % groups];
  const leafHashes = groupInputs(right.updates)[group]!.map(({ leafHashes }) =>
    toHex(leafHashes.subarray(32 * chunk, 32 * chunk + 32)),
  );
  const { states } = buildColumn(right.rule, right.updates, chunk);
  return { method: 'openColumnLeaf', shown: [leafHashes, toHex(states[group]!)] };
}

function showInputsGroup(right: Aggregate, index: number): { method: 'openInputsGroup'; shown: unknown[] } {
  const group = groupInputs(right.inputsTree.inputs)[index]!;
  const places = Array.from({ length: groupSize }, (_, place) => group[place] ?? emptyInput);
  const trainers = places.map(({ trainer }) => trainer);
  const updateRoots = places.map(({ updateRoot }) => toHex(updateRoot));
  return { method: 'openInputsGroup', shown: [BigInt(toHex(groupWeights(group))), trainers, updateRoots] };
}
