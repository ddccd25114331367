/**
 * The inputs of a round under one root: entries (trainer, update root, weight) sorted by address, in groups of 16.
 * A group's leaf is keccak256(4 ‖ 16 big-endian uint16 weights ‖ root of the 16 entries), its sum the group's weight; the
 * root of the sum tree over the groups so commits the total weight. An entry is keccak256(5 ‖ trainer ‖ update root).
 */
import { addressBytes } from './commitment.ts';
import { validateArgument } from './errors.ts';
import { concatBytes, type Hash, keccak256, toHex } from './hash.ts';
import { buildMerkleTree, domain, hashInDomain, isEmpty, type MerkleTree, merkleRoot } from './merkle.ts';
import { groupSize, maxInputs, maxWeight } from './numbers.ts';
import { buildSumTree, type SumTree } from './sumTree.ts';

/** Depth of the tree over a group's entries. */
const groupDepth = 4;

/** One input of a round: whose update, and what it weighs. */
export interface RoundInput {
  /** Address, `0x…`. */
  trainer: string;
  updateRoot: Hash;
  /** Integer in [1, 65535]. */
  weight: number;
}

/** The inputs of a round, and the sum tree over them; a leaf is a group of 16, its sum their weights. */
export interface InputsTree {
  /** Sorted by address. */
  inputs: readonly RoundInput[];
  tree: SumTree;
}

/** Errors: as sortInputs. */
export function buildInputsTree(unsorted: readonly RoundInput[]): InputsTree {
  const inputs = sortInputs(unsorted);
  return { inputs, tree: hashInputs(inputs) };
}

/** The tree over inputs as they stand, right or not; the depth follows from their number unless given. */
export function hashInputs(inputs: readonly RoundInput[], depth?: number): SumTree {
  const groups = groupInputs(inputs);
  const leaves = concatBytes(...groups.map(hashGroup));
  const sums = Float64Array.from(groups, (group) => group.reduce((sum, input) => sum + input.weight, 0));
  return buildSumTree(leaves, sums, depth);
}

/**
 * By address as a number, ascending: the one order of a round's inputs. Errors: ARGUMENT_INVALID for no inputs, too many,
 * what is no address, a trainer twice, or a weight out of range.
 */
export function sortInputs<T extends { trainer: string; weight: number }>(unsorted: readonly T[]): T[] {
  const inputs = [...unsorted].sort((a, b) => compareAddresses(a.trainer, b.trainer));
  validateArgument(inputs.length > 0, 'A round needs at least one input.');
  validateArgument(inputs.length <= maxInputs, `A round takes at most ${maxInputs} inputs, not ${inputs.length}.`);
  inputs.forEach(({ trainer, weight }, index) => {
    const previous = inputs[index - 1];
    validateArgument(
      /^0x[0-9a-f]{40}$/i.test(trainer),
      `"${trainer}" is not an address: 0x and 40 hexadecimal digits.`,
    );
    validateArgument(
      previous === undefined || compareAddresses(previous.trainer, trainer) !== 0,
      `Trainer ${trainer} is among the inputs twice.`,
    );
    validateArgument(
      Number.isInteger(weight) && weight >= 1 && weight <= maxWeight,
      `The weight of ${trainer} is ${weight}: it must be an integer from 1 to ${maxWeight}.`,
    );
  });
  return inputs;
}

export function compareAddresses(a: string, b: string): number {
  const [left, right] = [a.toLowerCase(), b.toLowerCase()];
  return left < right ? -1 : left > right ? 1 : 0;
}

export function groupInputs<T>(inputs: readonly T[]): T[][] {
  const groups: T[][] = [];
  for (let start = 0; start < inputs.length; start += groupSize) groups.push(inputs.slice(start, start + groupSize));
  return groups;
}

/** The weights of a group as the EVM reads them: 16 big-endian uint16, zero where there is no entry. */
export function groupWeights(group: readonly RoundInput[]): Uint8Array {
  const word = new Uint8Array(32);
  group.forEach(({ weight }, index) => {
    word[2 * index] = weight >> 8;
    word[2 * index + 1] = weight;
  });
  return word;
}

/** The tree over a group's 16 entries, empty ones zero. */
export function buildEntriesTree(group: readonly RoundInput[]): MerkleTree {
  return buildMerkleTree(concatBytes(...group.map(hashEntry)), groupDepth);
}

function hashGroup(group: readonly RoundInput[]): Hash {
  return hashInDomain(domain.inputsLeaf, groupWeights(group), merkleRoot(buildEntriesTree(group)));
}

/** An entry without trainer and root is none. */
function hashEntry({ trainer, updateRoot }: RoundInput): Hash {
  if (isEmpty(updateRoot) && isEmpty(addressBytes(trainer))) return updateRoot;
  return hashInDomain(domain.inputsEntry, addressBytes(trainer), updateRoot);
}

const entryBytes = 20 + 32 + 2;

/** Length in bytes of the list of so many inputs. */
export function inputsListBytes(count: number): number {
  return count * entryBytes;
}

/** The list as it is pinned: for each input, sorted, the trainer's address, its update root, its weight (uint16). */
export function encodeInputsList(inputs: readonly RoundInput[]): Uint8Array {
  const bytes = new Uint8Array(inputsListBytes(inputs.length));
  inputs.forEach(({ trainer, updateRoot, weight }, index) => {
    const offset = index * entryBytes;
    bytes.set(addressBytes(trainer), offset);
    bytes.set(updateRoot, offset + 20);
    bytes[offset + 52] = weight >> 8;
    bytes[offset + 53] = weight;
  });
  return bytes;
}

/** Errors: ARGUMENT_INVALID for a length that is no list's. Trainers are lower case hex. */
export function decodeInputsList(bytes: Uint8Array): RoundInput[] {
  validateArgument(
    bytes.length % entryBytes === 0,
    `A list of inputs has ${entryBytes} bytes an entry, not ${bytes.length} in all.`,
  );
  return Array.from({ length: bytes.length / entryBytes }, (_, index) => {
    const entry = bytes.subarray(index * entryBytes, (index + 1) * entryBytes);
    return {
      trainer: toHex(entry.subarray(0, 20)),
      updateRoot: entry.slice(20, 52),
      weight: (entry[52]! << 8) | entry[53]!,
    };
  });
}

/** What a proposal commits to of the trainers it leaves out, ascending: keccak256 of their addresses, a word each, zero for none. */
export function omittedHash(omitted: readonly string[]): Hash {
  const word = (trainer: string) => concatBytes(new Uint8Array(12), addressBytes(trainer));
  return omitted.length === 0 ? new Uint8Array(32) : keccak256(concatBytes(...omitted.map(word)));
}
