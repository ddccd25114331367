/** Faults of what trainers submit. */
import type { VerifiedUpdate } from '../../../client/core/columns.ts';
import { buildUpdateTree } from '../../../client/core/commitment.ts';
import { toHex } from '../../../client/core/hash.ts';
import { buildSumTree, proveNode, sumNodeAt, sumTreeRoot } from '../../../client/core/sumTree.ts';
import { prepareUpdate } from '../../../client/core/verify.ts';
import * as evidence from '../evidence.ts';
import { proposeStaged, type Staged, stage, submitVerified } from '../stagedRound.ts';
import { type Case, type Fault, noNode, proposeInputs } from './fault.ts';

/** The second trainer's tree says more of its first chunk's norm than is true. */
function falseLeaf(update: VerifiedUpdate, index: number): VerifiedUpdate {
  return index === 1 ? { ...update, updateRoot: sumTreeRoot(falseTree(update)).hash } : update;
}

function falseTree({ values }: VerifiedUpdate) {
  const { hashes, sums } = buildUpdateTree(values);
  return buildSumTree(hashes[0]!, sums[0]!.with(0, sums[0]![0]! + 1));
}

/** The second trainer's update has a value behind the last coordinate. */
function beyond(update: VerifiedUpdate, index: number): VerifiedUpdate {
  if (index !== 1) return update;
  const values = new Int16Array(256);
  values.set(update.values);
  values[200] = 1;
  return prepareUpdate(update.trainer, update.weight, values);
}

async function falseNorm(proposed: boolean): Promise<Fault> {
  const staged = await stage({ count: 3, dimension: 200, falsify: falseLeaf, normLie: 1 });
  const update = staged.updates[1]!;
  const tree = falseTree(update);
  const path = proveNode(tree, 0, 0).map(evidence.sumNode);
  const node = evidence.sumNode(sumNodeAt(tree, 0, 0));
  const falseSum = { height: 0, index: 0, node, left: noNode, right: noNode, path };
  return await ofTrainer(staged, proposed, [falseSum, toHex(evidence.chunkOf(update, 0))]);
}

async function outOfRange(proposed: boolean): Promise<Fault> {
  const staged = await stage({ count: 3, dimension: 200, falsify: beyond, normLie: 1 });
  const update = staged.updates[1]!;
  return await ofTrainer(staged, proposed, [3, evidence.updateLeaf(update, 3), toHex(evidence.chunkOf(update, 3))]);
}

/** Of the trainer itself, or of the proposal that takes its update in. */
async function ofTrainer(staged: Staged, proposed: boolean, rest: unknown[]): Promise<Fault> {
  const submission = staged.submissions[1]!;
  if (!proposed) return { staged, args: [submission, toHex(staged.updates[1]!.updateRoot), ...rest] };
  const proposal = await proposeInputs(staged, staged.updates);
  return { staged, proposal, args: [evidence.inputOpening(staged.right, 1), submission, ...rest] };
}

/** In round 2 the first trainer submits what the second did in round 1. */
async function copy(): Promise<Fault> {
  const staged = await stage({ count: 3, dimension: 1024 });
  await proposeStaged(staged);
  const update = { ...staged.updates[1]!, trainer: staged.trainers[0]!.address };
  const submission = await submitVerified(staged, staged.trainers[0]!, update, 2);
  return { staged, args: [staged.submissions[1]!, submission, toHex(update.updateRoot)] };
}

export const trainerCases: readonly Case[] = [
  { contract: 'trainers', method: 'refuteNorm', fault: () => falseNorm(false) },
  { contract: 'trainers', method: 'refuteNormOfInput', fault: () => falseNorm(true) },
  { contract: 'trainers', method: 'refuteRange', fault: () => outOfRange(false) },
  { contract: 'trainers', method: 'refuteRangeOfInput', fault: () => outOfRange(true) },
  { contract: 'trainers', method: 'refuteCopy', fault: copy },
];
