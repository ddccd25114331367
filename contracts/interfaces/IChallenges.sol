// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IFederation } from "./IFederation.sol";

/// @title What all challenge contracts share
/// @notice A challenge is decided in the transaction that brings it: it holds, or it reverts with an error that says which
/// check failed, and costs its sender the gas. A challenger's share of what is slashed goes only to who has announced that
/// very challenge in an earlier block. The announcement shows nothing but a hash that its sender is bound into: whoever
/// copies a challenge from the mempool earns nothing by it. A challenge that its sender has not announced is decided all the same,
/// and no challenger is owed a share of what it takes: the treasury and burning share all of it (`IStake.settleSlashed`). It must
/// wait for two minutes after another's announcement, so that it cannot destroy that one's reward; for the next twenty minutes no
/// further announcement of the round makes it wait.
interface IChallenges {
    event ChallengeAnnounced(
        IFederation indexed federation,
        uint32 indexed round,
        address indexed challenger,
        bytes32 announcement
    );
    /// @param proof Selector of the function that proved it.
    event ProposalRefuted(
        IFederation indexed federation,
        uint32 indexed round,
        address indexed challenger,
        bytes4 proof
    );
    event FaultProven(
        IFederation indexed federation,
        uint32 indexed round,
        address indexed offender,
        address challenger,
        bytes4 proof
    );

    error ChallengeIsAnnounced(uint256 until);

    /// @param announcement `announcementOf` the caller and the challenge that it will send to this contract.
    function announceChallenge(IFederation federation, uint32 round, bytes32 announcement) external;

    /// @param challenge The calldata of the challenge.
    function announcementOf(address challenger, bytes calldata challenge) external pure returns (bytes32);
}
