// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IFederation } from "../interfaces/IFederation.sol";
import { IPolicy } from "../interfaces/IPolicy.sol";
import { IRewards } from "../interfaces/IRewards.sol";
import { IStake, IStakeLock } from "../interfaces/IStake.sol";
import { Attestations } from "../libraries/Attestations.sol";
import { Parameters } from "../libraries/Parameters.sol";
import { MerkleTree } from "../libraries/MerkleTree.sol";
import { Signs } from "../types/Aggregators.sol";
import {
    EarlierParameters,
    EvaluationState,
    EvaluationStateLibrary,
    Evaluator,
    Pace,
    Scoring
} from "../types/Evaluation.sol";
import { RewardParameters } from "../types/Reward.sol";

/// @title Who scores, and under which parameters: changes hold for rounds to come, never for one that has begun
/// @dev Deployed on its own and called by `Evaluation` for its state, as `ScoreDemands`.
library Evaluators {
    /// @dev The number of rounds that a reporter must show an evaluator to have missed; one fewer than the federation's ring has places
    /// where that is less.
    uint256 private constant ABSENT_ROUNDS = 4;

    function joinAsEvaluator(
        EvaluationState storage state,
        IFederation federation,
        IStake stake,
        IPolicy policy
    ) external {
        require(!policy.isBarred(msg.sender), IRewards.Barred(msg.sender));
        require(!state.evaluators[msg.sender].member, IRewards.AlreadyAnEvaluator(msg.sender));
        require(state.accounts[msg.sender].number != 0, IRewards.NotEnrolled(msg.sender));
        stake.requireStake(msg.sender, _stakeWei(state, federation));
        uint256 most = Parameters.MAX_EVALUATORS;
        require(state.pace.evaluatorCount < most, IRewards.TooManyEvaluators(most));
        uint32 joinedAfter = federation.latestRound();
        Signs signs = state.evaluators[msg.sender].signs;
        // how the account signs is noted once, when it first joins
        if (signs == Signs.Never) signs = Attestations.signsOf(msg.sender);
        state.evaluators[msg.sender] = Evaluator(true, joinedAfter, signs);
        ++state.pace.evaluatorCount;
        emit IRewards.EvaluatorJoined(msg.sender, joinedAfter);
    }

    /// @dev Where nobody has opened the scoring of a round, all evaluators have missed it.
    function removeAbsent(
        EvaluationState storage state,
        IFederation federation,
        address account,
        uint32[] calldata rounds
    ) external {
        Evaluator memory evaluator = state.evaluators[account];
        require(evaluator.member, IRewards.NotAnEvaluator(account));
        uint256 held = federation.task().ringSize - 1;
        MerkleTree.requireLength(rounds.length, held < ABSENT_ROUNDS ? held : ABSENT_ROUNDS);
        uint32 last = evaluator.joinedAfter;
        for (uint256 index = 0; index < rounds.length; ++index) {
            uint32 round = rounds[index];
            bool isFinal = round <= federation.finalRound() && federation.proposalOf(round).round == round;
            Scoring memory scoring = state.scorings[round % EvaluationStateLibrary.RING_SIZE];
            uint256 committeeSize = state.paceOf(round).committeeSize;
            bool drawn = scoring.round != round || EvaluationStateLibrary.isDrawn(scoring, committeeSize, account);
            bool missed = drawn && state.slotOf(account, round).round() < round;
            require(round > last && isFinal && missed, IRewards.NotAbsent(account, round));
            last = round;
        }
        emit IRewards.EvaluatorAbsent(account);
        state.removeEvaluator(account);
    }

    function slash(
        EvaluationState storage state,
        IFederation federation,
        IStake stake,
        address account,
        address challenger
    ) external {
        Evaluator memory evaluator = state.evaluators[account];
        if (evaluator.signs == Signs.Never) return;
        uint256 leastWei = _stakeWei(state, federation);
        uint256 takenWei = stake.slash(account, leastWei, challenger, federation.parameters().challengerBasisPoints);
        stake.checkpoint(address(this), account);
        emit IRewards.EvaluatorSlashed(account, challenger, takenWei);
        if (evaluator.member && stake.bondedWei(address(this), account) < leastWei) state.removeEvaluator(account);
    }

    function leaveAsEvaluator(EvaluationState storage state) external {
        require(state.evaluators[msg.sender].member, IRewards.NotAnEvaluator(msg.sender));
        state.removeEvaluator(msg.sender);
    }

    /// @dev Never reverts for an account that is barred, because a round that opens must not fail by it. A higher minimum costs no
    /// evaluator its place in rounds that began under the lower one.
    function eject(EvaluationState storage state, IFederation federation, IPolicy policy, address account) external {
        if (!state.evaluators[account].member) return;
        bool may = policy.isBarred(account) || !_earlierOpen(state, federation);
        require(may, IRewards.ChangeInFlight(state.pace.changedFrom));
        state.removeEvaluator(account);
    }

    /// @dev Of two changes before the next round opens, the later one holds.
    function change(
        EvaluationState storage state,
        IFederation federation,
        RewardParameters calldata parameters
    ) external {
        uint32 changedFrom = state.pace.changedFrom;
        uint32 fromRound = federation.latestRound() + 1;
        if (fromRound != changedFrom) {
            require(!_earlierOpen(state, federation), IRewards.ChangeInFlight(changedFrom));
            state.earlier.push(EarlierParameters(fromRound, state.parameters));
        }
        state.setParameters(parameters, fromRound);
    }

    function stakeWei(EvaluationState storage state, IFederation federation) external view returns (uint256) {
        return _stakeWei(state, federation);
    }

    /// @return longest The longer of the earlier and the present time, while rounds that began under the earlier parameters are open.
    function unbondingSeconds(
        EvaluationState storage state,
        IFederation federation
    ) external view returns (uint256 longest) {
        longest = state.parameters.unbondingSeconds;
        if (!_earlierOpen(state, federation)) return longest;
        uint256 earlier = _earlier(state).unbondingSeconds;
        if (earlier > longest) longest = earlier;
    }

    /// @return leastWei What an evaluator must keep bonded: the higher of the earlier and the present minimum, while rounds that began
    /// under the earlier parameters are open.
    function _stakeWei(EvaluationState storage state, IFederation federation) private view returns (uint256 leastWei) {
        leastWei = state.parameters.evaluatorStakeWei;
        if (!_earlierOpen(state, federation)) return leastWei;
        uint256 earlierWei = _earlier(state).evaluatorStakeWei;
        if (earlierWei > leastWei) leastWei = earlierWei;
    }

    function _earlier(EvaluationState storage state) private view returns (RewardParameters storage) {
        return state.earlier[state.earlier.length - 1].parameters;
    }

    /// @return True while a round that began under the earlier parameters may still be rewarded. Reward statements go by the order of
    /// rounds; rounds that were skipped or void have none.
    function _earlierOpen(EvaluationState storage state, IFederation federation) private view returns (bool) {
        Pace memory pace = state.pace;
        uint256 last = pace.changedFrom - 1;
        if (pace.finalRound >= last) return false;
        bool settled = IStakeLock(address(federation)).settledRound() >= last;
        return !settled || federation.finalRound() > pace.finalRound;
    }
}
