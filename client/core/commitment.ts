/**
 * What a trainer and an aggregator commit to on chain. See docs/protocol.md, "Commitments".
 */
import { modelToBytes, updateToBytes } from './codec.ts';
import { concatBytes, fromHex, type Hash, keccak256 } from './hash.ts';
import { buildMerkleTree, domain, hashLeaves, type MerkleTree } from './merkle.ts';
import { chunkCoordinates, modelChunkBytes, updateChunkBytes } from './numbers.ts';
import { buildSumTree, type SumTree } from './sumTree.ts';

/** Where and for which round a commitment holds: bound into it, so that it cannot be copied to another place. */
export interface SubmissionContext {
  chainId: bigint;
  /** Address of the federation contract. */
  federation: string;
  round: number;
  /** Address of the trainer. */
  trainer: string;
}

/** The sum tree over an update's chunks: leaves keccak256(0 ‖ 128 bytes), sums the squared L2 norms below. `bytes` are the values', where they are there. */
export function buildUpdateTree(values: Int16Array, bytes: Uint8Array = updateToBytes(values)): SumTree {
  return buildSumTree(hashLeaves(domain.updateLeaf, bytes, updateChunkBytes), chunkNorms(values));
}

function chunkNorms(values: Int16Array): Float64Array {
  const norms = new Float64Array(Math.ceil(values.length / chunkCoordinates));
  for (let i = 0; i < values.length; i++) norms[i >> 6]! += values[i]! * values[i]!;
  return norms;
}

/** The tree over a model's chunks: leaves keccak256(2 ‖ 256 bytes). */
export function buildModelTree(model: Int32Array): MerkleTree {
  return buildMerkleTree(hashLeaves(domain.modelLeaf, modelToBytes(model), modelChunkBytes));
}

/**
 * The commitment posted at submission. It hides the update's root until the update is served, after the window has
 * closed, and binds it to its sender: whoever copies it from the mempool cannot open it.
 * keccak256(abi.encode(chainId, federation, round, trainer, updateRoot)).
 */
export function commitUpdate(context: SubmissionContext, updateRoot: Hash): Hash {
  return keccak256(
    concatBytes(
      uintWord(context.chainId),
      addressWord(context.federation),
      uintWord(BigInt(context.round)),
      addressWord(context.trainer),
      updateRoot,
    ),
  );
}

/** A uint256 as 32 big-endian bytes. */
export function uintWord(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(64, '0'));
}

/** An address as abi.encode writes it. */
export function addressWord(address: string): Uint8Array {
  return fromHex(address.replace(/^0x/, '').padStart(64, '0'));
}

export function addressBytes(address: string): Uint8Array {
  return fromHex(address);
}
