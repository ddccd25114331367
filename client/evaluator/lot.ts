/** Who scores a round: all evaluators, or where they are more than the committee has seats, each with the same chance. */
import { AbiCoder, keccak256 } from 'ethers';
import { type Hash, toHex } from '../core/hash.ts';

const range = 2n ** 256n - 1n;

/** `modelRoot` of the proposal: nobody knows it before all updates are in. As the contract decides, see contracts/rewards/Evaluation.sol. */
export function isDrawn(evaluator: string, modelRoot: Hash, evaluatorCount: number, committeeSize: number): boolean {
  if (evaluatorCount <= committeeSize) return true;
  const seed = BigInt(toHex(modelRoot.slice(16)));
  const lot = BigInt(keccak256(AbiCoder.defaultAbiCoder().encode(['uint128', 'address'], [seed, evaluator])));
  return lot < (range / BigInt(evaluatorCount)) * BigInt(committeeSize);
}
