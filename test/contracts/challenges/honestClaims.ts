/** Accusations of what is right: every opening is true, and only what is claimed of it is false. */
import type { Challenge } from '../../../client/core/challenges/challenge.ts';
import { falseSumArgument, sumNodeArgument } from '../../../client/core/challenges/evidence.ts';
import { updateToBytes } from '../../../client/core/codec.ts';
import { buildColumn } from '../../../client/core/columns.ts';
import { buildUpdateTree } from '../../../client/core/commitment.ts';
import { toHex } from '../../../client/core/hash.ts';
import { buildEntriesTree, groupInputs, groupWeights } from '../../../client/core/inputs.ts';
import { merkleRoot } from '../../../client/core/merkle.ts';
import { chunkCount, groupSize, treeDepth } from '../../../client/core/numbers.ts';
import type { Random } from '../../../client/core/random.ts';
import { openReputation } from '../../../client/core/rewards/reputations.ts';
import { emptyNode, proveNode, type SumTree, sumNodeAt } from '../../../client/core/sumTree.ts';
import * as evidence from '../evidence.ts';
import type { RealRound } from './rounds.ts';

type Claim = (real: RealRound, random: Random) => { args: unknown[] } | undefined;

const noInput = (real: RealRound) => evidence.inputOpening(real.right, 0);

function modelTree({ right }: RealRound) {
  return new evidence.FlatTree(evidence.modelLeaves(right.model), right.modelTree.depth);
}

function pickColumn({ right }: RealRound, random: Random, lastGroup = false) {
  const groups = Math.ceil(right.updates.length / groupSize);
  const group = lastGroup ? groups - 1 : random.below(groups);
  return { chunk: random.below(chunkCount(right.model.length)), group };
}

/** A node of a sum tree with its children: its sum is the true one. */
function trueSum(tree: SumTree, random: Random, rootSum: number) {
  const height = random.below(tree.depth + 1);
  const index = random.below(tree.sums[height]!.length);
  const stored = sumNodeAt(tree, height, index);
  const node = height === tree.depth ? { ...stored, sum: rootSum } : stored;
  const children =
    height === 0 ? [emptyNode, emptyNode] : [0, 1].map((i) => sumNodeAt(tree, height - 1, 2 * index + i));
  const path = proveNode(tree, height, index);
  return { height, index, node, left: children[0]!, right: children[1]!, path };
}

function submissionOf({ staged }: RealRound, at: number) {
  const { trainer, terms, commitment, cid } = staged.submissions[at]!;
  return { trainer, terms, commitment, cid };
}

const againstProposal: Record<string, Claim> = {
  'AggregateChallenges.refuteModelChunk': (real, random) => {
    const { chunk, group } = pickColumn(real, random, true);
    const model = evidence.modelChunk(real.staged.base, chunk, modelTree(real));
    return { args: [model, evidence.columnLeaf(real.right, chunk, group)] };
  },
  'AggregateChallenges.refuteModelDirectly': (real, random) => {
    const { chunk } = pickColumn(real, random);
    const { rule, updates } = real.right;
    const cuts = rule.name === 'mean' ? '0x' : toHex(buildColumn(rule, updates, chunk).states[0]!.subarray(0, 256));
    const model = evidence.modelChunk(real.staged.base, chunk, modelTree(real));
    return { args: [model, evidence.directInputs(real.right, chunk), cuts] };
  },
  'AggregateChallenges.refuteModelShape': (real, random) => {
    const tree = modelTree(real);
    const index = random.below(2 ** real.right.modelTree.depth);
    return { args: [index, tree.node(0, index), tree.path(index)] };
  },
  'AggregateChallenges.refuteColumnState': (real, random) => {
    const { chunk, group } = pickColumn(real, random);
    return { args: [evidence.columnLeaf(real.right, chunk, group), evidence.columnStep(real.right, chunk, group)] };
  },
  'AggregateChallenges.refuteColumnEntry': (real, random) => {
    const { chunk, group } = pickColumn(real, random);
    const members = groupInputs(real.right.updates)[group]!;
    const place = random.below(members.length);
    const leafHashes = members.map(({ leafHashes }) => toHex(leafHashes.slice(32 * chunk, 32 * chunk + 32)));
    const input = evidence.inputOpening(real.right, group * groupSize + place);
    const update = evidence.updateLeaf(members[place]!, chunk);
    return { args: [evidence.columnLeaf(real.right, chunk, group), leafHashes, input, update] };
  },
  'AggregateChallenges.refuteCuts': (real, random) => {
    const { chunk, group } = pickColumn(real, random, true);
    return { args: [evidence.columnLeaf(real.right, chunk, group)] };
  },
  'AggregateChallenges.refuteColumnShape': (real, random) => {
    const { leaves, depth } = evidence.columnLeaves(real.right);
    const tree = new evidence.FlatTree(leaves, depth);
    const index = random.below(2 ** depth);
    return { args: [index, tree.node(0, index), tree.path(index)] };
  },
  'InputChallenges.refuteUnsubmitted': ({ right }, random) => ({
    args: [evidence.inputOpening(right, random.below(right.updates.length))],
  }),
  'InputChallenges.refuteMisquoted': (real, random) => {
    const at = random.below(real.right.updates.length);
    const { terms, commitment, cid } = submissionOf(real, at);
    return {
      args: [
        evidence.inputOpening(real.right, at),
        terms,
        commitment,
        cid,
        openReputation(real.facts.reputations, real.staged.updates[at]!.trainer),
      ],
    };
  },
  'InputChallenges.refuteDisorder': ({ right }, random) => {
    if (right.updates.length === 1) return undefined;
    const first = random.below(right.updates.length - 1);
    return { args: [evidence.inputOpening(right, first), evidence.inputOpening(right, first + 1)] };
  },
  'InputChallenges.refuteInputCount': ({ right }, random) => {
    const places = Math.ceil(right.updates.length / groupSize) * groupSize;
    return { args: [evidence.inputOpening(right, random.below(places))] };
  },
  'InputChallenges.refuteIncluded': ({ right, facts }, random) => ({
    args: [evidence.inputOpening(right, random.below(right.updates.length)), facts.omitted],
  }),
  'InputChallenges.refuteMissing': (real, random) => {
    const { updates } = real.right;
    const index = random.below(updates.length + 1);
    // one that is in, one that is left out, or one that never was there
    const named = [updates[Math.min(index, updates.length - 1)]!.trainer, ...real.facts.omitted];
    const trainer = random.below(2) === 0 ? named[random.below(named.length)]! : real.staged.stranger.address;
    const before = index > 0 ? evidence.inputOpening(real.right, index - 1) : noInput(real);
    const after = index < updates.length ? evidence.inputOpening(real.right, index) : noInput(real);
    return { args: [trainer, index, before, after, real.facts.omitted] };
  },
  'InputChallenges.refuteInputsSum': ({ right }, random) => {
    const sum = trueSum(right.inputsTree.tree, random, right.commitment.totalWeight);
    const group = groupInputs(right.updates)[sum.height === 0 ? sum.index : 0]!;
    return { args: [falseSumArgument(sum), toHex(groupWeights(group)), toHex(merkleRoot(buildEntriesTree(group)))] };
  },
  'InputChallenges.refuteInputsShape': ({ right }, random) => {
    const { tree } = right.inputsTree;
    const group = random.below(2 ** tree.depth);
    const path = proveNode(tree, 0, group).map(sumNodeArgument);
    return { args: [group, sumNodeArgument(sumNodeAt(tree, 0, group)), path] };
  },
  'TrainerChallenges.refuteNormOfInput': (real, random) => {
    const at = random.below(real.right.updates.length);
    const input = evidence.inputOpening(real.right, at);
    return { args: [input, submissionOf(real, at), ...normEvidence(real, at, random)] };
  },
};

const againstTrainer: Record<string, Claim> = {
  'TrainerChallenges.refuteNorm': (real, random) => {
    const at = random.below(real.staged.updates.length);
    const root = toHex(real.staged.updates[at]!.updateRoot);
    return { args: [submissionOf(real, at), root, ...normEvidence(real, at, random)] };
  },
  'TrainerChallenges.refuteRange': (real, random) => {
    const at = random.below(real.staged.updates.length);
    const update = real.staged.updates[at]!;
    const tree = buildUpdateTree(update.values);
    const index = random.below(2 ** treeDepth(chunkCount(update.values.length)));
    const inside = index < chunkCount(update.values.length);
    const leaf = {
      leaf: sumNodeArgument(sumNodeAt(tree, 0, index)),
      path: proveNode(tree, 0, index).map(sumNodeArgument),
    };
    const chunk = inside ? toHex(evidence.chunkOf(update, index)) : '0x';
    return { args: [submissionOf(real, at), toHex(update.updateRoot), index, leaf, chunk] };
  },
  'TrainerChallenges.refuteCopy': (real, random) => {
    const at = random.below(real.staged.updates.length);
    const submission = submissionOf(real, at);
    return { args: [submission, submission, toHex(real.staged.updates[at]!.updateRoot)] };
  },
};

function normEvidence({ staged }: RealRound, at: number, random: Random): unknown[] {
  const { values } = staged.updates[at]!;
  const tree = buildUpdateTree(values);
  const sum = trueSum(tree, random, sumNodeAt(tree, tree.depth, 0).sum);
  const chunk = updateToBytes(values).slice(128 * sum.index, 128 * sum.index + 128);
  return [falseSumArgument(sum), sum.height === 0 ? toHex(chunk) : '0x'];
}

const claims = [
  ...Object.entries(againstProposal).map(([name, claim]) => ({ name, claim, against: 'proposal' as const })),
  ...Object.entries(againstTrainer).map(([name, claim]) => ({ name, claim, against: 'account' as const })),
];

/** Undefined where the round has nothing to make the claim of. */
export function claimFalsely(real: RealRound, random: Random): Challenge | undefined {
  const { name, claim, against } = claims[random.below(claims.length)]!;
  const [contract, method] = name.split('.') as [Challenge['contract'], Challenge['method']];
  const made = claim(real, random);
  return made === undefined ? undefined : { contract, method, against, args: made.args, fault: 'nothing is wrong' };
}
