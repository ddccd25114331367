// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { Checkpoints } from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import { IFederation } from "../interfaces/IFederation.sol";
import { IRewards } from "../interfaces/IRewards.sol";
import { EvaluationStateLibrary, Pace } from "../types/Evaluation.sol";
import { Pool, RewardRecord } from "../types/Reward.sol";
import { StatementOrder } from "./StatementOrder.sol";

/// @title What the pool has got and what it gives, and when
/// @dev Deployed on its own and called by `Rewards` for its pool.
library Funding {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;
    using Checkpoints for Checkpoints.Trace208;

    uint256 private constant WEI_PER_GWEI = 1e9;
    uint256 private constant RING_SIZE = EvaluationStateLibrary.RING_SIZE;

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

    /// @return All that the pool had got before this second, which is over.
    function fundedGweiBefore(
        Checkpoints.Trace208 storage history,
        uint256 timestamp
    ) external view returns (uint64) {
        require(timestamp <= block.timestamp, IRewards.NotYet(timestamp));
        // each value of the history has 64 bits
        return timestamp == 0 ? 0 : uint64(history.upperLookupRecent(uint48(timestamp - 1)));
    }

    /// @notice Reverts where the pool would pay more than final reward statements have given away, whatever a balance says. So wrong
    /// balances that nobody refuted cannot take what no final reward statement has allocated.
    /// @dev What the contract no longer holds of what the pool got was paid. Tokens sent to it past `fund` are nobody's.
    function requireAllocated(Pool storage pool, IERC20 token, uint256 amountGwei) internal view {
        uint256 keptWei = (uint256(pool.fundedGwei) - pool.finalGwei) * WEI_PER_GWEI + amountGwei * WEI_PER_GWEI;
        uint256 heldWei = token.balanceOf(address(this));
        require(heldWei >= keptWei, IRewards.MoreThanAllocated(heldWei, keptWei));
    }

    /// @notice Makes the balances of an earlier final reward statement the final ones again. Reward statements in flight stand on other
    /// balances, and are void. The pool covers what wrong balances have taken as far as voters say.
    /// @param round The round whose balances hold again; zero for none, as before the first reward statement.
    /// @return balancesRoot The root of the balances of `round`.
    function restore(
        Pool storage pool,
        mapping(uint256 index => RewardRecord) storage records,
        Pace storage pace,
        uint32 round,
        uint64 coverGwei
    ) external returns (bytes32 balancesRoot) {
        RewardRecord storage record = records[round % RING_SIZE];
        bool isFinal = record.round == round && record.digest != 0 && round <= pace.finalRound;
        // before the first reward statement nobody had a balance
        require(isFinal || round == 0, IRewards.NotStated(round));
        (uint32 stated, uint32 last) = (pace.statedRound, pace.finalRound);
        StatementOrder.voidSince(records, last, stated, block.timestamp);
        pace.statedRound = last;
        uint256 allocated = uint256(pool.finalGwei) + coverGwei;
        require(allocated <= pool.fundedGwei, IRewards.MoreThanFunded(allocated, pool.fundedGwei));
        (pool.finalGwei, pool.allocatedGwei) = (uint64(allocated), uint64(allocated)); // at most what was funded
        (pool.finalAccounts, balancesRoot) = isFinal ? (record.accounts, record.balancesRoot) : (0, bytes32(0));
        emit IRewards.BalancesRestored(round, balancesRoot, coverGwei);
    }

    /// @notice Gives the treasury what no reward statement has given away, when no further one can come.
    function release(
        Pool storage pool,
        Checkpoints.Trace208 storage history,
        Pace storage pace,
        IFederation federation,
        IERC20 token
    ) external {
        uint32 latest = federation.latestRound();
        bool settled = federation.settledRound() >= latest && pace.statedRound == pace.finalRound;
        require(settled, IRewards.RewardsInFlight(latest));
        uint32 last = federation.finalRound();
        if (last > pace.finalRound) {
            // as long as stake answers for the last round, an aggregator may still state its rewards
            uint256 endsAt = federation.proposalOf(last).closesAt + federation.parameters().unbondingSeconds;
            require(block.timestamp >= endsAt, IRewards.NotYet(endsAt));
        }
        uint64 amountGwei = pool.fundedGwei - pool.allocatedGwei;
        require(amountGwei != 0, IRewards.ZeroAmount());
        pool.fundedGwei = pool.allocatedGwei;
        history.push(uint48(block.timestamp), pool.fundedGwei);
        address treasury = federation.stake().treasury();
        emit IRewards.PoolReleased(treasury, amountGwei);
        token.safeTransfer(treasury, amountGwei * WEI_PER_GWEI);
    }
}
