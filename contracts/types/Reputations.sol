// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What the past scores of trainers are read from when they weigh the inputs of a round, in one word. Zero where inputs weigh
/// as declared.
///
///   bits 255–48   root of the rewards' final balances, cut to 208 bits
///   bits 47–16    how many accounts they hold
///   bits 15–0     the floor, in basis points: how much of its weight an update without reputation keeps
type Reputations is bytes32;

using ReputationsLibrary for Reputations global;

library ReputationsLibrary {
    /// @notice The floor that leaves every weight as it is, in basis points.
    uint256 internal constant NO_EFFECT = 10_000;
    uint256 private constant MAX_REPUTATION = type(uint16).max;
    uint256 private constant REST = type(uint48).max;

    /// @notice Gives zero where no balances are final yet.
    function pack(
        bytes32 balancesRoot,
        uint32 accounts_,
        uint16 floorBasisPoints
    ) internal pure returns (Reputations) {
        if (accounts_ == 0) return Reputations.wrap(0);
        uint256 rest = (uint256(accounts_) << 16) | floorBasisPoints;
        return Reputations.wrap(bytes32((uint256(balancesRoot) & ~REST) | rest));
    }

    function haveNoEffect(Reputations reputations) internal pure returns (bool) {
        return Reputations.unwrap(reputations) == 0;
    }

    function accounts(Reputations reputations) internal pure returns (uint256) {
        return uint32(_word(reputations) >> 16);
    }

    /// @return True if `balancesRoot` is that of the very balances that count.
    function holds(Reputations reputations, bytes32 balancesRoot) internal pure returns (bool) {
        return uint256(balancesRoot) >> 48 == _word(reputations) >> 48;
    }

    /// @return What an update of the declared `weight` weighs, from 1 to `weight`: the floor's share of it without reputation, all of it
    /// with the highest reputation.
    function weigh(
        Reputations reputations,
        uint256 weight,
        uint256 reputation
    ) internal pure returns (uint256) {
        uint256 floor = uint16(_word(reputations));
        uint256 share = floor * MAX_REPUTATION + (NO_EFFECT - floor) * reputation;
        uint256 effective = (weight * share) / (NO_EFFECT * MAX_REPUTATION);
        return effective == 0 ? 1 : effective;
    }

    function _word(Reputations reputations) private pure returns (uint256) {
        return uint256(Reputations.unwrap(reputations));
    }
}
