/**
 * What is wrong with a proposal's inputs: entry by entry against what the chain says was submitted, from a published list, or from
 * the groups of a tree that was opened on demand.
 */
import { equalBytes, type Hash } from '../hash.ts';
import { groupInputs, hashInputs, type RoundInput } from '../inputs.ts';
import { isEmpty } from '../merkle.ts';
import { groupSize, treeDepth } from '../numbers.ts';
import { emptyNode, proveNode, sumTreeRoot } from '../sumTree.ts';
import type { Challenge, PostedProposal, RoundFacts, Step } from './challenge.ts';
import { examineEntries, type KnownInputs, refuteInputs } from './entries.ts';
import { falseSumArgument, groupArguments, sumNodeArgument } from './evidence.ts';
import { type FalseSum, findWrongGroup, groupPath, PostedSumTree, type UnopenedSum, type WrongGroup } from './sums.ts';

/** What is known of posted inputs that are not published: their tree, and groups that were opened. */
export interface OpenedInputs {
  tree: PostedSumTree;
  /** By index: 16 entries each, see `openedGroup`. */
  groups: ReadonlyMap<number, readonly RoundInput[]>;
}

/** The tree of the posted inputs as the proposal gives it: nothing but its root. */
export function postedInputsTree({ inputsRoot, totalWeight, inputCount }: PostedProposal): PostedSumTree {
  return new PostedSumTree({ hash: inputsRoot, sum: totalWeight }, inputsDepth(inputCount));
}

function inputsDepth(inputCount: number): number {
  return treeDepth(Math.ceil(inputCount / groupSize));
}

/** The entries of a group as a demand opens it. `weights` are 16 big-endian uint16. */
export function openedGroup(
  weights: Uint8Array,
  entries: readonly { trainer: string; updateRoot: Hash }[],
): RoundInput[] {
  return entries.map((entry, place) => ({ ...entry, weight: (weights[2 * place]! << 8) | weights[2 * place + 1]! }));
}

/**
 * The fault of a published list of inputs. Undefined where it has none, and where it is not what the proposal commits to: then
 * the posted inputs must be opened.
 */
export function challengeInputsList(
  list: readonly RoundInput[],
  posted: PostedProposal,
  facts: RoundFacts,
): Challenge | undefined {
  if (list.length !== posted.inputCount) return undefined;
  const tree = hashInputs(list);
  if (!equalBytes(sumTreeRoot(tree).hash, posted.inputsRoot)) return undefined;
  const groups = groupInputs(list);
  const examine = examineEntries(
    { group: (index) => groups[index], path: (index) => proveNode(tree, 0, index) },
    posted,
    facts,
  );
  for (let index = 0; index <= list.length; index++) {
    const challenge = examine(index);
    if (challenge !== undefined) return challenge;
  }
  const total = findWrongGroup(tree, postedInputsTree(posted));
  if (total === undefined) return undefined;
  if ('falseSum' in total) return refuteInnerSum(total.falseSum);
  return 'group' in total ? refuteGroupSum(total.group, groups[0]!) : undefined;
}

/**
 * The fault of posted inputs, or what of them must be opened next; undefined where they are the right ones.
 * `right` are the right inputs, sorted.
 */
export function nextInputsStep(
  right: readonly RoundInput[],
  opened: OpenedInputs,
  posted: PostedProposal,
  facts: RoundFacts,
): Step<UnopenedSum> | undefined {
  // the posted depth is the tree's, whatever the right inputs need
  const { depth } = opened.tree;
  const places = groupSize * 2 ** depth;
  const tree = hashInputs(right.slice(0, places), depth);
  const groups = groupInputs(right.slice(0, places));
  const found = findWrongGroup(tree, opened.tree);
  if (found !== undefined && 'open' in found) return found;
  if (found !== undefined && 'falseSum' in found) return { challenge: refuteInnerSum(found.falseSum) };
  const wrong = found?.group;
  if (wrong !== undefined) {
    const step = stepAtGroup(wrong, groups[wrong.index], opened, posted);
    if (step !== undefined) return step;
  }
  const known: KnownInputs = {
    group: (index) => (index === wrong?.index ? opened.groups.get(index) : groups[index]),
    path: (index) => groupPath(tree, opened.tree, index),
  };
  const examine = examineEntries(known, posted, facts);
  const start = wrong === undefined ? places : wrong.index * groupSize;
  const first = Math.min(start, right.length, posted.inputCount);
  const last = wrong === undefined ? first : start + groupSize - 1;
  for (let index = first; index <= last; index++) {
    const challenge = examine(index);
    if (challenge !== undefined) return { challenge };
  }
  return undefined;
}

/** What the leaf of a wrong group shows by itself, or that it must be opened. */
function stepAtGroup(
  wrong: WrongGroup,
  right: readonly RoundInput[] | undefined,
  { tree, groups }: OpenedInputs,
  posted: PostedProposal,
): Step<UnopenedSum> | undefined {
  const { index, node, path } = wrong;
  const rightHash = right === undefined ? emptyNode.hash : sumTreeRoot(hashInputs(right)).hash;
  if (right !== undefined && equalBytes(node.hash, rightHash)) return { challenge: refuteGroupSum(wrong, right) };
  const inside = index < Math.ceil(posted.inputCount / groupSize);
  const empty = isEmpty(node.hash) && (inside || node.sum === 0);
  if (inside === empty) return { challenge: refuteShape(wrong) };
  if (empty || groups.has(index)) return undefined;
  return { open: { height: 0, index, span: 0, node: tree.node(0, index) ?? node, path } };
}

function refuteShape({ index, node, path }: WrongGroup): Challenge {
  const fault = `group ${index} of the proposal's inputs is ${isEmpty(node.hash) ? 'empty' : 'behind the last one'}`;
  return refuteInputs('refuteInputsShape', [index, sumNodeArgument(node), path.map(sumNodeArgument)], fault);
}

/** A group whose weights are right and do not add up to its sum. */
function refuteGroupSum({ index, node, path }: WrongGroup, group: readonly RoundInput[]): Challenge {
  const { weights, entriesRoot } = groupArguments(group);
  const children = { left: emptyNode, right: emptyNode };
  return refuteSum({ height: 0, index, node, ...children, path }, weights, entriesRoot);
}

function refuteInnerSum(falseSum: FalseSum): Challenge {
  return refuteSum(falseSum, 0, `0x${'00'.repeat(32)}`);
}

function refuteSum(evidence: FalseSum, weights: string | number, entriesRoot: string): Challenge {
  const fault = `the weights of the proposal's inputs do not add up to ${evidence.node.sum}`;
  return refuteInputs('refuteInputsSum', [falseSumArgument(evidence), weights, entriesRoot], fault);
}
