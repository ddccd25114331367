/** Faults of a proposal's inputs, and of what electors sign about them. */
import { keccak256 } from 'ethers';
import { toHex } from '../../../client/core/hash.ts';
import { buildEntriesTree, groupWeights, hashInputs, type RoundInput } from '../../../client/core/inputs.ts';
import { groupSize } from '../../../client/core/numbers.ts';
import { openReputation } from '../../../client/core/rewards/reputations.ts';
import { sumNodeAt, sumTreeRoot } from '../../../client/core/sumTree.ts';
import * as evidence from '../evidence.ts';
import { attest } from '../round.ts';
import { omitAndPropose, proposeStaged, type Staged, stage } from '../stagedRound.ts';
import { type Case, type Fault, noNode, proposeInputs } from './fault.ts';

/** An entry of inputs as they stand, right or not. */
function openingOf(inputs: readonly RoundInput[], index: number) {
  return evidence.inputOpening({ inputsTree: { inputs, tree: hashInputs(inputs) } }, index);
}

async function wrongInputs(
  change: (inputs: RoundInput[]) => RoundInput[],
  argsOf: (inputs: readonly RoundInput[], staged: Staged) => unknown[],
): Promise<Fault> {
  const staged = await stage({ count: 3, dimension: 64 });
  const inputs = change(staged.updates.map(({ trainer, updateRoot, weight }) => ({ trainer, updateRoot, weight })));
  const proposal = await proposeInputs(staged, inputs, 3);
  return { staged, proposal, args: argsOf(inputs, staged) };
}

async function unsubmitted(): Promise<Fault> {
  return await wrongInputs(
    (inputs) => inputs.with(1, { ...inputs[1]!, trainer: stranger(inputs[0]!.trainer) }),
    (inputs) => [openingOf(inputs, 1)],
  );
}

async function misquoted(): Promise<Fault> {
  return await wrongInputs(
    (inputs) => inputs.with(1, { ...inputs[1]!, weight: (inputs[1]!.weight % 65_535) + 1 }),
    (inputs, { submissions }) => {
      const { terms, commitment, cid } = submissions[1]!;
      return [openingOf(inputs, 1), terms, commitment, cid, openReputation(undefined, inputs[1]!.trainer)];
    },
  );
}

async function twice(): Promise<Fault> {
  return await wrongInputs(
    (inputs) => inputs.with(2, inputs[1]!),
    (inputs) => [openingOf(inputs, 1), openingOf(inputs, 2)],
  );
}

async function tooFew(): Promise<Fault> {
  return await wrongInputs(
    (inputs) => inputs.slice(0, 2),
    (inputs) => [openingOf(inputs, 2)],
  );
}

async function missing(): Promise<Fault> {
  const staged = await stage({ count: 3, dimension: 64 });
  const inputs = staged.updates.filter((_, index) => index !== 1);
  await staged.time.increase(1000);
  const proposal = await proposeInputs(staged, inputs);
  const [before, after] = [openingOf(inputs, 0), openingOf(inputs, 1)];
  return { staged, proposal, args: [staged.updates[1]!.trainer, 1, before, after, []] };
}

async function included(): Promise<Fault> {
  const staged = await stage({ count: 3, dimension: 64 });
  const omitted = [staged.updates[1]!.trainer];
  const proposal = await omitAndPropose(staged, omitted, {});
  return { staged, proposal, args: [evidence.inputOpening(staged.right, 1), omitted] };
}

/** The root's weights are right, but the proposal says one more. */
async function wrongSum(): Promise<Fault> {
  const staged = await stage({ count: 3, dimension: 64 });
  const { tree } = staged.right.inputsTree;
  const node = evidence.sumNode(sumTreeRoot(tree));
  const proposal = await proposeStaged(staged, { totalWeight: node.sum + 1n });
  const falseSum = {
    height: 0,
    index: 0,
    node: { ...node, sum: node.sum + 1n },
    left: noNode,
    right: noNode,
    path: [],
  };
  const weights = BigInt(toHex(groupWeights(staged.updates)));
  const entriesRoot = toHex(buildEntriesTree(staged.updates).levels[4]!.slice(0, 32));
  return { staged, proposal, args: [falseSum, weights, entriesRoot] };
}

/** A tree of two groups whose second one is empty. */
async function wrongInputsShape(): Promise<Fault> {
  const staged = await stage({ count: 20, dimension: 64 });
  const tree = hashInputs(staged.updates.slice(0, groupSize), 1);
  const { hash, sum } = sumTreeRoot(tree);
  const proposal = await proposeStaged(staged, { inputsRoot: toHex(hash), totalWeight: BigInt(sum) });
  return { staged, proposal, args: [1, noNode, [evidence.sumNode(sumNodeAt(tree, 0, 0))]] };
}

async function equivocation(): Promise<Fault> {
  const staged = await stage({ count: 3, dimension: 64 });
  const [root, other] = [keccak256('0x01'), keccak256('0x02')];
  const signer = staged.aggregators.slice(0, 1);
  const { federation } = staged;
  const { edition } = await federation.clock();
  const [first] = await attest(federation, { round: 1, inputsRoot: root, edition }, signer);
  const [second] = await attest(federation, { round: 1, inputsRoot: other, edition }, signer);
  return { staged, args: [1, edition, root, other, first, second] };
}

/** An address just behind another, of nobody. */
function stranger(trainer: string): string {
  return `0x${(BigInt(trainer) + 1n).toString(16).padStart(40, '0')}`;
}

export const inputCases: readonly Case[] = [
  { contract: 'inputs', method: 'refuteUnsubmitted', fault: unsubmitted },
  { contract: 'inputs', method: 'refuteMisquoted', fault: misquoted },
  { contract: 'inputs', method: 'refuteDisorder', fault: twice },
  { contract: 'inputs', method: 'refuteInputCount', fault: tooFew },
  { contract: 'inputs', method: 'refuteIncluded', fault: included },
  { contract: 'inputs', method: 'refuteMissing', fault: missing },
  { contract: 'inputs', method: 'refuteInputsSum', fault: wrongSum },
  { contract: 'inputs', method: 'refuteInputsShape', fault: wrongInputsShape },
  { contract: 'inputs', method: 'refuteSignatures', fault: equivocation },
];
