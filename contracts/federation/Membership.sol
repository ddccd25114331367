// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IFederation } from "../interfaces/IFederation.sol";
import { IPolicy } from "../interfaces/IPolicy.sol";
import { IRewards } from "../interfaces/IRewards.sol";
import { IStake } from "../interfaces/IStake.sol";
import { Commitments } from "../libraries/Commitments.sol";
import { Parameters } from "../libraries/Parameters.sol";
import { Reputations } from "../types/Reputations.sol";
import { Clock, FederationParameters, ProposalRecord, Task } from "../types/Round.sol";
import { RingSlot, SubmissionSlot, SubmissionSlotLibrary } from "../types/Submission.sol";

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
    }

    struct Aggregator {
        /// One more than its place in `_aggregators`, zero for who is none.
        uint32 place;
        /// The newest round in which it proposed: its bond is locked until that is settled.
        uint32 lastProposed;
        /// The round of its newest claim to a turn, when it claimed, and for which proposal.
        uint32 claimedRound;
        uint40 claimedAt;
        /// The newest round when it joined: it attests later ones only.
        uint32 joinedAfter;
        bytes32 claimedDigest;
    }

    /// @dev What unbonding took longer: the statements of rounds up to this one can be refuted as long as they began.
    struct LongerUnbonding {
        uint32 unbondingSeconds;
        uint32 finalRound;
    }

    uint256 private constant BASIS_POINTS = 10_000;

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
    /// @dev See `Commitments.baseHash`.
    bytes32 internal _baseHash;

    address[] internal _aggregators;
    mapping(address account => Aggregator) internal _aggregatorOf;
    /// @notice Contracts that prove faults: what they decide is carried out. Fixed for ever.
    mapping(address account => bool) public isChallengeContract;
    /// @notice What an account did in one round is paid for once, whoever proves it how often.
    mapping(address trainer => mapping(uint32 round => bool)) public isTrainerSlashed;
    mapping(address aggregator => mapping(uint32 round => bool)) public isAggregatorSlashed;

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
        _requireAdmitted(_parameters.trainerStakeWei);

        Head memory head = _head;
        for (uint256 index = 0; index < _ringSize; ++index) {
            SubmissionSlot slot = _slot(msg.sender, index).content;
            // rounds up to now are marked as if it had submitted: it neither owes nor may bring them anything
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
        _removeTrainer(msg.sender);
        emit TrainerLeft(msg.sender);
    }

    function reportAbsence(address trainer) external {
        require(isTrainer(trainer), NotATrainer(trainer));
        uint32 missed = _clock.baseRound;
        // joining marks the rounds before it, and submitting its own: an older mark is one of a member that was silent
        require(missed != 0 && _slot(trainer, _ringIndex(missed)).content.round() < missed, NotAbsent(trainer));
        _removeTrainer(trainer);
        emit TrainerAbsent(trainer, missed);
    }

    // ── aggregators ──

    function joinAsAggregator() external {
        Aggregator storage aggregator = _aggregatorOf[msg.sender];
        require(aggregator.place == 0, AlreadyAnAggregator(msg.sender));
        _requireAdmitted(_parameters.aggregatorBondWei);
        _aggregators.push(msg.sender);
        aggregator.place = uint32(_aggregators.length); // each place is paid for: never 2^32 of them
        aggregator.joinedAfter = _head.latestRound;
        emit AggregatorJoined(msg.sender);
    }

    function leaveAsAggregator() external {
        require(isAggregator(msg.sender), NotAnAggregator(msg.sender));
        _removeAggregator(msg.sender);
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

    function slashAggregator(address aggregator, uint32 round, address challenger) external onlyChallenges {
        require(!isAggregatorSlashed[aggregator][round], AlreadySlashed(aggregator, round));
        isAggregatorSlashed[aggregator][round] = true;
        _slashAggregator(aggregator, challenger);
    }

    // ── what Stake asks ──

    function requiredStakeWei(address account) public view returns (uint256 wei_) {
        if (isTrainer(account)) wei_ += _parameters.trainerStakeWei;
        if (isAggregator(account)) wei_ += _parameters.aggregatorBondWei;
    }

    function vouchedRound(address account) external view returns (uint32 newest) {
        uint32 settled = _head.settledRound;
        uint32 proposed = _aggregatorOf[account].lastProposed;
        if (proposed > settled) newest = proposed;
        for (uint256 index = 0; index < _ringSize; ++index) {
            SubmissionSlot slot = _slot(account, index).content;
            if (_isNeeded(slot, settled) && slot.round() > newest) newest = uint32(slot.round()); // 31 bits
        }
    }

    function settledRound() external view returns (uint32) {
        return _head.settledRound;
    }

    /// @return longest The longer one, until the rewards are final of all rounds from before it was shortened.
    function unbondingSeconds() public view returns (uint256 longest) {
        longest = _parameters.unbondingSeconds;
        LongerUnbonding memory longer = _longerUnbonding;
        if (longer.unbondingSeconds <= longest) return longest;
        (, uint32 rewardedRound, ) = rewards.rewardHead();
        if (rewardedRound < longer.finalRound) longest = longer.unbondingSeconds;
    }

    // ── reading ──

    function isTrainer(address account) public view returns (bool) {
        return _slot(account, 0).content.isMember();
    }

    function isAggregator(address account) public view returns (bool) {
        return _aggregatorOf[account].place != 0;
    }

    function mayAttest(address account, uint32 round) external view returns (bool) {
        return isAggregator(account) && _aggregatorOf[account].joinedAfter < round;
    }

    function aggregators() external view returns (address[] memory) {
        return _aggregators;
    }

    function attestationQuorum() public view returns (uint256) {
        return (_aggregators.length * _parameters.attestationBasisPoints) / BASIS_POINTS + 1;
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

    /// @dev The caller, for one more role.
    function _requireAdmitted(uint256 moreWei) private {
        require(!policy.isBarred(msg.sender), Barred(msg.sender));
        stake.requireStake(msg.sender, requiredStakeWei(msg.sender) + moreWei);
    }

    /// @dev A change waits until nothing that was done under the old rules can change any more.
    /// @return opens Whether a round may open.
    function _followPolicy(uint32 baseRound) internal returns (bool opens) {
        uint32 round = _head.latestRound + 1;
        bool changed;
        (opens, changed) = policy.beforeRound(round, baseRound == _head.finalRound);
        if (!changed) return opens;
        FederationParameters memory parameters_ = policy.federationParameters();
        uint32 longest = uint32(unbondingSeconds()); // of two that have 32 bits
        if (parameters_.unbondingSeconds < longest) _longerUnbonding = LongerUnbonding(longest, _head.finalRound);
        _parameters = parameters_;
        emit ParametersChanged(round, parameters_);
    }

    function _hasSubmitted(address trainer, uint32 open) private view returns (bool) {
        if (open == 0 || isTrainerSlashed[trainer][open]) return false;
        SubmissionSlot slot = _slot(trainer, _ringIndex(open)).content;
        return slot.round() == open && !slot.isVacant();
    }

    /// @dev It counts for nothing, and where its round is open that waits for one fewer. What a slashed trainer has submitted to the
    /// open round goes too: no stake stands behind it, and nobody need serve it.
    function _discardSubmission(address trainer, uint32 round) private {
        isTrainerSlashed[trainer][round] = true;
        uint256 expected = _clock.expectedTrainers;
        if (round == _clock.round && expected < Parameters.MAX_INPUTS) _clock.expectedTrainers = uint32(expected - 1);
        emit TrainerSlashed(trainer, round);
    }

    /// @dev The open round no longer waits for it. Retires every slot; those that no proof needs any more are cleared,
    /// for the refund.
    function _removeTrainer(address trainer) internal {
        uint256 settled = _head.settledRound;
        uint256 open = _clock.round;
        uint256 expected = _clock.expectedTrainers;
        bool awaited = open != 0 && _slot(trainer, _ringIndex(open)).content.round() < open;
        // at the limit there may be more than the round counts: it then waits for its deadline
        if (awaited && expected < Parameters.MAX_INPUTS) _clock.expectedTrainers = uint32(expected - 1);
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

    /// @dev What a slash leaves may be too little for the account's other role.
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

    function _removeAggregator(address account) internal {
        uint32 place = _aggregatorOf[account].place;
        address last = _aggregators[_aggregators.length - 1];
        _aggregators[place - 1] = last;
        _aggregatorOf[last].place = place;
        _aggregators.pop();
        _aggregatorOf[account].place = 0;
        emit AggregatorLeft(account);
    }

    /// @dev True for a submission to a round that is not settled: proofs may still read it.
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
        // round % size without the check for zero: `Parameters` has made it
        assembly ("memory-safe") {
            index := mod(round, size)
        }
    }
}
