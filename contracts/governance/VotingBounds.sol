// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Bounds of how votes are held: the governor's first base, because its other bases set values within these bounds
abstract contract VotingBounds {
    uint256 internal constant MAX_SECONDS = 30 days;
    uint256 internal constant MAX_QUORUM_PERCENT = 50;

    /// @notice The least value that delay, period and extension can get.
    uint256 public immutable minimumSeconds;
    /// @notice The largest number of votes that a governance proposal can require of its author.
    uint256 public immutable maxProposalThreshold;

    constructor(uint256 minimumSeconds_, uint256 maxProposalThreshold_) {
        minimumSeconds = minimumSeconds_;
        maxProposalThreshold = maxProposalThreshold_;
    }
}
