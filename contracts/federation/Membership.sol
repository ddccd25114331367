// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IFederation } from "../interfaces/IFederation.sol";
import { IPolicy } from "../interfaces/IPolicy.sol";
import { IRewards } from "../interfaces/IRewards.sol";
import { IStake } from "../interfaces/IStake.sol";
import { Attestations } from "../libraries/Attestations.sol";
import { Commitments } from "../libraries/Commitments.sol";
import { Parameters } from "../libraries/Parameters.sol";
import { Aggregator, Aggregators, Signs } from "../types/Aggregators.sol";
import { Attendance } from "../types/Attendance.sol";
import { Reputations } from "../types/Reputations.sol";
import { Clock, FederationParameters, Proposal, ProposalRecord, RoundTerms, Task } from "../types/Round.sol";
import { RingSlot, SubmissionSlot, SubmissionSlotLibrary } from "../types/Submission.sol";
import { Boundary, LongerUnbonding } from "./Boundary.sol";
import { Waiting } from "./Waiting.sol";

/// @title Who takes part, and the state that the rounds share
abstract contract Membership is IFederation {
    struct Head {
        /// The newest final round.
        uint32 finalRound;
        /// The newest round that was ever opened.
        uint32 latestRound;
        /// All rounds up to this one are final, skipped or void: no proof needs their slots any more.
        uint32 settledRound;
        uint32 trainerCount;
        /// The newest round that was skipped.
        uint32 skippedRound;
    }

    /// @dev The number of missed turns in a row at which anyone may report an aggregator.
    uint256 private constant MAX_MISSED_TURNS = 3;

    IStake public immutable stake;
    IPolicy public immutable policy;
    IRewards public immutable rewards;
    uint64 public immutable dimension;
    uint256 internal immutable _ringSize;

    Clock internal _clock;
    Head internal _head;
    Task internal _task;
    FederationParameters internal _parameters;
    LongerUnbonding private _longerUnbonding;
    /// @dev The rings of all trainers, see `_slot`.
    mapping(uint256 trainerAndIndex => RingSlot) internal _slots;
    mapping(uint256 index => ProposalRecord) internal _proposals;
    mapping(uint256 index => RoundTerms) internal _terms;
    /// @dev See `Commitments.baseHash`.
    bytes32 internal _baseHash;
    /// @dev The root of the base model, noted when a proposal is voided whose base round has lost its ring slot to a later round.
    bytes32 internal _forgottenModelRoot;

    Aggregators internal _aggregators;
    mapping(address trainer => Attendance) private _attendance;
    /// @notice The contracts that prove faults, whose decisions the federation carries out. They are fixed for ever.
    mapping(address account => bool) public isChallengeContract;
    /// @notice An account pays once for what it did in one round, however often and by whomever it is proven. Each kind of fault has a
    /// mapping of its own. Whether a proposal is void does not depend on these.
    mapping(address trainer => mapping(uint32 round => bool)) public isTrainerSlashed;
    mapping(address signer => mapping(uint32 round => bool)) public isSignerSlashed;

    constructor(
        IStake stake_,
        IPolicy policy_,
        Task memory task_,
        address[] memory challengeContracts_
    ) {
        require(address(stake_) != address(0) && address(policy_) != address(0), ZeroAddress());
        for (uint256 index = 0; index < challengeContracts_.length; ++index) {
            require(challengeContracts_[index] != address(0), ZeroAddress());
            isChallengeContract[challengeContracts_[index]] = true;
        }
        Parameters.validate(task_);
        stake = stake_;
        policy = policy_;
        rewards = IRewards(policy_.rewards());
        dimension = task_.dimension;
        _ringSize = task_.ringSize;
        _task = task_;
        FederationParameters memory parameters_ = policy_.federationParameters();
        _parameters = parameters_;
        _baseHash = Commitments.baseHash(task_.genesisModelRoot, Reputations.wrap(0));
        emit ParametersChanged(1, parameters_);
    }

    // ── trainers ──

    function joinAsTrainer() external {
        require(!isTrainer(msg.sender), AlreadyATrainer(msg.sender));
        Waiting.requireRejoinable(_attendance[msg.sender]);
        _requireAdmitted(_parameters.trainerStakeWei);

        Head memory head = _head;
        for (uint256 index = 0; index < _ringSize; ++index) {
            SubmissionSlot slot = _slot(msg.sender, index).content;
            // marks the slots of the rounds so far as if the trainer had submitted: it owes them no submission and may not make one
            _slot(msg.sender, index).content = _isNeeded(slot, head.settledRound)
                ? slot.reinstate()
                : SubmissionSlotLibrary.vacant(_newestRoundAt(index, head.latestRound));
        }
        ++_head.trainerCount;
        emit TrainerJoined(msg.sender, head.latestRound + 1);
        if (_clock.round == 0) _openRound(_clock.baseRound);
    }

    function leaveAsTrainer() external {
        require(isTrainer(msg.sender), NotATrainer(msg.sender));
        // a trainer cannot evade the delay of a report by leaving and joining again
        _removeWaitedFor(msg.sender, _head.latestRound);
    }

    function reportAbsence(address trainer) external {
        require(isTrainer(trainer), NotATrainer(trainer));
        // only a final or skipped round counts: a wrong proposal that comes too early makes nobody absent
        uint32 missed = _hasMissed(trainer, _head.finalRound) ? _head.finalRound : _head.skippedRound;
        require(_hasMissed(trainer, missed), NotAbsent(trainer));
        _removeWaitedFor(trainer, missed);
    }

    function reportUnserved(Proposal calldata proposal, address[] calldata omitted, address trainer) external {
        require(isTrainer(trainer), NotATrainer(trainer));
        require(_hasSubmitted(trainer, proposal.round), NotUnserved(trainer, proposal.round));
        ProposalRecord storage record = _proposals[_ringIndex(proposal.round)];
        bool removed = Waiting.mark(
            _attendance[trainer],
            record,
            _head.finalRound,
            proposal,
            omitted,
            trainer
        );
        if (removed) _removeWaitedFor(trainer, proposal.round);
    }

    // ── aggregators ──

    function joinAsAggregator() external {
        require(!isAggregator(msg.sender), AlreadyAnAggregator(msg.sender));
        require(_aggregators.places < Parameters.MAX_AGGREGATORS, TooManyAggregators(Parameters.MAX_AGGREGATORS));
        _requireAdmitted(_parameters.aggregatorBondWei);
        Aggregator storage aggregator = _aggregators.members[msg.sender];
        aggregator.joinedAfter = _head.latestRound;
        // how the account signs is noted once, when it first joins
        if (aggregator.signs == Signs.Never) aggregator.signs = Attestations.signsOf(msg.sender);
        _aggregators.add(msg.sender);
        emit AggregatorJoined(msg.sender);
        if (_clock.round == 0) _openRound(_clock.baseRound);
    }

    function leaveAsAggregator() external {
        require(isAggregator(msg.sender), NotAnAggregator(msg.sender));
        _removeAggregator(msg.sender);
    }

    function reportIdle(address account) external {
        require(isAggregator(account), NotAnAggregator(account));
        uint256 missed = _aggregators.members[account].missedTurns;
        require(missed >= MAX_MISSED_TURNS, NotIdle(account, missed));
        _aggregators.members[account].missedTurns = 0;
        emit AggregatorIdle(account);
        _removeAggregator(account);
    }

    function announceEndpoint(string calldata endpoint) external {
        emit EndpointAnnounced(msg.sender, endpoint);
    }

    // ── what votes decide ──

    function policyChanged() external onlyPolicy {
        _clock.policyWaits = true;
        if (_clock.round == 0) _openRound(_clock.baseRound);
    }

    function eject(address account) external onlyPolicy {
        if (isAggregator(account)) _removeAggregator(account);
        if (!isTrainer(account)) return;
        _removeTrainer(account);
        emit TrainerLeft(account);
    }

    modifier onlyPolicy() {
        require(msg.sender == address(policy), NotThePolicy(msg.sender));
        _;
    }

    // ── what challenges decide ──

    modifier onlyChallenges() {
        require(isChallengeContract[msg.sender], NotAChallengeContract(msg.sender));
        _;
    }

    function slashTrainer(address trainer, uint32 round, address challenger) external onlyChallenges {
        require(!isTrainerSlashed[trainer][round], AlreadySlashed(trainer, round));
        uint32 open = _clock.round;
        if (round != open && _hasSubmitted(trainer, open)) _discardSubmission(trainer, open);
        _discardSubmission(trainer, round);
        _slash(trainer, _parameters.trainerStakeWei, challenger);
        if (isTrainer(trainer)) {
            _removeTrainer(trainer);
            emit TrainerLeft(trainer);
        }
        _removeWithoutStake(trainer);
    }

    function slashSigner(address signer, uint32 round, address challenger) external onlyChallenges {
        require(round != 0 && _terms[_ringIndex(round)].round == round, Forgotten(round));
        require(!isSignerSlashed[signer][round], AlreadySlashed(signer, round));
        isSignerSlashed[signer][round] = true;
        if (_aggregators.members[signer].signs != Signs.Never) _slashAggregator(signer, challenger);
        rewards.slashEvaluator(signer, challenger);
    }

    function slashForStatement(address proposer, address challenger) external {
        require(msg.sender == address(rewards), NotTheRewards(msg.sender));
        _slashAggregator(proposer, challenger);
    }

    // ── what Stake asks ──

    function requiredStakeWei(address account) public view returns (uint256 wei_) {
        if (isTrainer(account)) wei_ += _parameters.trainerStakeWei;
        if (isAggregator(account)) wei_ += _parameters.aggregatorBondWei;
    }

    function vouchedRound(address account) external view returns (uint32 newest) {
        uint32 settled = _head.settledRound;
        uint32 proposed = _aggregators.members[account].lastProposed;
        if (proposed > settled) newest = proposed;
        for (uint256 index = 0; index < _ringSize; ++index) {
            SubmissionSlot slot = _slot(account, index).content;
            if (_isNeeded(slot, settled) && slot.round() > newest) newest = uint32(slot.round()); // it has 31 bits
        }
    }

    function settledRound() external view returns (uint32) {
        return _head.settledRound;
    }

    function unbondingSeconds() external view returns (uint256) {
        return Boundary.unbondingSeconds(_parameters, _longerUnbonding, rewards);
    }

    // ── reading ──

    function isTrainer(address account) public view returns (bool) {
        return _slot(account, 0).content.isMember();
    }

    function isAggregator(address account) public view returns (bool) {
        return _aggregators.has(account);
    }

    function aggregators() external view returns (address[] memory) {
        return _aggregators.list();
    }

    function missedTurns(address account) external view returns (uint256) {
        return _aggregators.members[account].missedTurns;
    }

    function mayJoinAt(address account) external view returns (uint256) {
        return _attendance[account].mayJoinAt;
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
        return _slot(trainer, _ringIndex(round)).content;
    }

    // ── internal ──

    /// @dev Opens the next round from the model of `baseRound`, where there are trainers and room for it.
    function _openRound(uint32 baseRound) internal virtual;

    /// @dev Reverts where the caller is barred, or has too little stake for one more role.
    function _requireAdmitted(uint256 moreWei) private {
        require(!policy.isBarred(msg.sender), Barred(msg.sender));
        stake.requireStake(msg.sender, requiredStakeWei(msg.sender) + moreWei);
    }

    /// @return opens Whether a round may open.
    function _followPolicy(uint32 baseRound) internal returns (bool opens) {
        Head memory head = _head;
        uint32 round = head.latestRound + 1;
        return Boundary.follow(_parameters, _longerUnbonding, policy, rewards, round, baseRound, head.finalRound);
    }

    function _hasSubmitted(address trainer, uint32 round) private view returns (bool) {
        if (round == 0 || isTrainerSlashed[trainer][round]) return false;
        SubmissionSlot slot = _slot(trainer, _ringIndex(round)).content;
        return slot.round() == round && !slot.isVacant();
    }

    /// @dev Joining marks the slots of earlier rounds, and submitting marks the slot of its round: a member whose slot has an older mark
    /// has submitted nothing.
    function _hasMissed(address trainer, uint32 round) private view returns (bool) {
        return round != 0 && _slot(trainer, _ringIndex(round)).content.round() < round;
    }

    function _removeWaitedFor(address trainer, uint32 round) private {
        _removeTrainer(trainer);
        Waiting.strike(_attendance[trainer], trainer, round, _parameters.submissionSeconds);
    }

    /// @dev Makes the submission count for nothing, so that its round waits for one trainer fewer, also where it is opened again. A
    /// slashed trainer's submission to the open round is discarded too: no stake stands behind it, and nobody need serve it.
    function _discardSubmission(address trainer, uint32 round) private {
        isTrainerSlashed[trainer][round] = true;
        _expectOneFewer(round);
        uint8 edition = _clock.edition;
        if (round == _clock.round) {
            unchecked {
                // it may wrap: an elector that has signed for the same number before does not sign again in this round
                ++edition;
            }
            _clock.edition = edition;
        }
        emit TrainerSlashed(trainer, round, edition);
    }

    /// @dev Lets the round, which is open or proposed and not final, wait for one trainer fewer.
    function _expectOneFewer(uint32 round) private {
        if (round == _clock.round) {
            // at the limit there may be more trainers than the round counts: then the count stays, and the round waits for its deadline
            uint32 expected = _clock.expectedTrainers;
            if (expected < Parameters.MAX_INPUTS) _clock.expectedTrainers = expected - 1;
            return;
        }
        RoundTerms storage terms = _terms[_ringIndex(round)];
        if (terms.round == round && terms.expectedTrainers < Parameters.MAX_INPUTS) --terms.expectedTrainers;
    }

    /// @dev Rounds that the trainer has not submitted to no longer wait for it, and would not if they were opened again. Retires every
    /// slot that a proof may still need, and clears the others, for the refund.
    function _removeTrainer(address trainer) internal {
        uint256 settled = _head.settledRound;
        uint256 latest = _head.latestRound;
        for (uint256 round = settled + 1; round <= latest; ++round) {
            if (_hasMissed(trainer, uint32(round))) _expectOneFewer(uint32(round));
        }
        for (uint256 index = 0; index < _ringSize; ++index) {
            SubmissionSlot slot = _slot(trainer, index).content;
            _slot(trainer, index).content = _isNeeded(slot, settled) ? slot.retire() : SubmissionSlot.wrap(0);
        }
        --_head.trainerCount;
    }

    function _slashAggregator(address aggregator, address challenger) internal {
        _slash(aggregator, _parameters.aggregatorBondWei, challenger);
        if (isAggregator(aggregator)) _removeAggregator(aggregator);
        _removeWithoutStake(aggregator);
    }

    function _slash(address account, uint256 amountWei, address challenger) private {
        stake.slash(account, amountWei, challenger, _parameters.challengerBasisPoints);
    }

    /// @dev Ends the roles for which the account has too little stake left after a slash.
    function _removeWithoutStake(address account) private {
        if (requiredStakeWei(account) == 0) return;
        uint256 bondedWei = stake.bondedWei(address(this), account);
        if (isAggregator(account) && bondedWei < requiredStakeWei(account)) _removeAggregator(account);
        if (isTrainer(account) && bondedWei < requiredStakeWei(account)) {
            _removeTrainer(account);
            emit TrainerLeft(account);
        }
        if (requiredStakeWei(account) != 0) stake.checkpoint(address(this), account);
    }

    /// @dev The account is no longer an elector of the open round. For rounds in flight `Electors` counts the present members.
    function _removeAggregator(address account) internal {
        uint32 open = _clock.round;
        bool elects = open != 0 && _aggregators.members[account].joinedAfter < open;
        if (elects) --_terms[_ringIndex(open)].aggregators;
        _aggregators.remove(account);
        emit AggregatorLeft(account);
    }

    /// @return True for a submission to a round that is not settled: proofs may still read it.
    function _isNeeded(SubmissionSlot slot, uint256 settled) private pure returns (bool) {
        return slot.round() > settled && !slot.isVacant();
    }

    /// @return The newest round up to `latest` that has this place in the ring, or 0.
    function _newestRoundAt(uint256 index, uint256 latest) private view returns (uint256) {
        uint256 age = (latest + _ringSize - index) % _ringSize;
        return age > latest ? 0 : latest - age;
    }

    function _slot(address trainer, uint256 index) internal view returns (RingSlot storage) {
        return _slots[(uint256(uint160(trainer)) << 96) | index];
    }

    /// @return index The place of the round in every ring.
    function _ringIndex(uint256 round) internal view returns (uint256 index) {
        uint256 size = _ringSize;
        // round % size without a check for zero: `Parameters` has checked the size
        assembly ("memory-safe") {
            index := mod(round, size)
        }
    }
}
