/** One thing wrong with a proposal: a single bit of its data, or a lie that all the rest is computed from. */
import { aggregate } from '../../../client/core/aggregate.ts';
import { buildColumnWithCuts, type ColumnGroups, type VerifiedUpdate } from '../../../client/core/columns.ts';
import { equalBytes, fromHex, type Hash, toHex } from '../../../client/core/hash.ts';
import type { RoundInput } from '../../../client/core/inputs.ts';
import { chunkCoordinates, chunkCount, groupSize, maxWeight } from '../../../client/core/numbers.ts';
import type { Random } from '../../../client/core/random.ts';
import { emptyNode, type SumNode } from '../../../client/core/sumTree.ts';
import { prepareUpdate } from '../../../client/core/verify.ts';
import { type Changes, type Posted, type PostedNodes, post } from './posted.ts';
import type { RealRound } from './rounds.ts';

export interface Falsified {
  /** The round as it stands with the proposal: whom that leaves out decides what is right. */
  real: RealRound;
  posted: Posted;
}

/** Bits of the two cut values of each coordinate, and of a whole state of the cut rules. */
const cutBits = 32 * chunkCoordinates;
const cutStateBits = 128 * chunkCoordinates;

const singleBits: Record<string, (real: RealRound, random: Random) => Changes> = {
  state: (real, random) => {
    const [isAt, bit] = [pickLeaf(real, random), random.uint32()];
    return { columnLeaf: (leaf, ...at) => (isAt(...at) ? { ...leaf, state: flip(leaf.state, bit) } : leaf) };
  },
  leafHash: (real, random) => {
    const [isAt, bit] = [pickLeaf(real, random), random.uint32()];
    return {
      columnLeaf: (leaf, ...at) => {
        const member = bit % leaf.leafHashes.length;
        const flipped = leaf.leafHashes.map((hash, i) => (i === member ? flip(hash, bit) : hash));
        return isAt(...at) ? { ...leaf, leafHashes: flipped } : leaf;
      },
    };
  },
  columnsNode: ({ right }, random) => ({ columnsNode: changeNode(post(right).columns, random, flip) }),
  model: (_, random) => {
    const bit = random.uint32();
    return { model: (bytes) => bytes.set(flip(bytes, bit)) };
  },
  modelNode: ({ right }, random) => ({ modelNode: changeNode(post(right).model, random, flip) }),
  input: (_, random) => {
    const [at, bit] = [random.uint32(), random.uint32()];
    return { inputs: (list) => list.map((input, i) => (i === at % list.length ? flipInput(input, bit) : input)) };
  },
  inputsHash: ({ right }, random) => ({
    inputsNode: changeNode(post(right).inputs, random, (node, bit) => ({ ...node, hash: flip(node.hash, bit) })),
  }),
  inputsSum: ({ right }, random) => ({ inputsNode: changeNode(post(right).inputs, random, flipSum) }),
  inputCount: ({ right }, random) => ({
    terms: { inputCount: flipNumber(right.commitment.inputCount, random.below(7)) },
  }),
  totalWeight: ({ right }, random) => ({
    terms: { totalWeight: flipNumber(right.commitment.totalWeight, random.below(32)) },
  }),
};

const lies: Record<string, (real: RealRound, random: Random) => Falsified> = {
  cuts: (real, random) => {
    const [at, bit] = [random.uint32(), random.below(cutBits)];
    return { real, posted: post(real.right, { column: wrongCuts(real, at, bit) }) };
  },
  stateBehindCuts: (real, random) => {
    const [at, cutBit, stateBit] = [random.uint32(), random.below(cutBits), random.below(cutStateBits - cutBits)];
    const column: Changes['column'] = (right, chunk) => {
      const wrong = wrongCuts(real, at, cutBit)(right, chunk);
      const group = at % wrong.states.length;
      const states = wrong.states.map((state, i) => (i === group ? flip(state, cutBits + stateBit) : state));
      return wrong === right ? right : { ...wrong, states };
    };
    return { real, posted: post(real.right, { column }) };
  },
  missing: (real, random) => {
    const at = random.below(real.right.updates.length);
    return postOf(
      real,
      real.right.updates.filter((_, i) => i !== at),
    );
  },
  forged: (real, random) => {
    const trainer = toHex(Uint8Array.from({ length: 20 }, () => random.below(256)));
    const { values } = real.right.updates[0]!;
    return postOf(real, [...real.right.updates.slice(1), prepareUpdate(trainer, 1, values)]);
  },
  weight: (real, random) => {
    const at = random.below(real.right.updates.length);
    return postOf(
      real,
      real.right.updates.map((update, i) =>
        i === at ? { ...update, weight: (update.weight % maxWeight) + 1 } : update,
      ),
    );
  },
  order: (real, random) => {
    const at = random.below(real.right.updates.length);
    const inputs = (list: RoundInput[]) => list.map((_, i) => list[i === at ? 0 : i === 0 ? at : i]!);
    return { real, posted: post(real.right, { inputs }) };
  },
  repeated: (real, random) => {
    const at = random.below(real.right.updates.length);
    const inputs = (list: RoundInput[]) => list.map((input, i) => (i === at + 1 ? list[at]! : input));
    return { real, posted: post(real.right, { inputs }) };
  },
  poisoned: (real, random) => {
    const [at, coordinate] = [random.below(real.right.updates.length), random.below(real.right.model.length)];
    const updates = real.right.updates.map((update, i) => (i === at ? poison(update, coordinate) : update));
    return postOf(real, updates);
  },
  emptied: (real, random) => {
    const posted = post(real.right);
    const empty = [
      { columnsNode: changeNode(posted.columns, random, () => emptyNode.hash) },
      { modelNode: changeNode(posted.model, random, () => emptyNode.hash) },
      { inputsNode: changeNode(posted.inputs, random, () => emptyNode) },
    ];
    return { real, posted: post(real.right, empty[random.below(empty.length)]!) };
  },
  omittedToo: (real, random) => {
    const { updates, rule } = real.right;
    const { trainer } = updates[random.below(updates.length)]!;
    const rest = updates.filter((update) => update.trainer !== trainer);
    if (rest.length === 0) return { real, posted: post(real.right) };
    const omitted = [...real.facts.omitted, trainer].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
    const facts = { ...real.facts, omitted, included: rest.map((update) => update.trainer) };
    return { real: { ...real, facts, right: aggregate(rule, real.staged.base, rest) }, posted: post(real.right) };
  },
};

export const kinds = [...Object.keys(singleBits), ...Object.keys(lies)];

/** Undefined where the round has nothing of the kind to falsify. */
export function falsify(kind: string, real: RealRound, random: Random): Falsified | undefined {
  const changes = singleBits[kind]?.(real, random);
  const falsified = changes === undefined ? lies[kind]!(real, random) : { real, posted: post(real.right, changes) };
  return isRight(falsified) ? undefined : falsified;
}

function isRight({ real, posted: { terms } }: Falsified): boolean {
  const { commitment } = real.right;
  const roots = ['modelRoot', 'inputsRoot', 'columnsRoot'] as const;
  return (
    roots.every((root) => equalBytes(terms[root], commitment[root])) &&
    terms.inputCount === commitment.inputCount &&
    terms.totalWeight === commitment.totalWeight
  );
}

/** What follows from other updates than the right ones. */
function postOf(real: RealRound, updates: VerifiedUpdate[]): Falsified {
  if (updates.length === 0) return { real, posted: post(real.right) };
  return { real, posted: post(aggregate(real.right.rule, real.staged.base, updates)) };
}

/** The update of another value, under the root of the right one. */
function poison(update: VerifiedUpdate, coordinate: number): VerifiedUpdate {
  const values = update.values.slice();
  values[coordinate] = values[coordinate]! > 0 ? -32_768 : 32_767;
  return { ...prepareUpdate(update.trainer, update.weight, values), updateRoot: update.updateRoot };
}

function wrongCuts(
  { right }: RealRound,
  at: number,
  bit: number,
): (column: ColumnGroups, chunk: number) => ColumnGroups {
  return (column, chunk) => {
    if (right.rule.name === 'mean' || chunk !== at % chunkCount(right.model.length)) return column;
    const view = new DataView(flip(column.states[0]!.slice(0, cutBits / 8), bit).buffer);
    const read = (start: number) =>
      Int16Array.from({ length: chunkCoordinates }, (_, i) => view.getInt16(start + 2 * i));
    return buildColumnWithCuts(right.updates, chunk, { low: read(0), high: read(2 * chunkCoordinates) });
  };
}

function pickLeaf({ right }: RealRound, random: Random): (chunk: number, group: number) => boolean {
  const chunk = random.below(chunkCount(right.model.length));
  const group = random.below(Math.ceil(right.updates.length / groupSize));
  return (...at) => at[0] === chunk && at[1] === group;
}

function changeNode<Node>(nodes: PostedNodes<Node>, random: Random, change: (node: Node, bit: number) => Node) {
  const height = random.below(nodes.levels.length);
  const index = random.below(nodes.levels[height]!.length);
  const bit = random.uint32();
  return { height, index, alter: (node: Node) => change(node, bit) };
}

/** `bit` counts from the front, around the end. */
function flip(bytes: Uint8Array, bit: number): Hash {
  const flipped = bytes.slice();
  flipped[(bit >>> 3) % bytes.length]! ^= 1 << (bit & 7);
  return flipped;
}

function flipNumber(value: number, bit: number): number {
  return Number(BigInt(value) ^ (1n << BigInt(bit)));
}

function flipSum(node: SumNode, bit: number): SumNode {
  return { ...node, sum: flipNumber(node.sum, bit % 53) };
}

function flipInput({ trainer, updateRoot, weight }: RoundInput, bit: number): RoundInput {
  const [field, place] = [bit % 3, Math.floor(bit / 3)];
  if (field === 0) return { trainer: toHex(flip(fromHex(trainer), place)), updateRoot, weight };
  if (field === 1) return { trainer, updateRoot: flip(updateRoot, place), weight };
  return { trainer, updateRoot, weight: flipNumber(weight, place % 16) };
}
