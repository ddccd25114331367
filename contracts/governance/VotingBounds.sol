// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Bounds of how votes are held: the first base of the governor, as its others are set within them
abstract contract VotingBounds {
    uint256 internal constant MAX_SECONDS = 30 days;
    uint256 internal constant MAX_QUORUM_PERCENT = 50;

    /// @notice The least that delay, period and extension can become.
    uint256 public immutable minimumSeconds;
    /// @notice The most votes that it can take to propose.
    uint256 public immutable maxProposalThreshold;

    constructor(uint256 minimumSeconds_, uint256 maxProposalThreshold_) {
        minimumSeconds = minimumSeconds_;
        maxProposalThreshold = maxProposalThreshold_;
    }
}
