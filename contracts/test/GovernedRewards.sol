// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Evaluator } from "../types/Evaluation.sol";
import { IGovernedRewards } from "../interfaces/IPolicy.sol";
import { RewardParameters } from "../types/Reward.sol";

/// @title Rewards that only remember what the policy says
contract GovernedRewards is IGovernedRewards {
    RewardParameters private _parameters;
    mapping(address account => bool) public isEjected;
    uint256 public changes;

    function setParameters(RewardParameters calldata parameters_) external {
        _parameters = parameters_;
        ++changes;
    }

    function eject(address account) external {
        isEjected[account] = true;
    }

    // Nothing was ever stated.

    function finalBalances() external pure returns (bytes32 balancesRoot, uint32 accounts) {
        return (0, 0);
    }

    function rewardHead() external pure returns (uint32 statedRound, uint32 finalRound, bytes32 balancesRoot) {
        return (0, 0, 0);
    }

    function parameters() external view returns (RewardParameters memory) {
        return _parameters;
    }

    function restoreBalances(uint32 round, uint64 coverGwei) external {}

    function releasePool() external {}

    function evaluatorCount() external pure returns (uint32) {
        return 0;
    }

    function evaluatorOf(address) external pure returns (Evaluator memory none) {}

    function slashEvaluator(address evaluator, address challenger) external {}
}
