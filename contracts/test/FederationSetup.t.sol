// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Federation } from "../federation/Federation.sol";
import { Policy } from "../governance/Policy.sol";
import { Stake } from "../staking/Stake.sol";
import { Documents } from "../types/Policy.sol";
import { RewardParameters } from "../types/Reward.sol";
import { FederationParameters, Task } from "../types/Round.sol";
import { Deploy } from "./Deploy.t.sol";
import { vm } from "./Vm.t.sol";

/// @title A federation whose policy is governed by the test itself
library FederationSetup {
    function deploy(
        Stake stake,
        address rewards,
        Task memory task,
        FederationParameters memory parameters,
        address[] memory challenges
    ) internal returns (Federation) {
        address federation = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        Policy policy = Deploy.policy(
            address(this),
            address(this),
            federation,
            rewards,
            parameters,
            rewardParameters(parameters.challengeSeconds),
            Documents(task.manifestCid, 0, 0)
        );
        return Deploy.federation(stake, policy, task, challenges);
    }

    /// @return Parameters that give a fifth of the window to reveal, as long to demand and to answer, and the rest to score.
    function rewardParameters(uint32 challengeSeconds) internal pure returns (RewardParameters memory) {
        uint32 fifth = challengeSeconds / 5;
        uint32 unbonding = 4 * challengeSeconds;
        return RewardParameters(100, 1e9, 2 * fifth, fifth, fifth, unbonding, 32, 1000, 2000, 1000, 1);
    }
}
