// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IFederation } from "../interfaces/IFederation.sol";
import { SumNode } from "./Evidence.sol";

/// @notice The trees of a proposal that can be opened.
enum Tree {
    Model,
    Columns,
    Inputs,
    /// Of an update that the proposal takes in.
    Update
}

/// @notice A demand to open a node. Only its hash is stored; whoever acts on it brings it again.
struct Demand {
    IFederation federation;
    uint32 round;
    /// `Openings.hashOf` the proposal.
    bytes32 proposalHash;
    address demander;
    uint96 bondWei;
    uint40 answerBy;
    Tree tree;
    /// Of the node above the leaves.
    uint8 height;
    /// How many levels are to be opened; 0 for what a leaf is the hash of.
    uint8 span;
    /// The node's place at its height.
    uint256 index;
    /// The node; its sum only where the tree has sums. Of an update its root, without its sum.
    SumNode node;
}
