// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IFederation } from "../interfaces/IFederation.sol";
import { SumNode } from "./Evidence.sol";

/// @notice The trees of a proposal whose nodes anyone may demand.
enum Tree {
    Model,
    Columns,
    Inputs,
    /// The tree of an update that the proposal takes in.
    Update
}

/// @notice A demand to open a node. The contract stores only its hash; whoever acts on the demand brings it again.
struct Demand {
    IFederation federation;
    uint32 round;
    /// `Openings.hashOf` the proposal.
    bytes32 proposalHash;
    address demander;
    uint96 bondWei;
    uint40 answerBy;
    Tree tree;
    /// The height of the node above the leaves.
    uint8 height;
    /// How many levels an answer must open; 0 for what a leaf is the hash of.
    uint8 span;
    /// The node's place at its height.
    uint256 index;
    /// The node, with a sum where the tree has sums. For an update it is the update's root, without its sum.
    SumNode node;
}
