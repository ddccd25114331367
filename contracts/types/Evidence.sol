// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { UpdateTerms } from "./UpdateTerms.sol";

/// @notice A node of a sum tree: a hash, and the sum of what lies below it. A sum has 64 bits; the field is wider so that the
/// contracts refuse a larger sum with an error that says so.
struct SumNode {
    bytes32 hash;
    uint256 sum;
}

/// @notice One entry of a round's inputs, with its way to the inputs root.
struct InputOpening {
    /// Its place among the inputs, sorted by trainer.
    uint256 index;
    /// Both zero where the tree holds no entry.
    address trainer;
    bytes32 updateRoot;
    /// The weights of its group of 16, uint16 each, the first one in the highest bits.
    uint256 weights;
    /// Siblings within the group, from the entry up: always 4.
    bytes32[] entryPath;
    /// Siblings of the group's leaf, from the leaf up.
    SumNode[] groupPath;
}

/// @notice The balance of a trainer's account, with its way to the root of the balances that a proposal's `reputations` name.
/// It is not read where the reputations have no effect, or where the balances hold no account of the trainer.
struct ReputationOpening {
    uint64 cumulativeGwei;
    uint16 reputation;
    bytes32[] path;
}

/// @notice What a trainer submitted to a round, as its ring slot commits to it.
struct SubmissionOpening {
    address trainer;
    UpdateTerms terms;
    bytes32 commitment;
    bytes32 cid;
}

/// @notice A chunk of the posted model and of the model it starts from.
struct ModelChunk {
    uint256 chunk;
    /// 64 big-endian int32 of the last model, and their way to its root.
    bytes baseChunk;
    bytes32[] basePath;
    /// The posted leaf. Nobody needs to know what it is the hash of: it is wrong if the right chunk does not hash to it.
    bytes32 leaf;
    bytes32[] path;
}

/// @notice A column's leaf: one group of 16 updates in one chunk.
struct ColumnLeaf {
    uint256 chunk;
    uint256 group;
    /// keccak256 of the leaf hashes of the group's updates.
    bytes32 groupHash;
    /// The running state after the group (docs/protocol.md, "Columns").
    bytes state;
    bytes32[] path;
}

/// @notice A group's own chunks and the state before them.
struct ColumnStep {
    /// The group's chunks, 128 bytes each.
    bytes chunks;
    /// The weights of the group and the root of its entries, with the way to the inputs root. Only the mean reads them.
    uint256 weights;
    bytes32 entriesRoot;
    SumNode[] groupPath;
    /// The leaf before, empty for the first group; its path holds siblings only up to the first node that both leaves share.
    bytes32 previousGroupHash;
    bytes previousState;
    bytes32[] previousPath;
}

/// @notice An update's own chunk.
struct UpdateLeaf {
    SumNode leaf;
    /// Siblings from the leaf up.
    SumNode[] path;
}

/// @notice One of all the inputs of a round, with its chunk.
struct DirectInput {
    address trainer;
    bytes32 updateRoot;
    uint256 weight;
    /// 128 bytes, its squared norm, and its way to the update's root.
    bytes chunk;
    uint256 squaredNorm;
    SumNode[] path;
}

/// @notice A node of a sum tree whose sum is false.
struct FalseSum {
    /// Its height above the leaves, and its place at that height.
    uint256 height;
    uint256 index;
    SumNode node;
    /// Its children, where it is no leaf.
    SumNode left;
    SumNode right;
    /// Siblings from the node up.
    SumNode[] path;
}
