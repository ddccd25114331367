// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IRewards } from "../interfaces/IRewards.sol";
import { Signs } from "./Aggregators.sol";
import { Account, RewardParameters } from "./Reward.sol";
import { ScoreSlot } from "./Score.sol";

/// @notice The numbers that a commitment and a reveal read, in one slot.
struct Pace {
    uint32 scoringSeconds;
    uint32 revealSeconds;
    uint32 publishSeconds;
    /// The newest round with a reward statement, and the newest round whose reward statement is final.
    uint32 statedRound;
    uint32 finalRound;
    uint32 accountCount;
    uint16 evaluatorCount;
    uint16 committeeSize;
    /// The first round for which these windows and this size hold. `EvaluationState.earlier` keeps those of earlier rounds.
    uint32 changedFrom;
}

/// @notice The parameters that held for the rounds before `until`, back to the `until` of the element before this one.
struct EarlierParameters {
    uint32 until;
    RewardParameters parameters;
}

/// @notice A round as it was when its scoring opened, in one slot.
struct Scoring {
    uint32 round;
    uint32 proposedAt;
    uint32 evaluatorCount;
    uint32 accountCount;
    /// The last 16 bytes of the proposed model's root: nobody knows it before all updates are in, and then nobody can change one.
    uint128 seed;
}

struct Evaluator {
    bool member;
    /// The newest round when the evaluator joined: it scores and attests later rounds only, so that nobody joins to decide a round
    /// that has begun.
    uint32 joinedAfter;
    Signs signs;
}

struct ScoresDemand {
    address demander;
    uint96 bondWei;
}

/// @notice Who scores, and what they have committed to: the state that `Evaluation` shares with the libraries `Enrolment`,
/// `Evaluators` and `ScoreDemands`.
struct EvaluationState {
    Pace pace;
    /// The parameters of rounds from `pace.changedFrom` on.
    RewardParameters parameters;
    EarlierParameters[] earlier;
    mapping(address account => Account) accounts;
    mapping(uint256 index => Scoring) scorings;
    mapping(address account => Evaluator) evaluators;
    mapping(uint256 evaluatorAndIndex => ScoreSlot) scores;
    mapping(uint256 evaluatorAndRound => ScoresDemand) demands;
    mapping(address account => uint256) owedWei;
}

using EvaluationStateLibrary for EvaluationState global;

library EvaluationStateLibrary {
    /// @dev The number of rounds whose scores are kept.
    uint256 internal constant RING_SIZE = 64;

    function slotOf(EvaluationState storage state, address evaluator, uint256 round) internal view returns (ScoreSlot) {
        return state.scores[key(evaluator, round % RING_SIZE)];
    }

    /// @dev Reverts where the evaluator has committed to nothing in this round.
    function committedSlot(
        EvaluationState storage state,
        address evaluator,
        uint256 round
    ) internal view returns (ScoreSlot slot) {
        slot = state.slotOf(evaluator, round);
        require(round != 0 && slot.round() == round, IRewards.NotCommitted(evaluator, round));
    }

    function setSlot(EvaluationState storage state, address evaluator, uint256 round, ScoreSlot slot) internal {
        state.scores[key(evaluator, round % RING_SIZE)] = slot;
    }

    /// @return The parameters that hold for a round: a change never touches a round that has begun.
    function parametersOf(
        EvaluationState storage state,
        uint256 round
    ) internal view returns (RewardParameters storage) {
        if (round >= state.pace.changedFrom) return state.parameters;
        uint256 index = state.earlier.length;
        while (index != 0 && round < state.earlier[index - 1].until) --index;
        return index == state.earlier.length ? state.parameters : state.earlier[index].parameters;
    }

    /// @return pace The pace with the windows and the committee size that hold for the round.
    function paceOf(EvaluationState storage state, uint256 round) internal view returns (Pace memory pace) {
        pace = state.pace;
        if (round >= pace.changedFrom) return pace;
        RewardParameters storage p = state.parametersOf(round);
        pace.scoringSeconds = p.scoringSeconds;
        pace.revealSeconds = p.revealSeconds;
        pace.publishSeconds = p.publishSeconds;
        pace.committeeSize = p.committeeSize;
    }

    /// @dev In one slot.
    function setParameters(EvaluationState storage state, RewardParameters memory p, uint32 fromRound) internal {
        state.parameters = p;
        Pace storage pace = state.pace;
        (pace.scoringSeconds, pace.revealSeconds, pace.publishSeconds) = (
            p.scoringSeconds,
            p.revealSeconds,
            p.publishSeconds
        );
        (pace.committeeSize, pace.changedFrom) = (p.committeeSize, fromRound);
        emit IRewards.RewardParametersChanged(fromRound, p);
    }

    function takeBond(
        EvaluationState storage state,
        address evaluator,
        uint256 round
    ) internal returns (ScoresDemand memory demand) {
        demand = state.demands[key(evaluator, round)];
        delete state.demands[key(evaluator, round)];
    }

    function requireAccountOrPayee(EvaluationState storage state, address account) internal view {
        require(state.accounts[account].number != 0, IRewards.NotEnrolled(account));
        bool entitled = msg.sender == account || msg.sender == state.accounts[account].payee;
        require(entitled, IRewards.NotAccountOrPayee(msg.sender, account));
    }

    function removeEvaluator(EvaluationState storage state, address account) internal {
        state.evaluators[account].member = false;
        --state.pace.evaluatorCount;
        emit IRewards.EvaluatorLeft(account);
    }

    /// @dev All evaluators are drawn where there are no more than the committee has seats; else each is drawn with the same chance.
    function isDrawn(Scoring memory scoring, uint256 committeeSize, address evaluator) internal pure returns (bool) {
        if (scoring.evaluatorCount <= committeeSize) return true;
        uint256 lot = uint256(keccak256(abi.encode(scoring.seed, evaluator)));
        return lot < (type(uint256).max / scoring.evaluatorCount) * committeeSize;
    }

    /// @return When the reveals of a proposal's scores end.
    function revealEndsAt(Pace memory pace, uint256 proposedAt) internal pure returns (uint256) {
        return proposedAt + pace.scoringSeconds + pace.revealSeconds;
    }

    /// @return When nothing about the scores of a proposal can change any more.
    function settledAt(Pace memory pace, uint256 proposedAt) internal pure returns (uint256) {
        return revealEndsAt(pace, proposedAt) + 2 * uint256(pace.publishSeconds);
    }

    function key(address evaluator, uint256 index) internal pure returns (uint256) {
        return (uint256(uint160(evaluator)) << 96) | index;
    }
}
