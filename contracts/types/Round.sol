// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Reputations } from "./Reputations.sol";

/// @notice The clock of the open round, in one slot: all that a submission reads besides its own.
struct Clock {
    /// The open round, or 0 while none is open. Numbers grow and are never used twice.
    uint32 round;
    /// The round whose model it starts from.
    uint32 baseRound;
    /// Trainers it waits for: when so many have submitted, it may end before its deadline.
    uint32 expectedTrainers;
    /// Seconds since 1970; good until 2106.
    uint32 submissionDeadline;
    /// Largest weight that a trainer may claim.
    uint16 maxWeight;
    /// Clip bound: the largest squared L2 norm of an update, in squared update units (2^-32).
    uint64 maxSquaredNorm;
    /// The rule by which the round is aggregated.
    Rule rule;
    uint16 trimBasisPoints;
    /// The policy is asked before the next round opens.
    bool policyWaits;
    /// The round was proposed, and the proposal was void.
    bool reopened;
    /// Goes up whenever the right inputs of the open round change other than by a submission: who attests signs once for each.
    uint8 edition;
}

/// @notice What a round was opened with, in one slot, until its ring slot is needed again: who decides about it.
struct RoundTerms {
    uint32 round;
    /// Seconds since 1970.
    uint32 openedAt;
    /// Trainers that it waits for, were it open again.
    uint32 expectedTrainers;
    uint32 submissionDeadline;
    /// Members when it opened: the electors, of whom a majority attests its inputs.
    uint16 aggregators;
    uint16 evaluators;
}

/// @notice The block at which a proposer had read the round's submissions: where the chain has another there, what it read
/// may have changed. Number zero for none.
struct Anchor {
    uint64 number;
    bytes32 hash;
}

/// @notice What an aggregator proposes as the result of a round. Roots are those of docs/protocol.md.
struct Proposal {
    uint32 round;
    uint32 baseRound;
    /// Updates in the aggregate, and their weights' sum.
    uint32 inputCount;
    uint64 totalWeight;
    /// The round's rule, so that a proof needs nothing but the proposal.
    Rule rule;
    uint16 trimBasisPoints;
    bytes32 baseModelRoot;
    bytes32 modelRoot;
    /// sha2-256 digests of the CIDs of the model and of the list of inputs.
    bytes32 modelCid;
    bytes32 inputsCid;
    bytes32 inputsRoot;
    bytes32 columnsRoot;
    /// `Commitments.omittedHash` of the trainers whose submissions are left out as unavailable, zero when there are none.
    bytes32 omittedHash;
    /// What weighs the inputs, fixed when the base model was proposed.
    Reputations reputations;
}

/// @notice A proposal as it is stored, until its ring slot is needed again after finality.
struct ProposalRecord {
    address proposer;
    uint32 round;
    uint32 baseRound;
    /// Seconds since 1970; good until 2106.
    uint32 proposedAt;
    bytes32 modelRoot;
    /// keccak256 of the Proposal cut to 224 bits, see `Commitments.proposalDigest`.
    bytes28 digest;
    /// When the challenge window ends. Later where an opening was demanded.
    uint32 closesAt;
}

/// @notice The aggregation rule (docs/protocol.md, "Rules").
enum Rule {
    Mean,
    Median,
    TrimmedMean
}

/// @notice What voters choose. Bounds are checked in `Parameters.validate`.
struct FederationParameters {
    uint128 trainerStakeWei;
    uint128 aggregatorBondWei;
    /// How long a round takes submissions, unless all have come before.
    uint32 submissionSeconds;
    /// How long the aggregator whose turn it is proposes alone.
    uint32 turnSeconds;
    /// How long a proposal can be challenged.
    uint32 challengeSeconds;
    uint32 unbondingSeconds;
    /// Fewest updates that make an aggregate; zero for a majority of those that the round waits for.
    uint32 minimumUpdates;
    uint16 maxWeight;
    uint64 maxSquaredNorm;
    Rule rule;
    /// For TrimmedMean: the share cut off at each end.
    uint16 trimBasisPoints;
    /// How long a demanded opening may take to be answered.
    uint32 answerSeconds;
    /// The challenger's share of what it takes from a cheat; the rest burns.
    uint16 challengerBasisPoints;
    /// A proposal takes the attestations of more than this share of the round's aggregators and evaluators together.
    uint16 attestationBasisPoints;
    /// What a demand for an opening puts at stake, in the chain's own currency, because answering costs gas.
    uint96 demandBondWei;
    /// How much of its weight in the mean an update keeps whose trainer has no reputation; all of it (10,000) switches
    /// reputation off.
    uint16 reputationFloorBasisPoints;
}

/// @notice What a federation is for, fixed when it is made.
struct Task {
    /// Digest of the CID of the task's manifest: model, training plan, encoding.
    bytes32 manifestCid;
    /// Root of the model that round 1 starts from, and the digest of its CID.
    bytes32 genesisModelRoot;
    bytes32 genesisModelCid;
    /// Number of the model's coordinates.
    uint64 dimension;
    /// Rounds that can be in flight, plus one.
    uint32 ringSize;
    /// Trainers that must have joined before the first round opens.
    uint32 startTrainers;
}
