// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Commitments } from "../libraries/Commitments.sol";
import { FederationParameters, Proposal, ProposalRecord, RoundTerms, Task } from "../types/Round.sol";

/// @title For tests: a federation whose every answer to Rewards is set
contract ScriptedFederation {
    uint32 public immutable challengeSeconds;
    uint32 public finalRound;
    /// @notice The number of evaluators when every round opened.
    uint16 public evaluators;
    /// @notice The size of the ring. It forgets no round unless it is told otherwise.
    uint32 public ringSize = 1000;
    mapping(address account => bool) public isAggregator;
    mapping(address aggregator => uint256) public slashes;
    mapping(uint32 round => ProposalRecord) private _proposals;

    constructor(uint32 challengeSeconds_) {
        challengeSeconds = challengeSeconds_;
    }

    function appoint(address aggregator) external {
        isAggregator[aggregator] = true;
    }

    function propose(Proposal calldata proposal, address proposer) external {
        _proposals[proposal.round] = ProposalRecord({
            proposer: proposer,
            round: proposal.round,
            baseRound: proposal.baseRound,
            proposedAt: uint32(block.timestamp),
            modelRoot: proposal.modelRoot,
            digest: bytes28(Commitments.proposalDigest(address(this), proposer, proposal)),
            closesAt: uint32(block.timestamp) + challengeSeconds
        });
    }

    function finalize(uint32 round) external {
        finalRound = round;
    }

    /// @notice Forgets the proposal, as where it was voided or its ring slot was needed.
    function forget(uint32 round) external {
        delete _proposals[round];
    }

    function slashForStatement(address proposer, address) external {
        ++slashes[proposer];
    }

    function convene(uint16 evaluators_) external {
        evaluators = evaluators_;
    }

    function termsOf(uint32 round) external view returns (RoundTerms memory terms) {
        (terms.round, terms.evaluators) = (round, evaluators);
    }

    function setRing(uint32 ringSize_) external {
        ringSize = ringSize_;
    }

    function task() external view returns (Task memory task_) {
        task_.ringSize = ringSize;
    }

    function latestRound() external pure returns (uint32) {
        return 0;
    }

    function proposalOf(uint32 round) external view returns (ProposalRecord memory) {
        return _proposals[round];
    }

    /// @dev No account needs stake.
    function parameters() external pure returns (FederationParameters memory p) {
        p.turnSeconds = 100;
        p.challengerBasisPoints = 5_000;
    }
}
