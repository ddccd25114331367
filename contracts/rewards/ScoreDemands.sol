// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IFederation } from "../interfaces/IFederation.sol";
import { IRewards } from "../interfaces/IRewards.sol";
import { IStake } from "../interfaces/IStake.sol";
import { Scores } from "../libraries/Scores.sol";
import { EvaluationState, EvaluationStateLibrary, Pace, ScoresDemand } from "../types/Evaluation.sol";
import { RewardParameters } from "../types/Reward.sol";
import { ProposalRecord } from "../types/Round.sol";
import { ScoreSlot, ScoreSlotLibrary } from "../types/Score.sol";

/// @title What becomes of scores that an evaluator does not show: demands, publication, forfeits
/// @dev Deployed on its own and called by `Evaluation` for its state, so that functions that are called seldom need not fit into
/// `Rewards`.
library ScoreDemands {
    uint256 private constant BASIS_POINTS = 10_000;
    /// @dev The gas that clearing a bond's slot gives back.
    uint256 private constant REFUND_GAS = 4_800;

    function demand(EvaluationState storage state, uint32 round, address evaluator) external {
        ScoreSlot slot = state.committedSlot(evaluator, round);
        Pace memory pace = state.paceOf(round);
        require(slot.has(ScoreSlotLibrary.REVEALED), IRewards.NotRevealed(evaluator, round));
        bool fresh = !slot.has(ScoreSlotLibrary.DEMANDED | ScoreSlotLibrary.PUBLISHED);
        require(fresh, IRewards.AlreadyDemanded(evaluator, round));
        uint256 endsAt = EvaluationStateLibrary.revealEndsAt(pace, slot.proposedAt()) + pace.publishSeconds;
        require(block.timestamp < endsAt, IRewards.TooLate(endsAt));
        uint256 bondWei = state.parametersOf(round).demandBondWei;
        require(msg.value == bondWei, IRewards.WrongBond(msg.value, bondWei));
        state.setSlot(evaluator, round, slot.with(ScoreSlotLibrary.DEMANDED));
        uint256 key = EvaluationStateLibrary.key(evaluator, round);
        state.demands[key] = ScoresDemand(msg.sender, uint96(bondWei)); // the parameter is a uint96
        emit IRewards.ScoresDemanded(round, evaluator, msg.sender);
    }

    function publish(
        EvaluationState storage state,
        uint32 round,
        address evaluator,
        bytes32 salt,
        bytes calldata scores
    ) external {
        uint256 gasBefore = gasleft();
        ScoreSlot slot = state.committedSlot(evaluator, round);
        require(slot.has(ScoreSlotLibrary.DEMANDED), IRewards.NotDemanded(evaluator, round));
        uint256 endsAt = EvaluationStateLibrary.settledAt(state.paceOf(round), slot.proposedAt());
        require(block.timestamp < endsAt, IRewards.TooLate(endsAt));
        bytes32 scoresRoot = Scores.rootOf(salt, scores.length / 2, Scores.treeRootOf(scores));
        bytes32 commitment = Scores.commitment(address(this), round, evaluator, scoresRoot);
        require(slot.holds(commitment), IRewards.OtherScores(evaluator, round));
        slot = slot.without(ScoreSlotLibrary.DEMANDED).with(ScoreSlotLibrary.PUBLISHED);
        state.setSlot(evaluator, round, slot);
        ScoresDemand memory demanded = state.takeBond(evaluator, round);
        emit IRewards.ScoresPublished(round, evaluator, salt, scores);
        // the publisher is owed no more than it pays: so nobody gains by withholding scores and publishing them
        // one wei a unit of gas at least, so that an estimate without a base fee writes the same slots
        uint256 costWei = (gasBefore - gasleft() - REFUND_GAS) * (block.basefee == 0 ? 1 : block.basefee);
        if (costWei > demanded.bondWei) costWei = demanded.bondWei;
        state.owedWei[msg.sender] += costWei;
        state.owedWei[demanded.demander] += demanded.bondWei - costWei;
    }

    function forfeit(
        EvaluationState storage state,
        IFederation federation,
        IStake stake,
        uint32 round,
        address evaluator
    ) external {
        ScoreSlot slot = state.committedSlot(evaluator, round);
        Pace memory pace = state.paceOf(round);
        bool shown = slot.counts() || slot.has(ScoreSlotLibrary.FORFEITED);
        bool demanded = slot.has(ScoreSlotLibrary.DEMANDED);
        bool stood = _stood(federation, round, slot.proposedAt());
        require(!shown && (stood || demanded), IRewards.NothingForfeited(evaluator, round));
        uint256 endsAt = demanded
            ? EvaluationStateLibrary.settledAt(pace, slot.proposedAt())
            : EvaluationStateLibrary.revealEndsAt(pace, slot.proposedAt());
        require(block.timestamp >= endsAt, IRewards.NotYet(endsAt));
        state.setSlot(evaluator, round, slot.with(ScoreSlotLibrary.FORFEITED));
        if (demanded) {
            ScoresDemand memory demanded_ = state.takeBond(evaluator, round);
            state.owedWei[demanded_.demander] += demanded_.bondWei;
        }
        if (!stood) return;

        RewardParameters storage parameters = state.parametersOf(round);
        uint256 requiredWei = parameters.evaluatorStakeWei;
        uint256 amountWei = (requiredWei * parameters.missedRevealBasisPoints) / BASIS_POINTS;
        uint256 share = federation.parameters().challengerBasisPoints;
        uint256 takenWei = stake.slash(evaluator, amountWei, msg.sender, share);
        stake.checkpoint(address(this), evaluator);
        emit IRewards.EvaluatorForfeited(round, evaluator, msg.sender, takenWei);
        bool short = stake.bondedWei(address(this), evaluator) < requiredWei;
        if (state.evaluators[evaluator].member && short) state.removeEvaluator(evaluator);
    }

    function claimOwed(EvaluationState storage state) external {
        uint256 amountWei = state.owedWei[msg.sender];
        require(amountWei != 0, IRewards.NothingOwed(msg.sender));
        state.owedWei[msg.sender] = 0;
        emit IRewards.OwedPaid(msg.sender, amountWei);
        // solhint-disable-next-line avoid-low-level-calls
        (bool paid, ) = msg.sender.call{ value: amountWei }("");
        require(paid, IRewards.PaymentRefused(msg.sender));
    }

    /// @return True where the scored proposal stands as far as the federation knows. Nobody has to show scores of a voided proposal: they
    /// cost no stake, and a bond for them goes back. A proposal that the federation has forgotten may have been voided.
    function _stood(IFederation federation, uint32 round, uint256 proposedAt) private view returns (bool) {
        ProposalRecord memory record = federation.proposalOf(round);
        return record.round == round && record.proposedAt == proposedAt;
    }
}
