/**
 * `tributary/core`: the protocol as pure functions: commitments, aggregation, challenges, rewards. No input or output, and no clock.
 * @module
 */
export { type Aggregate, type AggregateCommitment, aggregate, aggregateModel, equalCommitments } from './aggregate.ts';
export type { Challenge, ChallengeContract, RewardChallenge, SubmissionEvidence } from './challenges/challenge.ts';
export type { InputOpening, SumNodeArgument } from './challenges/evidence.ts';
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
export { type DataDescription, dataDescriptionSchema, labelCountOf, shapeOfData } from './data/description.ts';
export { type ErrorCode, exitCodes, TributaryError, type TributaryErrorOptions } from './errors.ts';
export { equalBytes, fromHex, type Hash, keccak256, toHex } from './hash.ts';
export { buildInputsTree, decodeInputsList, encodeInputsList, type InputsTree, type RoundInput } from './inputs.ts';
export { type MerkleTree, merkleRoot, proveLeaf, rootFromProof, verifyProof } from './merkle.ts';
export { chunkCoordinates, maxInputs, maxWeight, modelBytes, roundedStep, updateBytes } from './numbers.ts';
export { createRandom, type Random } from './random.ts';
export { type Balance, type Balances, type BalancesTree, buildBalancesTree, proveBalance } from './rewards/balances.ts';
export { challengeStatement, type OpenedScores, type StatementFacts } from './rewards/challenges.ts';
export { type Explanation, type ExplanationLine, explainReward } from './rewards/explain.ts';
export type { AppliedStatement } from './rewards/history.ts';
export type { Reputations } from './rewards/reputations.ts';
export type { EvaluatorReveal, RewardTerms, RoundScores, ScoredTrainer } from './rewards/roundScores.ts';
export { commitScores, type ScoresContext, scoresRoot, scoresToBytes } from './rewards/scores.ts';
export {
  type Earnings,
  type SettledEvaluator,
  type SettledTrainer,
  type Settlement,
  settleRound,
} from './rewards/settle.ts';
export {
  type DecodedStatement,
  decodeStatement,
  encodeStatement,
  type RewardStatement,
  type StatedEntry,
  type StatedEvaluator,
} from './rewards/statement.ts';
export { formatRule, parseRule } from './rules/parseRule.ts';
export type { Rule, RuleName, WeightedUpdate } from './rules/rule.ts';
export { proveNode, type SumNode, type SumTree, sumTreeRoot } from './sumTree.ts';
export { decodeManifest, encodeManifest, type TaskManifest, weightOfSamples } from './task.ts';
export { prepareUpdate, type UpdateClaim, verifyModel, verifyUpdate } from './verify.ts';
