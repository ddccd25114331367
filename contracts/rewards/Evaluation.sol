// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { IFederation } from "../interfaces/IFederation.sol";
import { IRewards } from "../interfaces/IRewards.sol";
import { IStake } from "../interfaces/IStake.sol";
import { RewardBounds } from "../libraries/RewardBounds.sol";
import { Scores } from "../libraries/Scores.sol";
import { Account, RewardParameters } from "../types/Reward.sol";
import { ProposalRecord } from "../types/Round.sol";
import { ScoreSlot, ScoreSlotLibrary } from "../types/Score.sol";

/// @title Who scores, and how scores are committed to and shown
abstract contract Evaluation is IRewards, ReentrancyGuardTransient {
    /// @dev What committing and revealing read, in one slot.
    struct Pace {
        uint32 scoringSeconds;
        uint32 revealSeconds;
        uint32 publishSeconds;
        /// The newest round with a statement, and the newest whose statement is final.
        uint32 statedRound;
        uint32 finalRound;
        uint32 accountCount;
        uint32 evaluatorCount;
        uint16 committeeSize;
    }

    /// @dev A round as it was when its scoring opened, in one slot.
    struct Scoring {
        uint32 round;
        uint32 proposedAt;
        uint32 evaluatorCount;
        uint32 accountCount;
        /// The proposed model's root, cut: nobody knows it before all updates are in, and none of them can be changed then.
        uint128 seed;
    }

    struct Evaluator {
        bool member;
        /// It scores proposals that are made later only: nobody joins for a lot that is already drawn.
        uint40 joinedAt;
    }

    struct ScoresDemand {
        address demander;
        uint96 bondWei;
    }

    uint256 internal constant BASIS_POINTS = 10_000;
    uint256 internal constant RING_SIZE = 64;

    IFederation public immutable federation;
    IStake public immutable stake;

    Pace internal _pace;
    RewardParameters internal _parameters;
    mapping(address account => Account) internal _accounts;
    mapping(uint256 index => Scoring) internal _scorings;
    mapping(address account => Evaluator) private _evaluators;
    mapping(uint256 evaluatorAndIndex => ScoreSlot) private _scores;
    mapping(uint256 evaluatorAndRound => ScoresDemand) private _demands;
    mapping(address account => uint256) public owedWei;

    constructor(IFederation federation_, IStake stake_, RewardParameters memory parameters_, uint256 challengeSeconds) {
        require(address(federation_) != address(0) && address(stake_) != address(0), ZeroAddress());
        RewardBounds.validate(parameters_, challengeSeconds);
        federation = federation_;
        stake = stake_;
        _parameters = parameters_;
        _pace.scoringSeconds = parameters_.scoringSeconds;
        _pace.revealSeconds = parameters_.revealSeconds;
        _pace.publishSeconds = parameters_.publishSeconds;
        _pace.committeeSize = parameters_.committeeSize;
        emit RewardParametersChanged(1, parameters_);
    }

    // ── accounts ──

    function enrol(address payee) external {
        require(payee != address(0), ZeroAddress());
        require(_accounts[msg.sender].number == 0, AlreadyEnrolled(msg.sender));
        uint32 place = _pace.accountCount++;
        _accounts[msg.sender] = Account({ payee: payee, claimedGwei: 0, number: place + 1 });
        emit AccountEnrolled(msg.sender, place, payee);
    }

    function setPayee(address account, address payee) external {
        require(payee != address(0), ZeroAddress());
        _requireAccountOrPayee(account);
        _accounts[account].payee = payee;
        emit PayeeSet(account, payee);
    }

    // ── evaluators ──

    function joinAsEvaluator() external {
        require(!_evaluators[msg.sender].member, AlreadyAnEvaluator(msg.sender));
        require(_accounts[msg.sender].number != 0, NotEnrolled(msg.sender));
        stake.requireStake(msg.sender, _parameters.evaluatorStakeWei);
        uint40 joinedAt = uint40(block.timestamp);
        _evaluators[msg.sender] = Evaluator(true, joinedAt);
        ++_pace.evaluatorCount;
        emit EvaluatorJoined(msg.sender, joinedAt);
    }

    function leaveAsEvaluator() external {
        require(_evaluators[msg.sender].member, NotAnEvaluator(msg.sender));
        _removeEvaluator(msg.sender);
    }

    function openScoring(uint32 round) external {
        _openScoring(round);
    }

    function commitScores(uint32 round, bytes32 commitment) external {
        _commit(round, commitment, _pace);
    }

    function revealScores(uint32 round, bytes32 scoresRoot) external {
        _reveal(round, scoresRoot, _pace);
    }

    function revealAndCommit(
        uint32 revealRound,
        bytes32 scoresRoot,
        uint32 commitRound,
        bytes32 commitment
    ) external {
        Pace memory pace = _pace;
        _reveal(revealRound, scoresRoot, pace);
        _commit(commitRound, commitment, pace);
    }

    function demandScores(uint32 round, address evaluator) external payable {
        ScoreSlot slot = _committedSlot(evaluator, round);
        Pace memory pace = _pace;
        require(slot.has(ScoreSlotLibrary.REVEALED), NotRevealed(evaluator, round));
        bool fresh = !slot.has(ScoreSlotLibrary.DEMANDED | ScoreSlotLibrary.PUBLISHED);
        require(fresh, AlreadyDemanded(evaluator, round));
        uint256 endsAt = _revealEndsAt(slot, pace) + pace.publishSeconds;
        require(block.timestamp < endsAt, TooLate(endsAt));
        uint256 bondWei = _parameters.demandBondWei;
        require(msg.value == bondWei, WrongBond(msg.value, bondWei));
        _setSlot(evaluator, round, slot.with(ScoreSlotLibrary.DEMANDED));
        _demands[_key(evaluator, round)] = ScoresDemand(msg.sender, uint96(bondWei)); // a uint96
        emit ScoresDemanded(round, evaluator, msg.sender);
    }

    function publishScores(uint32 round, address evaluator, bytes32 salt, bytes calldata scores) external {
        ScoreSlot slot = _committedSlot(evaluator, round);
        Pace memory pace = _pace;
        require(slot.has(ScoreSlotLibrary.DEMANDED), NotDemanded(evaluator, round));
        uint256 endsAt = _settledAt(slot.proposedAt(), pace);
        require(block.timestamp < endsAt, TooLate(endsAt));
        bytes32 scoresRoot = Scores.rootOf(salt, scores.length / 2, Scores.treeRootOf(scores));
        bytes32 commitment = Scores.commitment(address(this), round, evaluator, scoresRoot);
        require(slot.holds(commitment), OtherScores(evaluator, round));
        slot = slot.without(ScoreSlotLibrary.DEMANDED).with(ScoreSlotLibrary.PUBLISHED);
        _setSlot(evaluator, round, slot);
        owedWei[msg.sender] += _takeBond(evaluator, round).bondWei;
        emit ScoresPublished(round, evaluator, salt, scores);
    }

    function forfeit(uint32 round, address evaluator) external nonReentrant {
        ScoreSlot slot = _committedSlot(evaluator, round);
        Pace memory pace = _pace;
        bool shown = slot.counts() || slot.has(ScoreSlotLibrary.FORFEITED);
        require(!shown, NothingForfeited(evaluator, round));
        _requireStood(round, slot.proposedAt(), evaluator);
        bool demanded = slot.has(ScoreSlotLibrary.DEMANDED);
        uint256 endsAt = demanded ? _settledAt(slot.proposedAt(), pace) : _revealEndsAt(slot, pace);
        require(block.timestamp >= endsAt, NotYet(endsAt));
        _setSlot(evaluator, round, slot.with(ScoreSlotLibrary.FORFEITED));
        if (demanded) {
            ScoresDemand memory demand = _takeBond(evaluator, round);
            owedWei[demand.demander] += demand.bondWei;
        }

        uint256 requiredWei = _parameters.evaluatorStakeWei;
        uint256 amountWei = (requiredWei * _parameters.missedRevealBasisPoints) / BASIS_POINTS;
        uint256 share = federation.parameters().challengerBasisPoints;
        uint256 takenWei = stake.slash(evaluator, amountWei, msg.sender, share);
        stake.checkpoint(address(this), evaluator);
        emit EvaluatorForfeited(round, evaluator, msg.sender, takenWei);
        bool short = stake.bondedWei(address(this), evaluator) < requiredWei;
        if (_evaluators[evaluator].member && short) _removeEvaluator(evaluator);
    }

    function claimOwed() external nonReentrant {
        uint256 amountWei = owedWei[msg.sender];
        require(amountWei != 0, NothingOwed(msg.sender));
        owedWei[msg.sender] = 0;
        emit OwedPaid(msg.sender, amountWei);
        // solhint-disable-next-line avoid-low-level-calls
        (bool paid, ) = msg.sender.call{ value: amountWei }("");
        require(paid, PaymentRefused(msg.sender));
    }

    // ── what Stake asks ──

    function requiredStakeWei(address account) external view returns (uint256) {
        return _evaluators[account].member ? _parameters.evaluatorStakeWei : 0;
    }

    function unbondingSeconds() external view returns (uint256) {
        return _parameters.unbondingSeconds;
    }

    /// @dev The delay alone outlives every proof of a missing reveal.
    function vouchedRound(address) external pure returns (uint32) {
        return 0;
    }

    function settledRound() external pure returns (uint32) {
        return 0;
    }

    // ── reading ──

    function rewardParameters() external view returns (RewardParameters memory) {
        return _parameters;
    }

    function accountOf(address account) external view returns (Account memory) {
        return _accounts[account];
    }

    function accountCount() external view returns (uint32) {
        return _pace.accountCount;
    }

    function isEvaluator(address account) external view returns (bool) {
        return _evaluators[account].member;
    }

    function evaluatorCount() external view returns (uint32) {
        return _pace.evaluatorCount;
    }

    function isDrawn(uint32 round, address evaluator) external view returns (bool) {
        Scoring memory scoring = _scorings[round % RING_SIZE];
        require(scoring.round == round, RoundNotProposed(round));
        return _isDrawn(scoring, _pace.committeeSize, evaluator);
    }

    function scoreSlot(address evaluator, uint32 round) external view returns (ScoreSlot) {
        return _slotOf(evaluator, round);
    }

    function counts(
        uint32 round,
        uint32 proposedAt,
        address evaluator,
        bytes32 scoresRoot
    ) external view returns (bool) {
        ScoreSlot slot = _slotOf(evaluator, round);
        bool same = slot.round() == round && slot.proposedAt() == proposedAt;
        bytes32 commitment = Scores.commitment(address(this), round, evaluator, scoresRoot);
        return same && slot.counts() && slot.holds(commitment);
    }

    // ── internal ──

    function _requireAccountOrPayee(address account) internal view {
        require(_accounts[account].number != 0, NotEnrolled(account));
        bool entitled = msg.sender == account || msg.sender == _accounts[account].payee;
        require(entitled, NotAccountOrPayee(msg.sender, account));
    }

    /// @return When nothing about the scores of a proposal can change any more.
    function _settledAt(uint256 proposedAt, Pace memory pace) internal pure returns (uint256) {
        return proposedAt + pace.scoringSeconds + pace.revealSeconds + 2 * uint256(pace.publishSeconds);
    }

    function _openScoring(uint32 round) private returns (Scoring memory scoring) {
        ProposalRecord memory record = federation.proposalOf(round);
        require(round != 0 && record.round == round, RoundNotProposed(round));
        Scoring storage stored = _scorings[round % RING_SIZE];
        uint128 seed = uint128(uint256(record.modelRoot));
        if (stored.round == round && stored.proposedAt == record.proposedAt && stored.seed == seed) return stored;
        Pace memory pace = _pace;
        uint256 closedAt = uint256(record.proposedAt) + pace.scoringSeconds;
        require(block.timestamp < closedAt, ScoringClosed(round, closedAt));
        scoring = Scoring(round, record.proposedAt, pace.evaluatorCount, pace.accountCount, seed);
        _scorings[round % RING_SIZE] = scoring;
        emit ScoringOpened(round, record.proposedAt, pace.evaluatorCount, pace.accountCount, record.modelRoot);
    }

    function _commit(uint32 round, bytes32 commitment, Pace memory pace) private {
        Evaluator memory evaluator = _evaluators[msg.sender];
        Scoring memory scoring = _scorings[round % RING_SIZE];
        if (scoring.round != round) scoring = _openScoring(round);
        require(evaluator.member && evaluator.joinedAt < scoring.proposedAt, NotAnEvaluator(msg.sender));
        uint256 closedAt = uint256(scoring.proposedAt) + pace.scoringSeconds;
        require(block.timestamp < closedAt, ScoringClosed(round, closedAt));
        require(_isDrawn(scoring, pace.committeeSize, msg.sender), NotDrawn(msg.sender, round));

        ScoreSlot slot = _slotOf(msg.sender, round);
        bool same = slot.round() == round && slot.proposedAt() == scoring.proposedAt;
        require(!same, AlreadyCommitted(msg.sender, round));
        bool free = slot.round() == round || slot.round() <= pace.finalRound;
        require(free, ScoresStillNeeded(slot.round()));
        if (slot.has(ScoreSlotLibrary.DEMANDED) && !slot.has(ScoreSlotLibrary.FORFEITED)) {
            ScoresDemand memory demand = _takeBond(msg.sender, slot.round());
            owedWei[demand.demander] += demand.bondWei;
        }
        _setSlot(msg.sender, round, ScoreSlotLibrary.pack(round, scoring.proposedAt, commitment));
        emit ScoresCommitted(_roundAndEvaluator(round, msg.sender));
    }

    function _reveal(uint32 round, bytes32 scoresRoot, Pace memory pace) private {
        ScoreSlot slot = _committedSlot(msg.sender, round);
        require(!slot.has(ScoreSlotLibrary.REVEALED), AlreadyRevealed(msg.sender, round));
        uint256 startsAt = slot.proposedAt() + pace.scoringSeconds;
        require(block.timestamp >= startsAt, NotYet(startsAt));
        uint256 endsAt = startsAt + pace.revealSeconds;
        require(block.timestamp < endsAt, TooLate(endsAt));
        bytes32 commitment = Scores.commitment(address(this), round, msg.sender, scoresRoot);
        require(slot.holds(commitment), OtherScores(msg.sender, round));
        _setSlot(msg.sender, round, slot.with(ScoreSlotLibrary.REVEALED));
        emit ScoresRevealed(_roundAndEvaluator(round, msg.sender), scoresRoot);
    }

    /// @dev Scores of a proposal that was voided need not be shown.
    function _requireStood(uint32 round, uint256 proposedAt, address evaluator) private view {
        ProposalRecord memory record = federation.proposalOf(round);
        bool stood = record.round == round ? record.proposedAt == proposedAt : round <= federation.finalRound();
        require(stood, NothingForfeited(evaluator, round));
    }

    function _removeEvaluator(address account) private {
        _evaluators[account].member = false;
        --_pace.evaluatorCount;
        emit EvaluatorLeft(account);
    }

    /// @dev Everybody where there are no more than the committee has seats; else each with the same chance.
    function _isDrawn(Scoring memory scoring, uint256 committeeSize, address evaluator) private pure returns (bool) {
        if (scoring.evaluatorCount <= committeeSize) return true;
        uint256 lot = uint256(keccak256(abi.encode(scoring.seed, evaluator)));
        return lot < (type(uint256).max / scoring.evaluatorCount) * committeeSize;
    }

    function _revealEndsAt(ScoreSlot slot, Pace memory pace) private pure returns (uint256) {
        return slot.proposedAt() + pace.scoringSeconds + pace.revealSeconds;
    }

    function _takeBond(address evaluator, uint256 round) private returns (ScoresDemand memory demand) {
        demand = _demands[_key(evaluator, round)];
        delete _demands[_key(evaluator, round)];
    }

    function _slotOf(address evaluator, uint256 round) private view returns (ScoreSlot) {
        return _scores[_key(evaluator, round % RING_SIZE)];
    }

    function _committedSlot(address evaluator, uint256 round) private view returns (ScoreSlot slot) {
        slot = _slotOf(evaluator, round);
        require(round != 0 && slot.round() == round, NotCommitted(evaluator, round));
    }

    function _setSlot(address evaluator, uint256 round, ScoreSlot slot) private {
        _scores[_key(evaluator, round % RING_SIZE)] = slot;
    }

    function _roundAndEvaluator(uint32 round, address evaluator) private pure returns (uint192) {
        return (uint192(round) << 160) | uint160(evaluator);
    }

    function _key(address evaluator, uint256 index) private pure returns (uint256) {
        return (uint256(uint160(evaluator)) << 96) | index;
    }
}
