// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { MerkleTree } from "./MerkleTree.sol";
import { Statements } from "./Statements.sol";

/// @title All that an account has ever earned, and its reputation
library Balances {
    uint8 internal constant BALANCE_DOMAIN = 9;
    /// @dev The number of levels of a page of 256 accounts.
    uint256 internal constant PAGE_DEPTH = 8;
    /// @dev A reputation moves by one part in so many towards the newest score: the last eight or so rounds count.
    int256 private constant REPUTATION_ROUNDS = 8;

    function leafHash(uint256 place, uint64 cumulativeGwei, uint16 reputation) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(BALANCE_DOMAIN, uint32(place), cumulativeGwei, reputation));
    }

    /// @return How many siblings lead from a leaf to the root.
    function depthOf(uint256 accounts) internal pure returns (uint256) {
        return PAGE_DEPTH + MerkleTree.depthOf(Statements.pagesOf(accounts));
    }

    /// @param middle The median of the round's scores: a trainer that reaches it has done well.
    function reputationAfter(uint16 reputation, int256 score, int256 middle) internal pure returns (uint16) {
        if (middle <= 0) return reputation;
        int256 most = int256(uint256(type(uint16).max));
        int256 quality = score <= 0 ? int256(0) : (score * most) / middle;
        if (quality > most) quality = most;
        int256 before = int256(uint256(reputation));
        // the result lies between the two, and is still a uint16
        return uint16(uint256(before + (quality - before) / REPUTATION_ROUNDS));
    }
}
