/** Faults of a proposal's arithmetic. */
import { keccak256 } from 'ethers';
import { fromHex, type Hash, toHex } from '../../../client/core/hash.ts';
import { domain, hashInDomain } from '../../../client/core/merkle.ts';
import { chunkCount, groupSize } from '../../../client/core/numbers.ts';
import * as evidence from '../evidence.ts';
import { proposeStaged, type Staged, stage } from '../stagedRound.ts';
import type { Case, Fault } from './fault.ts';

const { FlatTree } = evidence;

/** 4 chunks, the last one of 8 coordinates, and two groups, the last one of 4 updates. */
const twoGroups = { count: 20, dimension: 200 };

/** A model with another value at its last coordinate, in the last chunk. */
function wrongModel({ right }: Staged) {
  const model = right.model.slice();
  model[model.length - 1]! ^= 1;
  const leaves = evidence.modelLeaves(model);
  return new FlatTree(leaves, Math.ceil(Math.log2(leaves.size)));
}

/** In the last chunk, by the last group. */
export async function wrongModelChunk(options: Parameters<typeof stage>[0]): Promise<Fault> {
  const staged = await stage({ ...twoGroups, ...options });
  const posted = wrongModel(staged);
  const proposal = await proposeStaged(staged, { modelRoot: posted.root });
  const [chunk, group] = [chunkCount(staged.base.length) - 1, Math.ceil(staged.updates.length / groupSize) - 1];
  const args = [evidence.modelChunk(staged.base, chunk, posted), evidence.columnLeaf(staged.right, chunk, group)];
  return { staged, proposal, args };
}

async function wrongModelDirectly(): Promise<Fault> {
  const staged = await stage({ count: 3, dimension: 200 });
  const posted = wrongModel(staged);
  const proposal = await proposeStaged(staged, { modelRoot: posted.root, columnsRoot: keccak256('0x01') });
  const args = [evidence.modelChunk(staged.base, 3, posted), evidence.directInputs(staged.right, 3), '0x'];
  return { staged, proposal, args };
}

/** Columns in which the leaf of one group is another. */
function wrongColumns(staged: Staged, chunk: number, group: number, groupHash: Hash, state: Uint8Array) {
  const { leaves, depth } = evidence.columnLeaves(staged.right);
  leaves.set(2 * chunk + group, hashInDomain(domain.columnLeaf, groupHash, state));
  const posted = new FlatTree(leaves, depth);
  const path = posted.path(2 * chunk + group);
  const column = { chunk, group, groupHash: toHex(groupHash), state: toHex(state), path };
  return { posted, column };
}

/** The state after a group with one bit of it flipped. */
async function wrongState(rule: string, chunk: number, group: number): Promise<Fault> {
  const staged = await stage({ ...twoGroups, rule });
  const right = evidence.columnLeaf(staged.right, chunk, group);
  const state = fromHex(right.state);
  state[state.length - 1]! ^= 1;
  const { posted, column } = wrongColumns(staged, chunk, group, fromHex(right.groupHash), state);
  const proposal = await proposeStaged(staged, { columnsRoot: posted.root });
  return { staged, proposal, args: [column, evidence.columnStep(staged.right, chunk, group)] };
}

async function wrongEntry(): Promise<Fault> {
  const staged = await stage(twoGroups);
  const { right, updates } = staged;
  const hashes = updates.slice(groupSize).map((update) => evidence.updateLeaf(update, 2).leaf.hash);
  hashes[1] = keccak256('0x01');
  const groupHash = fromHex(keccak256(`0x${hashes.map((hash) => hash.slice(2)).join('')}`));
  const { posted, column } = wrongColumns(staged, 2, 1, groupHash, fromHex(evidence.columnLeaf(right, 2, 1).state));
  const proposal = await proposeStaged(staged, { columnsRoot: posted.root });
  const update = evidence.updateLeaf(updates[17]!, 2);
  return { staged, proposal, args: [column, hashes, evidence.inputOpening(right, 17), update] };
}

/** A median whose last state says that more values lie below the low cut than may. */
async function wrongCuts(): Promise<Fault> {
  const staged = await stage({ ...twoGroups, rule: 'median' });
  const right = evidence.columnLeaf(staged.right, 1, 1);
  const state = fromHex(right.state);
  state[513] = 10;
  const { posted, column } = wrongColumns(staged, 1, 1, fromHex(right.groupHash), state);
  const proposal = await proposeStaged(staged, { columnsRoot: posted.root });
  return { staged, proposal, args: [column] };
}

/** A leaf behind the last: 3 chunks in a tree of 4. */
async function wrongShape(tree: 'model' | 'columns'): Promise<Fault> {
  const staged = await stage({ count: 3, dimension: 130 });
  const { right } = staged;
  const leaves = tree === 'model' ? evidence.modelLeaves(right.model) : evidence.columnLeaves(right).leaves;
  const leaf = fromHex(keccak256('0x01'));
  const posted = new FlatTree(leaves.set(3, leaf), 2);
  const proposal = await proposeStaged(staged, { [`${tree}Root`]: posted.root });
  return { staged, proposal, args: [3, toHex(leaf), posted.path(3)] };
}

export const aggregateCases: readonly Case[] = [
  { contract: 'aggregate', method: 'refuteModelChunk', fault: () => wrongModelChunk({}) },
  { contract: 'aggregate', method: 'refuteModelDirectly', fault: wrongModelDirectly },
  { contract: 'aggregate', method: 'refuteColumnState', fault: () => wrongState('mean', 2, 1) },
  { contract: 'aggregate', method: 'refuteColumnEntry', fault: wrongEntry },
  { contract: 'aggregate', method: 'refuteCuts', fault: wrongCuts },
  { contract: 'aggregate', method: 'refuteColumnShape', fault: () => wrongShape('columns') },
  { contract: 'aggregate', method: 'refuteModelShape', fault: () => wrongShape('model') },
];

/** The rules besides the mean. */
export const cutCases: readonly Case[] = ['median', 'trimmedMean:0.2'].flatMap((rule) => [
  { contract: 'aggregate', method: 'refuteModelChunk', fault: () => wrongModelChunk({ rule }) },
  { contract: 'aggregate', method: 'refuteColumnState', fault: () => wrongState(rule, 3, 0) },
  { contract: 'aggregate', method: 'refuteColumnState', fault: () => wrongState(rule, 2, 1) },
]);
