// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { RewardParameters } from "../types/Reward.sol";
import { Parameters } from "./Parameters.sol";

/// @title Bounds of the parameters of scores and rewards
library RewardBounds {
    uint256 private constant BASIS_POINTS = 10_000;
    uint256 private constant MAX_REWARD_GWEI = 1e9 * 1e9;

    /// @param challengeSeconds Of the federation: all scoring ends within it.
    function validate(RewardParameters memory p, uint256 challengeSeconds) internal pure {
        _require("evaluatorStakeWei", p.evaluatorStakeWei, 1, type(uint128).max);
        _require("rewardGwei", p.rewardGwei, 0, MAX_REWARD_GWEI);
        _require("scoringSeconds", p.scoringSeconds, 1, Parameters.MAX_SECONDS);
        _require("revealSeconds", p.revealSeconds, 1, Parameters.MAX_SECONDS);
        uint256 scored = uint256(p.scoringSeconds) + p.revealSeconds;
        uint256 left = challengeSeconds > scored ? (challengeSeconds - scored) / 2 : 0;
        _require("publishSeconds", p.publishSeconds, 1, left);
        // as long as a missing reveal can be shown, and as long again for that to be mined
        _require("unbondingSeconds", p.unbondingSeconds, 2 * challengeSeconds, Parameters.MAX_UNBONDING_SECONDS);
        _require("committeeSize", p.committeeSize, 1, 128);
        _require("aggregatorBasisPoints", p.aggregatorBasisPoints, 0, BASIS_POINTS / 2);
        _require("evaluatorBasisPoints", p.evaluatorBasisPoints, 0, BASIS_POINTS / 2);
        _require("missedRevealBasisPoints", p.missedRevealBasisPoints, 1, BASIS_POINTS);
        _require("demandBondWei", p.demandBondWei, 1, type(uint96).max);
    }

    function _require(string memory parameter, uint256 value, uint256 minimum, uint256 maximum) private pure {
        bool within = value >= minimum && value <= maximum;
        require(within, Parameters.ParameterOutOfBounds(parameter, value, minimum, maximum));
    }
}
