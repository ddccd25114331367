/** `tributary/core`: the protocol as pure functions: commitments, aggregation, challenges, rewards. No input or output, and no clock. */
export { type Aggregate, type AggregateCommitment, aggregate, aggregateModel, equalCommitments } from './aggregate.ts';
export type { Challenge, RewardChallenge, SubmissionEvidence } from './challenges/challenge.ts';
export { challengeUpdate, challengeUpdateOfInput } from './challenges/trainer.ts';
export { cidFromDigest, digestOfCid, isBlobCid, maxBlobBytes } from './cid.ts';
export {
  decodeModel,
  decodeUpdate,
  type EncodedUpdate,
  encodeModel,
  encodeUpdate,
  modelFromBytes,
  modelToBytes,
  updateFromBytes,
  updateToBytes,
} from './codec.ts';
export type { VerifiedUpdate } from './columns.ts';
export { buildModelTree, buildUpdateTree, commitUpdate, type SubmissionContext } from './commitment.ts';
export { type ErrorCode, exitCodes, TributaryError } from './errors.ts';
export { equalBytes, fromHex, type Hash, keccak256, toHex } from './hash.ts';
export { buildInputsTree, decodeInputsList, encodeInputsList, type InputsTree, type RoundInput } from './inputs.ts';
export { type MerkleTree, merkleRoot, proveLeaf, rootFromProof, verifyProof } from './merkle.ts';
export { chunkCoordinates, maxInputs, maxWeight, modelBytes, roundedStep, updateBytes } from './numbers.ts';
export { createRandom, type Random } from './random.ts';
export { buildBalancesTree, proveBalance } from './rewards/balances.ts';
export { challengeStatement } from './rewards/challenges.ts';
export { type Explanation, explainReward } from './rewards/explain.ts';
export { commitScores, scoresRoot, scoresToBytes } from './rewards/scores.ts';
export { type Settlement, settleRound } from './rewards/settle.ts';
export { decodeStatement, encodeStatement } from './rewards/statement.ts';
export { formatRule, parseRule } from './rules/parseRule.ts';
export type { Rule } from './rules/rule.ts';
export { proveNode, type SumNode, type SumTree, sumTreeRoot } from './sumTree.ts';
export { decodeManifest, encodeManifest, type TaskManifest, weightOfSamples } from './task.ts';
export { prepareUpdate, type UpdateClaim, verifyModel, verifyUpdate } from './verify.ts';
