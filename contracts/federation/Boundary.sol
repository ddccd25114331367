// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IFederation } from "../interfaces/IFederation.sol";
import { IPolicy } from "../interfaces/IPolicy.sol";
import { IRewards } from "../interfaces/IRewards.sol";
import { FederationParameters } from "../types/Round.sol";

/// @notice The longer unbonding time that a vote has shortened. It still holds until the rewards of all rounds up to `finalRound` are
/// final, because their reward statements can be challenged for as long as those rounds could.
struct LongerUnbonding {
    uint32 unbondingSeconds;
    uint32 finalRound;
}

/// @title The boundary between two rounds, at which what voters have chosen takes effect
/// @dev Deployed on its own and called by `Federation` for its state.
library Boundary {
    /// @dev A change waits until nothing that was done under the old rules can change any more.
    /// @param round The round that would open.
    /// @return opens Whether a round may open.
    function follow(
        FederationParameters storage parameters,
        LongerUnbonding storage longer,
        IPolicy policy,
        IRewards rewards,
        uint32 round,
        uint32 baseRound,
        uint32 finalRound
    ) external returns (bool opens) {
        bool changed;
        (opens, changed) = policy.beforeRound(round, baseRound == finalRound);
        if (!changed) return opens;
        FederationParameters memory chosen = policy.federationParameters();
        uint32 longest = uint32(unbondingSeconds(parameters, longer, rewards)); // both have 32 bits
        if (chosen.unbondingSeconds < longest) {
            (longer.unbondingSeconds, longer.finalRound) = (longest, finalRound);
        }
        _set(parameters, chosen);
        emit IFederation.ParametersChanged(round, chosen);
    }

    /// @return longest The longer time, until the rewards of all rounds from before it was shortened are final; then the present one.
    function unbondingSeconds(
        FederationParameters storage parameters,
        LongerUnbonding storage longer,
        IRewards rewards
    ) internal view returns (uint256 longest) {
        longest = parameters.unbondingSeconds;
        if (longer.unbondingSeconds <= longest) return longest;
        (, uint32 rewardedRound, ) = rewards.rewardHead();
        if (rewardedRound < longer.finalRound) longest = longer.unbondingSeconds;
    }

    function _set(FederationParameters storage parameters, FederationParameters memory chosen) private {
        parameters.trainerStakeWei = chosen.trainerStakeWei;
        parameters.aggregatorBondWei = chosen.aggregatorBondWei;
        parameters.submissionSeconds = chosen.submissionSeconds;
        parameters.turnSeconds = chosen.turnSeconds;
        parameters.challengeSeconds = chosen.challengeSeconds;
        parameters.unbondingSeconds = chosen.unbondingSeconds;
        parameters.minimumUpdates = chosen.minimumUpdates;
        parameters.maxWeight = chosen.maxWeight;
        parameters.maxSquaredNorm = chosen.maxSquaredNorm;
        parameters.rule = chosen.rule;
        parameters.trimBasisPoints = chosen.trimBasisPoints;
        parameters.answerSeconds = chosen.answerSeconds;
        parameters.challengerBasisPoints = chosen.challengerBasisPoints;
        parameters.attestationBasisPoints = chosen.attestationBasisPoints;
        parameters.demandBondWei = chosen.demandBondWei;
        parameters.reputationFloorBasisPoints = chosen.reputationFloorBasisPoints;
    }
}
