// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IStakeLock } from "../interfaces/IStake.sol";
import { Stake } from "../staking/Stake.sol";
import { TributaryToken } from "../token/TributaryToken.sol";

/// @title A federation of its own that lets stake go at once: votes for the length of a transaction
contract FlashVoter is IStakeLock {
    TributaryToken public immutable token;
    Stake public immutable stake;
    /// @notice The votes that it had in the middle.
    uint256 public seen;

    constructor(TributaryToken token_, Stake stake_) {
        token = token_;
        stake = stake_;
    }

    function borrow(uint256 amountWei) external {
        token.approve(address(stake), amountWei);
        stake.deposit(address(this), amountWei);
        seen = stake.getVotes(address(this));
        stake.requestUnbond(address(this), amountWei);
        stake.withdraw(address(this));
    }

    function requiredStakeWei(address) external pure returns (uint256) {
        return 0;
    }

    function vouchedRound(address) external pure returns (uint32) {
        return 0;
    }

    function settledRound() external pure returns (uint32) {
        return 0;
    }

    function unbondingSeconds() external pure returns (uint256) {
        return 0;
    }
}
