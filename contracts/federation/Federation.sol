// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IStake } from "../interfaces/IStake.sol";
import { Commitments } from "../libraries/Commitments.sol";
import { Clock, FederationParameters, Proposal, ProposalRecord, Task } from "../types/Round.sol";
import { SubmissionSlot, SubmissionSlotLibrary } from "../types/Submission.sol";
import { Membership } from "./Membership.sol";

/// @title The rounds of one task
contract Federation is Membership {
    struct TurnClaim {
        uint32 round;
        uint40 claimedAt;
        bytes32 proposalDigest;
    }

    mapping(address aggregator => TurnClaim) private _turnClaims;

    constructor(
        IStake stake_,
        Task memory task_,
        FederationParameters memory parameters_
    ) Membership(stake_, task_, parameters_) {
        _proposals[0].modelRoot = task_.genesisModelRoot;
    }

    function submitUpdate(
        uint256 round,
        bytes32 commitment,
        bytes32 cid,
        uint256 squaredNorm,
        uint256 weight
    ) external {
        Clock memory open = _clock;
        require(round == open.round && round != 0, WrongRound(round, open.round));
        require(block.timestamp < open.submissionDeadline, SubmissionsClosed(open.submissionDeadline));
        require(squaredNorm <= open.maxSquaredNorm, NormAboveBound(squaredNorm, open.maxSquaredNorm));
        require(weight != 0 && weight <= open.maxWeight, WeightOutOfBounds(weight, open.maxWeight));
        require(commitment != 0 && cid != 0, EmptyCommitment());

        uint256 index = round % _ringSize;
        SubmissionSlot slot = _slots[msg.sender][index];
        require(slot.isMember(), NotATrainer(msg.sender));
        require(slot.round() != round, AlreadySubmitted(msg.sender, round));

        bytes32 digest = Commitments.submissionDigest(commitment, cid, squaredNorm, weight);
        _slots[msg.sender][index] = SubmissionSlotLibrary.pack(round, digest);
        emit UpdateSubmitted(round, msg.sender, commitment, cid, squaredNorm, weight);
    }

    function claimTurn(uint32 round, bytes32 proposalDigest) external {
        require(_aggregatorPlace[msg.sender] != 0, NotAnAggregator(msg.sender));
        require(round == _clock.round && round != 0, WrongRound(round, _clock.round));
        _turnClaims[msg.sender] = TurnClaim(round, uint40(block.timestamp), proposalDigest);
        emit TurnClaimed(round, msg.sender, proposalDigest);
    }

    function proposeAggregate(Proposal calldata proposal) external {
        Clock memory open = _clock;
        uint32 round = proposal.round;
        require(_aggregatorPlace[msg.sender] != 0, NotAnAggregator(msg.sender));
        require(round == open.round && round != 0, WrongRound(round, open.round));
        _requireInputs(proposal, open);
        bytes32 digest = Commitments.proposalDigest(msg.sender, proposal);
        _requireTurn(round, open.submissionDeadline, digest);
        bytes32 baseModelRoot = _proposals[open.baseRound % _ringSize].modelRoot;
        require(
            proposal.baseRound == open.baseRound && proposal.baseModelRoot == baseModelRoot,
            WrongBase(proposal.baseModelRoot, baseModelRoot)
        );

        _proposals[round % _ringSize] = ProposalRecord({
            proposer: msg.sender,
            round: round,
            baseRound: open.baseRound,
            proposedAt: uint32(block.timestamp),
            modelRoot: proposal.modelRoot,
            digest: digest
        });
        _lastProposed[msg.sender] = round;
        emit AggregateProposed(round, msg.sender, proposal);
        _openRound(round);
    }

    function finalizeRound(uint32 round) external {
        ProposalRecord storage record = _proposals[round % _ringSize];
        require(round != 0 && record.round == round, NotProposed(round));
        Head memory head = _head;
        require(
            record.baseRound == head.finalRound && round > head.finalRound,
            NotNextToFinalize(round, record.baseRound, head.finalRound)
        );
        uint256 closesAt = uint256(record.proposedAt) + _parameters.challengeSeconds;
        require(block.timestamp >= closesAt, ChallengeWindowOpen(closesAt));

        _head.finalRound = round;
        emit RoundFinalized(round, record.modelRoot);
        if (_clock.round == 0) _openRound(_clock.baseRound);
    }

    function skipRound(uint32 round) external {
        require(round == _clock.round && round != 0, WrongRound(round, _clock.round));
        // long enough for every aggregator to have proposed
        uint256 endsAt = uint256(_clock.submissionDeadline) + _parameters.submissionSeconds + 2 * _parameters.turnSeconds;
        require(block.timestamp >= endsAt, StillInTime(endsAt));
        emit RoundSkipped(round);
        _openRound(_clock.baseRound);
    }

    // ── reading ──

    function clock() external view returns (Clock memory) {
        return _clock;
    }

    function finalRound() external view returns (uint32) {
        return _head.finalRound;
    }

    function latestRound() external view returns (uint32) {
        return _head.latestRound;
    }

    function proposalOf(uint32 round) external view returns (ProposalRecord memory record) {
        if (_proposals[round % _ringSize].round == round) record = _proposals[round % _ringSize];
    }

    function turnHolder(uint32 round) public view returns (address) {
        uint256 count = _aggregators.length;
        return count == 0 ? address(0) : _aggregators[round % count];
    }

    // ── internal ──

    /// @dev While the ring is full of rounds that are not final, or there are too few trainers, no round is open: the
    /// next finalisation or the next trainer to join opens it.
    function _openRound(uint32 baseRound) internal override {
        Head memory head = _head;
        uint32 round = head.latestRound + 1;
        uint256 wanted = head.latestRound == 0 ? _task.startTrainers : _parameters.minimumUpdates;
        if (head.trainerCount < wanted || round >= head.finalRound + _ringSize) {
            _clock.round = 0;
            _clock.baseRound = baseRound;
            return;
        }
        FederationParameters storage parameters_ = _parameters;
        _head.latestRound = round;
        uint40 deadline = uint40(block.timestamp + parameters_.submissionSeconds);
        _clock = Clock({
            round: round,
            baseRound: baseRound,
            expectedTrainers: head.trainerCount,
            submissionDeadline: deadline,
            maxWeight: parameters_.maxWeight,
            maxSquaredNorm: parameters_.maxSquaredNorm,
            reserved: 0
        });
        emit RoundOpened(round, baseRound, head.trainerCount, deadline);
    }

    function _requireInputs(Proposal calldata proposal, Clock memory open) private view {
        uint256 inputs = proposal.inputCount;
        uint256 minimum = _parameters.minimumUpdates;
        require(inputs >= minimum, TooFewInputs(inputs, minimum));
        require(inputs <= open.expectedTrainers, TooManyInputs(inputs, open.expectedTrainers));
        require(
            block.timestamp >= open.submissionDeadline || inputs == open.expectedTrainers,
            SubmissionsOpen(open.submissionDeadline, inputs, open.expectedTrainers)
        );
    }

    /// @dev The first turn goes round. Out of turn proposes who has waited out a turn since the deadline, or since it
    /// showed that it knew its proposal.
    function _requireTurn(uint32 round, uint256 submissionDeadline, bytes32 digest) private view {
        address holder = turnHolder(round);
        if (msg.sender == holder) return;
        TurnClaim storage claim = _turnClaims[msg.sender];
        uint256 startsAt = submissionDeadline;
        if (claim.round == round && claim.proposalDigest == digest && claim.claimedAt < startsAt) startsAt = claim.claimedAt;
        uint256 endsAt = startsAt + _parameters.turnSeconds;
        require(block.timestamp >= endsAt, NotYourTurn(holder, endsAt));
    }
}
