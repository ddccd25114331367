// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Attestation } from "../types/Attestation.sol";
import { FalseSum, InputOpening, ReputationOpening, SumNode } from "../types/Evidence.sol";
import { Reputations } from "../types/Reputations.sol";
import { Proposal } from "../types/Round.sol";
import { UpdateTerms } from "../types/UpdateTerms.sol";
import { IChallenges } from "./IChallenges.sol";
import { IFederation } from "./IFederation.sol";

/// @title Challenges of who is among a proposal's inputs, and of what electors sign about it
/// @notice The right inputs are all submissions of the round but those named as omitted and those proven false before,
/// sorted by trainer.
interface IInputChallenges is IChallenges {
    error NotInTree(bytes32 root, bytes32 expected);
    error EmptyInput(uint256 index);
    error WasSubmitted(address trainer, uint256 round);
    error NotSubmitted(address trainer, uint256 round);
    error QuotedRightly(address trainer);
    error NotConsecutive(uint256 first, uint256 second);
    error InOrder(address first, address second);
    error CountIsRight(uint256 index, uint256 inputCount);
    error NotOmitted(address trainer);
    error IsOmitted(address trainer);
    error OtherOmissions(bytes32 omittedHash, bytes32 expected);
    error NotBetween(address trainer, uint256 index);
    error ShapeIsRight();
    error SameInputs(bytes32 inputsRoot);
    error AnotherSigner(address signer, address expected);
    error OtherReputations(bytes32 balancesRoot, Reputations reputations);

    /// @notice An input's trainer has submitted nothing to this round.
    function refuteUnsubmitted(IFederation federation, Proposal calldata proposal, InputOpening calldata input) external;

    /// @notice An input's root is not the one that the trainer submitted, or its weight does not follow from the submission and the
    /// trainer's reputation.
    /// @param terms The submission, with `commitment` and `cid`.
    function refuteMisquoted(
        IFederation federation,
        Proposal calldata proposal,
        InputOpening calldata input,
        UpdateTerms terms,
        bytes32 commitment,
        bytes32 cid,
        ReputationOpening calldata reputation
    ) external;

    /// @notice Two inputs in a row are not in ascending order: one trainer twice, for example.
    function refuteDisorder(
        IFederation federation,
        Proposal calldata proposal,
        InputOpening calldata first,
        InputOpening calldata second
    ) external;

    /// @notice There is an input behind the last, or none before it.
    function refuteInputCount(IFederation federation, Proposal calldata proposal, InputOpening calldata input) external;

    /// @notice A trainer is among the inputs and named as omitted.
    function refuteIncluded(
        IFederation federation,
        Proposal calldata proposal,
        InputOpening calldata input,
        address[] calldata omitted
    ) external;

    /// @notice A trainer has submitted, was not slashed for it, is not named as omitted, and is not among the inputs.
    /// @param index The place among the inputs where the trainer would stand.
    /// @param before The input at `index - 1`; read only where there is one.
    /// @param after_ The input at `index`; read only where there is one.
    function refuteMissing(
        IFederation federation,
        Proposal calldata proposal,
        address trainer,
        uint256 index,
        InputOpening calldata before,
        InputOpening calldata after_,
        address[] calldata omitted
    ) external;

    /// @notice A group's weights, or a node's children, do not add up to the sum that stands beside it.
    /// @param weights The weights of a group's leaf, with `entriesRoot`; read only where the sum is a leaf's.
    function refuteInputsSum(
        IFederation federation,
        Proposal calldata proposal,
        FalseSum calldata evidence,
        uint256 weights,
        bytes32 entriesRoot
    ) external;

    /// @notice A group's leaf is empty where there are inputs, or not empty where there are none.
    function refuteInputsShape(
        IFederation federation,
        Proposal calldata proposal,
        uint256 group,
        SumNode calldata leaf,
        SumNode[] calldata path
    ) external;

    /// @notice An account that is or was an elector has signed two different inputs for one edition of a round whose terms the
    /// federation still holds.
    function refuteSignatures(
        IFederation federation,
        uint32 round,
        uint32 edition,
        bytes32 inputsRoot,
        bytes32 otherInputsRoot,
        Attestation calldata attestation,
        Attestation calldata otherAttestation
    ) external;
}
