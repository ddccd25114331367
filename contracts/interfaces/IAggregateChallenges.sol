// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ColumnLeaf, ColumnStep, DirectInput, InputOpening, ModelChunk, UpdateLeaf } from "../types/Evidence.sol";
import { Proposal } from "../types/Round.sol";
import { IChallenges } from "./IChallenges.sol";
import { IFederation } from "./IFederation.sol";

/// @title Challenges of a proposal's arithmetic
/// @notice Each function recomputes one leaf. Where the posted leaf is wrong, it voids the proposal and all proposals that stand on
/// it, and the federation slashes the proposer; where it is right, the call reverts.
interface IAggregateChallenges is IChallenges {
    error LeafIsRight(bytes32 leaf);
    error StateIsRight();
    error CutsAreRight();
    error ShapeIsRight();
    error NotInTree(bytes32 root, bytes32 expected);
    error ChunkOutsideModel(uint256 chunk, uint256 chunks);
    error AnotherChunk(uint256 chunk, uint256 expected);
    error AnotherGroup(uint256 input, uint256 group);
    error GroupOutsideRound(uint256 group, uint256 groups);
    error NotTheLastGroup(uint256 group, uint256 last);
    error RuleHasNoCuts();
    error UndefinedSum(uint256 coordinate);
    error TooFewUpdates(uint256 count, uint256 expected);

    /// @notice A chunk of the model does not follow from its column and the last model.
    /// @param column The last leaf of the chunk's column.
    function refuteModelChunk(
        IFederation federation,
        Proposal calldata proposal,
        ModelChunk calldata model,
        ColumnLeaf calldata column
    ) external;

    /// @notice The same fault, shown from all the updates themselves, whatever the columns say: for rounds of few updates.
    /// @param inputs All inputs of the proposal in their order.
    /// @param cuts The cut values of the chunk, 64 int16 low and 64 int16 high; empty for the mean.
    function refuteModelDirectly(
        IFederation federation,
        Proposal calldata proposal,
        ModelChunk calldata model,
        DirectInput[] calldata inputs,
        bytes calldata cuts
    ) external;

    /// @notice The state after a group does not follow from the state before it and the group's own chunks: a wrong sum, a
    /// wrong count, or a cut value that changes on the way.
    function refuteColumnState(
        IFederation federation,
        Proposal calldata proposal,
        ColumnLeaf calldata column,
        ColumnStep calldata step
    ) external;

    /// @notice A column names a leaf hash that is not the trainer's chunk.
    /// @param leafHashes What the column's group hash is the hash of.
    /// @param input The trainer's entry; its index says which of the leaf hashes is meant.
    function refuteColumnEntry(
        IFederation federation,
        Proposal calldata proposal,
        ColumnLeaf calldata column,
        bytes32[] calldata leafHashes,
        InputOpening calldata input,
        UpdateLeaf calldata update
    ) external;

    /// @notice A cut value of the median or trimmed mean is not the one that its rank asks for.
    /// @param column The last leaf of the chunk's column.
    function refuteCuts(IFederation federation, Proposal calldata proposal, ColumnLeaf calldata column) external;

    /// @notice A leaf of the columns is empty where there is a group, or not empty where there is none.
    function refuteColumnShape(
        IFederation federation,
        Proposal calldata proposal,
        uint256 index,
        bytes32 leaf,
        bytes32[] calldata path
    ) external;

    /// @notice A leaf of the model behind its last chunk is not empty.
    function refuteModelShape(
        IFederation federation,
        Proposal calldata proposal,
        uint256 index,
        bytes32 leaf,
        bytes32[] calldata path
    ) external;
}
