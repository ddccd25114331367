/**
 * An evaluator's scores of a round under one root: big-endian int16, 16 to a word, a tree over the words. The root binds how many
 * they are and hides them by a salt until they are served. See contracts/libraries/Scores.sol.
 */
import { commitUpdate, uintWord } from '../commitment.ts';
import { validateArgument } from '../errors.ts';
import { type Hash, toHex } from '../hash.ts';
import {
  buildMerkleTree,
  domain,
  hashInDomain,
  hashLeaves,
  type MerkleTree,
  merkleRoot,
  proveLeaf,
} from '../merkle.ts';

const scoresPerWord = 16;
const wordBytes = 32;

/** Where, in which round and by whom scores are committed to. */
export interface ScoresContext {
  chainId: bigint;
  /** Address of the rewards contract. */
  rewards: string;
  round: number;
  evaluator: string;
}

/** 16 scores with their way to the root of the tree. */
export interface ScoreWord {
  word: Uint8Array;
  /** Siblings from the leaf up. */
  path: Hash[];
}

/** Two bytes a score. */
export function scoresToBytes(scores: Int16Array): Uint8Array {
  const bytes = new Uint8Array(2 * scores.length);
  const view = new DataView(bytes.buffer);
  scores.forEach((score, index) => {
    view.setInt16(2 * index, score);
  });
  return bytes;
}

/** Errors: ARGUMENT_INVALID for half a score. */
export function bytesToScores(bytes: Uint8Array): Int16Array {
  validateArgument(bytes.length % 2 === 0, `Scores have two bytes each: ${bytes.length} bytes are not whole scores.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Int16Array.from({ length: bytes.length / 2 }, (_, index) => view.getInt16(2 * index));
}

/** Leaves keccak256(7 ‖ word). */
export function buildScoreTree(scores: Int16Array): MerkleTree {
  return buildMerkleTree(hashLeaves(domain.scoresLeaf, scoreWords(scores), wordBytes));
}

/** keccak256(8 ‖ salt ‖ number of scores (u32) ‖ root of the tree). */
export function scoresRoot(salt: Uint8Array, scores: Int16Array): Hash {
  validateArgument(salt.length === 32, `A salt has 32 bytes, not ${salt.length}.`);
  return hashInDomain(domain.scores, salt, countBytes(scores.length), merkleRoot(buildScoreTree(scores)));
}

/** keccak256(abi.encode(chainId, rewards, round, evaluator, scoresRoot)): an update's commitment, at another address. */
export function commitScores({ chainId, rewards, round, evaluator }: ScoresContext, root: Hash): Hash {
  return commitUpdate({ chainId, federation: rewards, round, trainer: evaluator }, root);
}

/**
 * As the contract takes a commitment: with the time of the scored proposal, in seconds since 1970, in place of its bits 219 to 188,
 * which a slot does not keep of it. See contracts/types/Score.sol.
 */
export function timeCommitment(commitment: Hash, proposedAt: number): Hash {
  const timed = (BigInt(toHex(commitment)) & ~(0xffff_ffffn << 188n)) | (BigInt(proposedAt) << 188n);
  return uintWord(timed);
}

/** Errors: ARGUMENT_INVALID where there is no score `index`. */
export function proveScore(scores: Int16Array, index: number): ScoreWord {
  const inside = Number.isInteger(index) && index >= 0 && index < scores.length;
  validateArgument(inside, `There is no score ${index} among ${scores.length}.`);
  const place = Math.floor(index / scoresPerWord);
  const word = scoreWords(scores).slice(place * wordBytes, (place + 1) * wordBytes);
  return { word, path: proveLeaf(buildScoreTree(scores), place) };
}

/** Filled with zeros to whole words. */
function scoreWords(scores: Int16Array): Uint8Array {
  const words = new Uint8Array(Math.ceil(scores.length / scoresPerWord) * wordBytes);
  words.set(scoresToBytes(scores));
  return words;
}

function countBytes(count: number): Uint8Array {
  return uintWord(BigInt(count)).slice(28);
}
