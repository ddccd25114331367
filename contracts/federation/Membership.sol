// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IFederation } from "../interfaces/IFederation.sol";
import { IStake } from "../interfaces/IStake.sol";
import { Parameters } from "../libraries/Parameters.sol";
import { Clock, FederationParameters, ProposalRecord, Task } from "../types/Round.sol";
import { SubmissionSlot, SubmissionSlotLibrary } from "../types/Submission.sol";

/// @title Who takes part, and the state that the rounds share
abstract contract Membership is IFederation {
    struct Head {
        /// The newest final round.
        uint32 finalRound;
        /// The newest round that was ever opened.
        uint32 latestRound;
        uint32 trainerCount;
    }

    IStake public immutable stake;
    uint256 internal immutable _ringSize;

    Clock internal _clock;
    Head internal _head;
    Task internal _task;
    FederationParameters internal _parameters;
    mapping(address trainer => mapping(uint256 index => SubmissionSlot)) internal _slots;
    mapping(uint256 index => ProposalRecord) internal _proposals;

    address[] internal _aggregators;
    /// @dev One more than the place in `_aggregators`.
    mapping(address aggregator => uint256) internal _aggregatorPlace;
    /// @dev The newest round in which the aggregator proposed: its bond is locked until that is final.
    mapping(address aggregator => uint32) internal _lastProposed;

    constructor(IStake stake_, Task memory task_, FederationParameters memory parameters_) {
        require(address(stake_) != address(0), ZeroAddress());
        Parameters.validate(task_);
        Parameters.validate(parameters_);
        stake = stake_;
        _ringSize = task_.ringSize;
        _task = task_;
        _parameters = parameters_;
    }

    // ── trainers ──

    function joinAsTrainer() external {
        require(!isTrainer(msg.sender), AlreadyATrainer(msg.sender));
        _requireStake(msg.sender, requiredStakeWei(msg.sender) + _parameters.trainerStakeWei);

        // the open round counts as submitted, so that the trainer begins with the next one
        uint256 open = _clock.round;
        for (uint256 index = 0; index < _ringSize; ++index) {
            uint256 taken = _slots[msg.sender][index].round();
            if (open != 0 && open % _ringSize == index) taken = open;
            else if (taken > _head.finalRound && !_slots[msg.sender][index].isVacant()) {
                // a submission from before it left, which proofs may still need
                _slots[msg.sender][index] = SubmissionSlot.wrap(
                    SubmissionSlot.unwrap(_slots[msg.sender][index]) & ~SubmissionSlotLibrary.RETIRED
                );
                continue;
            }
            _slots[msg.sender][index] = SubmissionSlotLibrary.vacant(taken);
        }
        ++_head.trainerCount;
        emit TrainerJoined(msg.sender, _head.latestRound + 1);
        if (open == 0) _openRound(_clock.baseRound);
    }

    function leaveAsTrainer() external {
        require(isTrainer(msg.sender), NotATrainer(msg.sender));
        _removeTrainer(msg.sender);
        emit TrainerLeft(msg.sender);
    }

    function reportAbsence(address trainer) external {
        require(isTrainer(trainer), NotATrainer(trainer));
        uint32 missed = _clock.baseRound;
        // a slot whose round is newer says nothing about the missed one, and a vacant one of that round that it joined then
        require(
            missed != 0 && _proposals[missed % _ringSize].round == missed && _joinedBefore(trainer, missed),
            NotAbsent(trainer)
        );
        _removeTrainer(trainer);
        emit TrainerAbsent(trainer, missed);
    }

    // ── aggregators ──

    function joinAsAggregator() external {
        require(_aggregatorPlace[msg.sender] == 0, AlreadyAnAggregator(msg.sender));
        _requireStake(msg.sender, requiredStakeWei(msg.sender) + _parameters.aggregatorBondWei);
        _aggregators.push(msg.sender);
        _aggregatorPlace[msg.sender] = _aggregators.length;
        emit AggregatorJoined(msg.sender);
    }

    function leaveAsAggregator() external {
        require(_aggregatorPlace[msg.sender] != 0, NotAnAggregator(msg.sender));
        _removeAggregator(msg.sender);
    }

    function announceEndpoint(string calldata endpoint) external {
        emit EndpointAnnounced(msg.sender, endpoint);
    }

    // ── what Stake asks ──

    function requiredStakeWei(address account) public view returns (uint256 wei_) {
        if (isTrainer(account)) wei_ += _parameters.trainerStakeWei;
        if (_aggregatorPlace[account] != 0) wei_ += _parameters.aggregatorBondWei;
    }

    function isStakeLocked(address account) external view returns (bool) {
        uint256 last = _head.finalRound;
        if (_lastProposed[account] > last) return true;
        for (uint256 index = 0; index < _ringSize; ++index) {
            SubmissionSlot slot = _slots[account][index];
            if (slot.round() > last && !slot.isVacant()) return true;
        }
        return false;
    }

    function unbondingSeconds() external view returns (uint256) {
        return _parameters.unbondingSeconds;
    }

    // ── reading ──

    function isTrainer(address account) public view returns (bool) {
        return _slots[account][0].isMember();
    }

    function isAggregator(address account) external view returns (bool) {
        return _aggregatorPlace[account] != 0;
    }

    function aggregators() external view returns (address[] memory) {
        return _aggregators;
    }

    function trainerCount() external view returns (uint32) {
        return _head.trainerCount;
    }

    function task() external view returns (Task memory) {
        return _task;
    }

    function parameters() external view returns (FederationParameters memory) {
        return _parameters;
    }

    function submissionSlot(address trainer, uint256 round) external view returns (SubmissionSlot) {
        return _slots[trainer][round % _ringSize];
    }

    // ── internal ──

    /// @dev Opens the next round from the model of `baseRound`, where there are trainers and room for it.
    function _openRound(uint32 baseRound) internal virtual;

    /// @dev Retires every slot; those that no proof needs any more are cleared, for the refund.
    function _removeTrainer(address trainer) internal {
        for (uint256 index = 0; index < _ringSize; ++index) {
            SubmissionSlot slot = _slots[trainer][index];
            bool needed = slot.round() > _head.finalRound && !slot.isVacant();
            _slots[trainer][index] = needed ? slot.retire() : SubmissionSlot.wrap(0);
        }
        --_head.trainerCount;
    }

    function _removeAggregator(address aggregator) internal {
        uint256 place = _aggregatorPlace[aggregator];
        address last = _aggregators[_aggregators.length - 1];
        _aggregators[place - 1] = last;
        _aggregatorPlace[last] = place;
        _aggregators.pop();
        delete _aggregatorPlace[aggregator];
        emit AggregatorLeft(aggregator);
    }

    /// @dev True when the trainer was a member while `round` took submissions, and submitted nothing.
    function _joinedBefore(address trainer, uint32 round) private view returns (bool) {
        return _slots[trainer][round % _ringSize].round() < round;
    }

    function _requireStake(address account, uint256 requiredWei) private view {
        uint256 bondedWei = stake.bondedWei(address(this), account);
        require(bondedWei >= requiredWei, InsufficientStake(bondedWei, requiredWei));
    }
}
