/** Who scores a round: all evaluators, or where they are more than the committee has seats, each with the same chance. */
import { fromHex, type Hash, keccak256, toHex } from '../hash.ts';

const range = 2n ** 256n - 1n;

/** `modelRoot` of the proposal: nobody knows it before all updates are in. As the contract decides, see contracts/rewards/Evaluation.sol. */
export function isDrawn(evaluator: string, modelRoot: Hash, evaluatorCount: number, committeeSize: number): boolean {
  if (evaluatorCount <= committeeSize) return true;
  // abi.encode(uint128, address)
  const words = new Uint8Array(64);
  words.set(modelRoot.subarray(16), 16);
  words.set(fromHex(evaluator), 44);
  return BigInt(toHex(keccak256(words))) < (range / BigInt(evaluatorCount)) * BigInt(committeeSize);
}
