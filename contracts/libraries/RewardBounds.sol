// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { RewardParameters } from "../types/Reward.sol";
import { Parameters } from "./Parameters.sol";

/// @title Bounds of the parameters of scores and rewards
library RewardBounds {
    uint256 private constant BASIS_POINTS = 10_000;
    uint256 private constant MAX_REWARD_GWEI = 1e9 * 1e9;

    /// @param challengeSeconds The federation's challenge window: all scoring ends within it.
    function validate(RewardParameters memory p, uint256 challengeSeconds) internal pure {
        Parameters.requireWithin("evaluatorStakeWei", p.evaluatorStakeWei, 1, type(uint128).max);
        Parameters.requireWithin("rewardGwei", p.rewardGwei, 0, MAX_REWARD_GWEI);
        Parameters.requireWithin("scoringSeconds", p.scoringSeconds, 1, Parameters.MAX_SECONDS);
        Parameters.requireWithin("revealSeconds", p.revealSeconds, 1, Parameters.MAX_SECONDS);
        uint256 scored = uint256(p.scoringSeconds) + p.revealSeconds;
        uint256 left = challengeSeconds > scored ? (challengeSeconds - scored) / 2 : 0;
        Parameters.requireWithin("publishSeconds", p.publishSeconds, 1, left);
        // as long as anyone can show a missing reveal, and as long again for that to be mined
        Parameters.requireWithin("unbondingSeconds", p.unbondingSeconds, 2 * challengeSeconds, Parameters.MAX_UNBONDING_SECONDS);
        Parameters.requireWithin("committeeSize", p.committeeSize, 1, 128);
        Parameters.requireWithin("aggregatorBasisPoints", p.aggregatorBasisPoints, 0, BASIS_POINTS / 2);
        Parameters.requireWithin("evaluatorBasisPoints", p.evaluatorBasisPoints, 0, BASIS_POINTS / 2);
        Parameters.requireWithin("missedRevealBasisPoints", p.missedRevealBasisPoints, 1, BASIS_POINTS);
        Parameters.requireWithin("demandBondWei", p.demandBondWei, 1, type(uint96).max);
    }
}
