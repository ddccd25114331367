// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { IFederation } from "../interfaces/IFederation.sol";
import { IPolicy } from "../interfaces/IPolicy.sol";
import { IRewards } from "../interfaces/IRewards.sol";
import { IStake } from "../interfaces/IStake.sol";
import { Scores } from "../libraries/Scores.sol";
import { EvaluationState, EvaluationStateLibrary, Evaluator, Pace, Scoring, ScoresDemand } from "../types/Evaluation.sol";
import { Account, RewardParameters } from "../types/Reward.sol";
import { ProposalRecord } from "../types/Round.sol";
import { ScoreSlot, ScoreSlotLibrary } from "../types/Score.sol";
import { Enrolment } from "./Enrolment.sol";
import { Evaluators } from "./Evaluators.sol";
import { ScoreDemands } from "./ScoreDemands.sol";

/// @title Who scores, and how evaluators commit to scores and show them
abstract contract Evaluation is IRewards, ReentrancyGuardTransient {
    uint256 internal constant RING_SIZE = EvaluationStateLibrary.RING_SIZE;

    IPolicy public immutable policy;
    IFederation public immutable federation;
    IStake public immutable stake;

    EvaluationState internal _state;

    /// @dev The policy has checked the parameters, together with those of the federation.
    constructor(IPolicy policy_, IStake stake_) {
        require(address(policy_) != address(0) && address(stake_) != address(0), ZeroAddress());
        require(policy_.rewards() == address(this), NotThePolicy(address(policy_)));
        policy = policy_;
        federation = IFederation(policy_.federation());
        stake = stake_;
        _state.setParameters(policy_.rewardParameters(), 1);
    }

    modifier onlyPolicy() {
        require(msg.sender == address(policy), NotThePolicy(msg.sender));
        _;
    }

    // ── what votes decide ──

    function setParameters(RewardParameters calldata parameters_) external onlyPolicy {
        Evaluators.change(_state, federation, parameters_);
    }

    function eject(address account) external onlyPolicy {
        Evaluators.eject(_state, federation, policy, account);
    }

    // ── accounts ──

    function enrol(address payee) external {
        Enrolment.enrol(_state, federation, stake, payee);
    }

    function setPayee(address account, address payee) external {
        Enrolment.setPayee(_state, account, payee);
    }

    // ── evaluators ──

    function joinAsEvaluator() external {
        Evaluators.joinAsEvaluator(_state, federation, stake, policy);
    }

    function leaveAsEvaluator() external {
        Evaluators.leaveAsEvaluator(_state);
    }

    function reportAbsence(address evaluator, uint32[] calldata rounds) external {
        Evaluators.removeAbsent(_state, federation, evaluator, rounds);
    }

    function slashEvaluator(address evaluator, address challenger) external {
        require(msg.sender == address(federation), NotTheFederation(msg.sender));
        Evaluators.slash(_state, federation, stake, evaluator, challenger);
    }

    function openScoring(uint32 round) external {
        _openScoring(round);
    }

    function commitScores(uint32 round, bytes32 commitment) external {
        _commit(round, commitment, _state.paceOf(round));
    }

    function revealScores(uint32 round, bytes32 scoresRoot) external {
        _reveal(round, scoresRoot, _state.paceOf(round));
    }

    function revealAndCommit(
        uint32 revealRound,
        bytes32 scoresRoot,
        uint32 commitRound,
        bytes32 commitment
    ) external {
        Pace memory pace = _state.pace;
        uint256 changedFrom = pace.changedFrom;
        if (revealRound < changedFrom) pace = _state.paceOf(revealRound);
        _reveal(revealRound, scoresRoot, pace);
        if (revealRound < changedFrom || commitRound < changedFrom) pace = _state.paceOf(commitRound);
        _commit(commitRound, commitment, pace);
    }

    function demandScores(uint32 round, address evaluator) external payable {
        ScoreDemands.demand(_state, round, evaluator);
    }

    function publishScores(uint32 round, address evaluator, bytes32 salt, bytes calldata scores) external {
        ScoreDemands.publish(_state, round, evaluator, salt, scores);
    }

    function forfeit(uint32 round, address evaluator) external nonReentrant {
        ScoreDemands.forfeit(_state, federation, stake, round, evaluator);
    }

    function claimOwed() external nonReentrant {
        ScoreDemands.claimOwed(_state);
    }

    // ── what Stake asks ──

    function requiredStakeWei(address account) external view returns (uint256) {
        return _state.evaluators[account].member ? Evaluators.stakeWei(_state, federation) : 0;
    }

    function unbondingSeconds() external view returns (uint256) {
        return Evaluators.unbondingSeconds(_state, federation);
    }

    /// @dev Always zero: the unbonding delay alone outlives every proof of a missing reveal.
    function vouchedRound(address) external pure returns (uint32) {
        return 0;
    }

    function settledRound() external pure returns (uint32) {
        return 0;
    }

    // ── reading ──

    function rewardParameters() external view returns (RewardParameters memory) {
        return _state.parameters;
    }

    function accountOf(address account) external view returns (Account memory) {
        return _state.accounts[account];
    }

    function accountCount() external view returns (uint32) {
        return _state.pace.accountCount;
    }

    function owedWei(address account) external view returns (uint256) {
        return _state.owedWei[account];
    }

    function isEvaluator(address account) external view returns (bool) {
        return _state.evaluators[account].member;
    }

    function evaluatorOf(address account) external view returns (Evaluator memory) {
        return _state.evaluators[account];
    }

    function evaluatorCount() external view returns (uint32) {
        return _state.pace.evaluatorCount;
    }

    function isDrawn(uint32 round, address evaluator) external view returns (bool) {
        Scoring memory scoring = _state.scorings[round % RING_SIZE];
        require(scoring.round == round, RoundNotProposed(round));
        return EvaluationStateLibrary.isDrawn(scoring, _state.paceOf(round).committeeSize, evaluator);
    }

    function scoreSlot(address evaluator, uint32 round) external view returns (ScoreSlot) {
        return _state.slotOf(evaluator, round);
    }

    function counts(
        uint32 round,
        uint32 proposedAt,
        address evaluator,
        bytes32 scoresRoot
    ) external view returns (bool) {
        ScoreSlot slot = _state.slotOf(evaluator, round);
        bool same = slot.round() == round && slot.proposedAt() == proposedAt;
        bytes32 commitment = Scores.commitment(address(this), round, evaluator, scoresRoot);
        return same && slot.counts() && slot.holds(commitment);
    }

    // ── internal ──

    function _openScoring(uint32 round) private returns (Scoring memory scoring) {
        ProposalRecord memory record = federation.proposalOf(round);
        require(round != 0 && record.round == round, RoundNotProposed(round));
        Scoring storage stored = _state.scorings[round % RING_SIZE];
        uint128 seed = uint128(uint256(record.modelRoot));
        if (stored.round == round && stored.proposedAt == record.proposedAt && stored.seed == seed) return stored;
        Pace memory pace = _state.paceOf(round);
        uint256 closedAt = uint256(record.proposedAt) + pace.scoringSeconds;
        require(block.timestamp < closedAt, ScoringClosed(round, closedAt));
        uint32 evaluators = federation.termsOf(round).evaluators;
        scoring = Scoring(round, record.proposedAt, evaluators, pace.accountCount, seed);
        _state.scorings[round % RING_SIZE] = scoring;
        emit ScoringOpened(round, record.proposedAt, evaluators, pace.accountCount, record.modelRoot);
    }

    function _commit(uint32 round, bytes32 commitment, Pace memory pace) private {
        Evaluator memory evaluator = _state.evaluators[msg.sender];
        Scoring memory scoring = _state.scorings[round % RING_SIZE];
        uint256 proposedAt = ScoreSlotLibrary.proposedAtOf(commitment);
        // scoring that was opened for a proposal that was voided must be opened anew
        if (scoring.round != round || scoring.proposedAt != proposedAt) scoring = _openScoring(round);
        require(scoring.proposedAt == proposedAt, AnotherProposal(round));
        require(evaluator.member && evaluator.joinedAfter < round, NotAnEvaluator(msg.sender));
        uint256 closedAt = uint256(scoring.proposedAt) + pace.scoringSeconds;
        require(block.timestamp < closedAt, ScoringClosed(round, closedAt));
        require(EvaluationStateLibrary.isDrawn(scoring, pace.committeeSize, msg.sender), NotDrawn(msg.sender, round));

        ScoreSlot slot = _state.slotOf(msg.sender, round);
        bool same = slot.round() == round && slot.proposedAt() == scoring.proposedAt;
        require(!same, AlreadyCommitted(msg.sender, round));
        bool free = slot.round() == round || slot.round() <= pace.finalRound;
        require(free, ScoresStillNeeded(slot.round()));
        if (slot.has(ScoreSlotLibrary.DEMANDED) && !slot.has(ScoreSlotLibrary.FORFEITED)) {
            ScoresDemand memory demand = _state.takeBond(msg.sender, slot.round());
            _state.owedWei[demand.demander] += demand.bondWei;
        }
        _state.setSlot(msg.sender, round, ScoreSlotLibrary.pack(round, commitment));
        emit ScoresCommitted(_roundAndEvaluator(round, msg.sender));
    }

    function _reveal(uint32 round, bytes32 scoresRoot, Pace memory pace) private {
        ScoreSlot slot = _state.committedSlot(msg.sender, round);
        require(!slot.has(ScoreSlotLibrary.REVEALED), AlreadyRevealed(msg.sender, round));
        uint256 startsAt = slot.proposedAt() + pace.scoringSeconds;
        require(block.timestamp >= startsAt, NotYet(startsAt));
        uint256 endsAt = startsAt + pace.revealSeconds;
        require(block.timestamp < endsAt, TooLate(endsAt));
        bytes32 commitment = Scores.commitment(address(this), round, msg.sender, scoresRoot);
        require(slot.holds(commitment), OtherScores(msg.sender, round));
        _state.setSlot(msg.sender, round, slot.with(ScoreSlotLibrary.REVEALED));
        emit ScoresRevealed(_roundAndEvaluator(round, msg.sender), scoresRoot);
    }

    function _roundAndEvaluator(uint32 round, address evaluator) private pure returns (uint192) {
        return (uint192(round) << 160) | uint160(evaluator);
    }
}
