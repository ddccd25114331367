// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { FalseSum, InputOpening, SubmissionOpening, UpdateLeaf } from "../types/Evidence.sol";
import { Proposal } from "../types/Round.sol";
import { IChallenges } from "./IChallenges.sol";
import { IFederation } from "./IFederation.sol";

/// @title Challenges of what a trainer submitted
/// @notice A proof has the trainer slashed. Where it shows that a proposal took such an update in, the proposal is void: an
/// aggregator must verify what it aggregates. A ring slot holds a submission at least until its round is settled.
interface ITrainerChallenges is IChallenges {
    error NotInTree(bytes32 root, bytes32 expected);
    error NotSubmitted(address trainer, uint256 round);
    error WrongCommitment(bytes32 commitment, bytes32 expected);
    error AnotherUpdate(address trainer, bytes32 updateRoot);
    error InRange(uint256 chunk);
    error NotACopy(uint256 originalRound, uint256 copyRound);
    error TooShortToCopy(uint256 dimension, uint256 squaredNorm);

    /// @notice The squared norm that a trainer claims, or one inside the tree of its update, is false.
    /// @param chunk The 128 bytes of a leaf; not read for an inner node.
    function refuteNorm(
        IFederation federation,
        SubmissionOpening calldata submission,
        bytes32 updateRoot,
        FalseSum calldata evidence,
        bytes calldata chunk
    ) external;

    /// @notice A proposal takes in an update whose norm is false.
    function refuteNormOfInput(
        IFederation federation,
        Proposal calldata proposal,
        InputOpening calldata input,
        SubmissionOpening calldata submission,
        FalseSum calldata evidence,
        bytes calldata chunk
    ) external;

    /// @notice An update has values behind the model's last coordinate.
    /// @param index The leaf's index.
    /// @param chunk The 128 bytes of the last chunk; empty for a leaf behind it.
    function refuteRange(
        IFederation federation,
        SubmissionOpening calldata submission,
        bytes32 updateRoot,
        uint256 index,
        UpdateLeaf calldata leaf,
        bytes calldata chunk
    ) external;

    /// @notice A proposal takes in an update that has values behind the model's last coordinate.
    function refuteRangeOfInput(
        IFederation federation,
        Proposal calldata proposal,
        InputOpening calldata input,
        SubmissionOpening calldata submission,
        uint256 index,
        UpdateLeaf calldata leaf,
        bytes calldata chunk
    ) external;

    /// @notice A trainer submitted the very update that another, or itself, had submitted to an earlier round.
    /// This holds only of updates that honest trainers cannot have in common by chance: those of 1024 coordinates or more, with a
    /// squared norm of at least one unit a coordinate.
    function refuteCopy(
        IFederation federation,
        SubmissionOpening calldata original,
        SubmissionOpening calldata copy,
        bytes32 updateRoot
    ) external;
}
