/**
 * A wrong leaf of the posted columns. Where the cut values of a column are wrong and all its states follow from them, the fault
 * shows only in the counts of its last state; where a state does not follow, in that step.
 */
import type { Aggregate } from '../aggregate.ts';
import { updateToBytes } from '../codec.ts';
import { buildColumn, buildColumnWithCuts, type ColumnGroups } from '../columns.ts';
import { buildUpdateTree } from '../commitment.ts';
import { concatBytes, equalBytes, type Hash, keccak256, toHex } from '../hash.ts';
import { groupInputs } from '../inputs.ts';
import { isEmpty, proveLeaf } from '../merkle.ts';
import { chunkCoordinates, chunkCount, groupSize, treeDepth } from '../numbers.ts';
import type { Cuts } from '../rules/trimmedMean.ts';
import { proveNode, sumNodeAt } from '../sumTree.ts';
import type { Challenge, ChallengeMethods, Step } from './challenge.ts';
import { groupArguments, hexHashes, openInputOf, sumNodeArgument } from './evidence.ts';
import {
  columnsTreeView,
  findWrongLeaf,
  findWrongLeafBelow,
  modelTreeView,
  type PostedTree,
  type TreeView,
  type Unopened,
  type WrongLeaf,
} from './trees.ts';

/** What a leaf of the columns is the hash of. */
export interface ColumnLeafOpening {
  /** Of the group's updates. */
  leafHashes: readonly Hash[];
  state: Uint8Array;
}

/** What is known of posted columns: their tree, and leaves that were opened, by index. */
export interface OpenedColumns {
  tree: PostedTree;
  leaves: ReadonlyMap<number, ColumnLeafOpening>;
}

interface ColumnLeaf {
  chunk: number;
  group: number;
  groupHash: Hash;
  state: Uint8Array;
  path: readonly Hash[];
}

export function refuteAggregate(
  method: ChallengeMethods['AggregateChallenges'],
  args: readonly unknown[],
  fault: string,
): Challenge {
  return { contract: 'AggregateChallenges', method, against: 'proposal', args, fault };
}

/**
 * The fault of posted columns, or what of them must be opened next; undefined where they are the right ones. The posted inputs must be
 * the right ones.
 */
export function nextColumnsStep(right: Aggregate, opened: OpenedColumns): Step<Unopened> | undefined {
  const view = columnsTreeView(right);
  const found = findWrongLeaf(view, opened.tree);
  if (found === undefined || 'open' in found) return found;
  const { leaf } = found;
  const place = placeOf(right, leaf.index);
  const step = stepAtLeaf(right, opened, leaf, place);
  if (step !== undefined) return step;
  const { state } = opened.leaves.get(leaf.index)!;
  const posted = { ...place, state, path: leaf.path };
  if (right.rule.name === 'mean' || place.group > 0) {
    return { challenge: refuteState(right, posted, buildColumn(right.rule, right.updates, place.chunk)) };
  }
  const column = buildColumnWithCuts(right.updates, place.chunk, cutsOf(state));
  if (!equalBytes(column.states[0]!, state)) return { challenge: refuteState(right, posted, column) };
  return stepBelowCuts(right, opened, place.chunk, column);
}

/** In a column whose first state follows from wrong cut values: the first state that does not, or the counts of the last. */
function stepBelowCuts(
  right: Aggregate,
  opened: OpenedColumns,
  chunk: number,
  column: ColumnGroups,
): Step<Unopened> | undefined {
  const { depth } = column.tree;
  const found = findWrongLeafBelow(viewOfColumn(column, chunk), opened.tree, depth, chunk);
  if (found === undefined) return { challenge: refuteCuts(opened.tree, chunk, column) };
  if ('open' in found) return found;
  const { leaf } = found;
  const place = placeOf(right, leaf.index);
  const step = stepAtLeaf(right, opened, leaf, place);
  if (step !== undefined) return step;
  const { state } = opened.leaves.get(leaf.index)!;
  return { challenge: refuteState(right, { ...place, state, path: leaf.path }, column) };
}

/** What a wrong leaf shows by itself, or that it must be opened; undefined where its state is wrong and nothing else. */
function stepAtLeaf(
  right: Aggregate,
  { leaves }: OpenedColumns,
  { index, hash, path }: WrongLeaf,
  place: Place,
): Step<Unopened> | undefined {
  const { chunk, group } = place;
  const inside = chunk < chunkCount(right.model.length) && group < Math.ceil(right.updates.length / groupSize);
  if (inside === isEmpty(hash)) {
    const fault = `the proposal's columns have ${inside ? 'no' : 'a'} leaf for group ${group} of chunk ${chunk}`;
    return { challenge: refuteAggregate('refuteColumnShape', [index, toHex(hash), hexHashes(path)], fault) };
  }
  const opening = leaves.get(index);
  if (opening === undefined) return { open: { height: 0, index, span: 0, node: hash, path } };
  const updates = groupInputs(right.updates)[group]!;
  const wrong = updates.findIndex(({ leafHashes }, member) => {
    return !equalBytes(leafHashes.subarray(chunk * 32, chunk * 32 + 32), opening.leafHashes[member]!);
  });
  return wrong < 0 ? undefined : { challenge: refuteEntry(right, place, opening, path, wrong) };
}

function refuteEntry(
  { inputsTree, updates }: Aggregate,
  place: Place,
  { leafHashes, state }: ColumnLeafOpening,
  path: readonly Hash[],
  member: number,
): Challenge {
  const { chunk, group } = place;
  const index = group * groupSize + member;
  const { trainer, values } = updates[index]!;
  const tree = buildUpdateTree(values);
  const column = columnLeafArgument({ ...place, groupHash: keccak256(concatBytes(...leafHashes)), state, path });
  const input = openInputOf(inputsTree, index);
  const update = {
    leaf: sumNodeArgument(sumNodeAt(tree, 0, chunk)),
    path: proveNode(tree, 0, chunk).map(sumNodeArgument),
  };
  const fault = `chunk ${chunk} of ${trainer} is another one in the proposal's columns`;
  return refuteAggregate('refuteColumnEntry', [column, hexHashes(leafHashes), input, update], fault);
}

/** `reference` is the column that the posted one agrees with up to the group before. */
function refuteState(
  { inputsTree, updates }: Aggregate,
  posted: Omit<ColumnLeaf, 'groupHash'>,
  reference: ColumnGroups,
): Challenge {
  const { chunk, group } = posted;
  const start = chunk * chunkCoordinates;
  const chunks = groupInputs(updates)[group]!.map(({ values }) =>
    updateToBytes(values.subarray(start, start + chunkCoordinates)),
  );
  const step = {
    chunks: toHex(concatBytes(...chunks)),
    ...groupArguments(groupInputs(inputsTree.inputs)[group]!),
    groupPath: proveNode(inputsTree.tree, 0, group).map(sumNodeArgument),
    ...previousArguments(reference, group),
  };
  const column = columnLeafArgument({ ...posted, groupHash: reference.groupHashes[group]! });
  const fault = `the state of chunk ${chunk} after group ${group} does not follow from the updates`;
  return refuteAggregate('refuteColumnState', [column, step], fault);
}

function previousArguments({ tree, states, groupHashes }: ColumnGroups, group: number) {
  if (group === 0) {
    return { previousGroupHash: `0x${'00'.repeat(32)}`, previousState: '0x', previousPath: [] };
  }
  // up to where the ways of both leaves meet
  const meeting = Math.log2(group & -group);
  return {
    previousGroupHash: toHex(groupHashes[group - 1]!),
    previousState: toHex(states[group - 1]!),
    previousPath: hexHashes(proveLeaf(tree, group - 1).slice(0, meeting)),
  };
}

function refuteCuts(
  tree: PostedTree,
  chunk: number,
  { states, groupHashes, tree: columnTree }: ColumnGroups,
): Challenge {
  const group = states.length - 1;
  const path = tree.path(0, chunk * 2 ** columnTree.depth + group);
  const column = columnLeafArgument({ chunk, group, groupHash: groupHashes[group]!, state: states[group]!, path });
  return refuteAggregate(
    'refuteCuts',
    [column],
    `the cut values of chunk ${chunk} have not the rank that they must have`,
  );
}

export function columnLeafArgument({ chunk, group, groupHash, state, path }: ColumnLeaf) {
  return { chunk, group, groupHash: toHex(groupHash), state: toHex(state), path: hexHashes(path) };
}

interface Place {
  chunk: number;
  group: number;
}

/** A leaf's index is chunk ‖ group. */
function placeOf({ updates }: Aggregate, index: number): Place {
  const width = 2 ** treeDepth(Math.ceil(updates.length / groupSize));
  return { chunk: Math.floor(index / width), group: index % width };
}

/** A column's own tree in the place where the tree of all columns has it. */
function viewOfColumn({ tree }: ColumnGroups, chunk: number): TreeView {
  const view = modelTreeView(tree);
  return {
    depth: tree.depth,
    node: (height, index) => view.node(height, index - chunk * 2 ** (tree.depth - height)),
  };
}

/** The two cut values of each coordinate, from the front of a state. */
function cutsOf(state: Uint8Array): Cuts {
  const view = new DataView(state.buffer, state.byteOffset, state.length);
  const read = (offset: number) =>
    Int16Array.from({ length: chunkCoordinates }, (_, i) => view.getInt16(offset + 2 * i));
  return { low: read(0), high: read(2 * chunkCoordinates) };
}
