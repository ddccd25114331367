// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Reputations } from "./Reputations.sol";

/// @notice The clock of the open round, in one slot: all that a submission reads besides the trainer's own slot.
struct Clock {
    /// The open round, or 0 while none is open. Numbers grow and are never used twice.
    uint32 round;
    /// The round whose model it starts from.
    uint32 baseRound;
    /// The number of trainers that the round waits for: when so many have submitted, it may end before its deadline.
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
    /// The federation asks the policy before the next round opens.
    bool policyWaits;
    /// The round was proposed, and the proposal was void.
    bool reopened;
    /// A number that goes up whenever the right inputs of the open round change other than by a submission. An elector signs once for
    /// each edition.
    uint8 edition;
}

/// @notice The terms with which a round was opened, and by which it is decided who its electors are, in one slot, until its ring slot
/// is needed again.
struct RoundTerms {
    uint32 round;
    /// Seconds since 1970.
    uint32 openedAt;
    /// The number of trainers that the round would wait for if it were open again.
    uint32 expectedTrainers;
    uint32 submissionDeadline;
    /// The members when the round opened: they are its electors, of whom a majority must attest its inputs.
    uint16 aggregators;
    uint16 evaluators;
}

/// @notice The block at which a proposer had read the round's submissions: where the chain has another block at that number, what it
/// read may have changed. Number zero stands for no block.
struct Anchor {
    uint64 number;
    bytes32 hash;
}

/// @notice What an aggregator proposes as the result of a round. Roots are those of docs/protocol.md.
struct Proposal {
    uint32 round;
    uint32 baseRound;
    /// The number of updates in the aggregate, and the sum of their weights.
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
    /// `Commitments.omittedHash` of the trainers whose submissions the proposal leaves out as unavailable, zero when there are none.
    bytes32 omittedHash;
    /// The reputations that weigh the inputs, fixed when the base model was proposed.
    Reputations reputations;
}

/// @notice A proposal as the federation stores it, until its ring slot is needed again after finality.
struct ProposalRecord {
    address proposer;
    uint32 round;
    uint32 baseRound;
    /// Seconds since 1970; good until 2106.
    uint32 proposedAt;
    bytes32 modelRoot;
    /// keccak256 of the Proposal cut to 224 bits, see `Commitments.proposalDigest`.
    bytes28 digest;
    /// When the challenge window ends. It ends later where somebody demanded an opening.
    uint32 closesAt;
}

/// @notice The aggregation rule (docs/protocol.md, "Rules of aggregation").
enum Rule {
    Mean,
    Median,
    TrimmedMean
}

/// @notice What voters choose. `Parameters.validate` checks the bounds.
struct FederationParameters {
    uint128 trainerStakeWei;
    uint128 aggregatorBondWei;
    /// How long a round takes submissions, unless all have come before.
    uint32 submissionSeconds;
    /// How long only the aggregator whose turn it is may propose.
    uint32 turnSeconds;
    /// How long a proposal can be challenged.
    uint32 challengeSeconds;
    uint32 unbondingSeconds;
    /// Fewest updates that make an aggregate; zero for a majority of those that the round waits for.
    uint32 minimumUpdates;
    uint16 maxWeight;
    uint64 maxSquaredNorm;
    Rule rule;
    /// For TrimmedMean the share that the rule cuts off at each end.
    uint16 trimBasisPoints;
    /// How long a demanded opening may take to be answered.
    uint32 answerSeconds;
    /// The challenger's share of what a proof takes from a cheat. Of the rest the treasury gets its part and what is left burns
    /// (`IStake.settleSlashed`).
    uint16 challengerBasisPoints;
    /// A proposal needs the attestations of more than this share of the round's aggregators and evaluators together.
    uint16 attestationBasisPoints;
    /// What a demand for an opening puts at stake, in the chain's own currency, because answering costs gas.
    uint96 demandBondWei;
    /// The share of its weight in the mean that an update keeps whose trainer has no reputation; with all of it (10,000)
    /// reputation is off.
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
    /// One more than the number of rounds that can be in flight.
    uint32 ringSize;
    /// The number of trainers that must have joined before the first round opens.
    uint32 startTrainers;
}
