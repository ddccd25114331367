// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { Checkpoints } from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import { IRewards } from "../interfaces/IRewards.sol";
import { Pool } from "../types/Reward.sol";

/// @title What the pool has got, and when
/// @dev Deployed on its own and called by `Rewards` for its pool.
library Funding {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;
    using Checkpoints for Checkpoints.Trace208;

    uint256 private constant WEI_PER_GWEI = 1e9;

    function fund(
        Pool storage pool,
        Checkpoints.Trace208 storage history,
        address tokenAddress,
        uint256 amountWei
    ) external {
        IERC20 token = IERC20(tokenAddress);
        require(amountWei != 0, IRewards.ZeroAmount());
        require(amountWei % WEI_PER_GWEI == 0, IRewards.NotWholeGwei(amountWei));
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amountWei);
        uint256 received = token.balanceOf(address(this)) - before;
        require(received == amountWei, IRewards.TokenTookFee(amountWei, received));
        uint64 amountGwei = (amountWei / WEI_PER_GWEI).toUint64();
        pool.fundedGwei += amountGwei;
        pool.fundedAt = uint32(block.timestamp);
        history.push(uint48(block.timestamp), pool.fundedGwei);
        emit IRewards.PoolFunded(msg.sender, amountGwei);
    }

    /// @return What it had got before this second, which is over.
    function fundedGweiBefore(
        Checkpoints.Trace208 storage history,
        uint256 timestamp
    ) external view returns (uint64) {
        require(timestamp <= block.timestamp, IRewards.NotYet(timestamp));
        // of 64 bits each
        return timestamp == 0 ? 0 : uint64(history.upperLookupRecent(uint48(timestamp - 1)));
    }
}
