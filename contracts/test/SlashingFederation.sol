// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IStake, IStakeLock } from "../interfaces/IStake.sol";

/// @title For tests: a federation whose every answer to Stake is set, and that slashes whom it is told to
contract SlashingFederation is IStakeLock {
    uint256 public unbondingSeconds = 1000;
    uint32 public settledRound;
    mapping(address account => uint256) public requiredStakeWei;
    mapping(address account => uint32) public vouchedRound;

    function setUnbondingSeconds(uint256 seconds_) external {
        unbondingSeconds = seconds_;
    }

    function settle(uint32 round) external {
        settledRound = round;
    }

    function require_(address account, uint256 wei_) external {
        requiredStakeWei[account] = wei_;
    }

    function vouch(address account, uint32 round) external {
        vouchedRound[account] = round;
    }

    function requireStake(IStake stake, address account, uint256 requiredWei) external {
        stake.requireStake(account, requiredWei);
    }

    function slash(
        IStake stake,
        address account,
        uint256 amountWei,
        address challenger,
        uint256 basisPoints
    ) external returns (uint256) {
        return stake.slash(account, amountWei, challenger, basisPoints);
    }
}
