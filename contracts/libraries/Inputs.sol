// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { InputOpening, SumNode } from "../types/Evidence.sol";
import { Proposal } from "../types/Round.sol";
import { MerkleTree } from "./MerkleTree.sol";
import { SumTree } from "./SumTree.sol";

/// @title The inputs of a round under one root (docs/protocol.md, "Commitments")
/// @notice Entries are sorted by trainer and stand in groups of 16. A sum tree stands over the groups; its sums are the weights.
library Inputs {
    uint256 internal constant GROUP_SIZE = 16;
    uint256 internal constant ENTRY_DEPTH = 4;
    uint256 private constant LANES_32 = type(uint256).max / type(uint32).max * type(uint16).max;
    uint256 private constant LANES_64 = type(uint256).max / type(uint64).max * type(uint32).max;
    uint8 internal constant GROUP_DOMAIN = 4;
    uint8 internal constant ENTRY_DOMAIN = 5;

    error NotAnInput(uint256 index, bytes32 inputsRoot);

    function groupsOf(uint256 inputCount) internal pure returns (uint256) {
        return (inputCount + GROUP_SIZE - 1) / GROUP_SIZE;
    }

    /// @return How many of the inputs are in the group.
    function sizeOf(uint256 group, uint256 inputCount) internal pure returns (uint256) {
        uint256 rest = inputCount > group * GROUP_SIZE ? inputCount - group * GROUP_SIZE : 0;
        return rest < GROUP_SIZE ? rest : GROUP_SIZE;
    }

    function depthOf(uint256 inputCount) internal pure returns (uint256) {
        return MerkleTree.depthOf(groupsOf(inputCount));
    }

    function entryHash(address trainer, bytes32 updateRoot) internal pure returns (bytes32) {
        if (trainer == address(0) && updateRoot == 0) return 0;
        return keccak256(abi.encodePacked(ENTRY_DOMAIN, trainer, updateRoot));
    }

    function groupNode(uint256 weights, bytes32 entriesRoot) internal pure returns (SumNode memory) {
        return SumNode(keccak256(abi.encodePacked(GROUP_DOMAIN, weights, entriesRoot)), sumOf(weights));
    }

    function sumOf(uint256 weights) internal pure returns (uint256 sum) {
        unchecked {
            // adds lanes of 16 bits into 32, those into 64, and all four into the highest: no lane overflows
            sum = (weights & LANES_32) + ((weights >> 16) & LANES_32);
            sum = (sum & LANES_64) + ((sum >> 32) & LANES_64);
            sum = (sum * (1 + (1 << 64) + (1 << 128) + (1 << 192))) >> 192;
        }
    }

    function weightAt(uint256 weights, uint256 place) internal pure returns (uint256) {
        return uint16(weights >> (240 - 16 * place));
    }

    function weightOf(InputOpening calldata opening) internal pure returns (uint256) {
        return weightAt(opening.weights, opening.index % GROUP_SIZE);
    }

    function isEmpty(InputOpening calldata opening) internal pure returns (bool) {
        return opening.trainer == address(0) && opening.updateRoot == 0 && weightOf(opening) == 0;
    }

    /// @notice Reverts unless the proposal's inputs root holds the entry, or the empty place.
    function requireInput(Proposal calldata proposal, InputOpening calldata opening) internal pure {
        MerkleTree.requireLength(opening.groupPath.length, depthOf(proposal.inputCount));
        require(rootOf(opening) == proposal.inputsRoot, NotAnInput(opening.index, proposal.inputsRoot));
    }

    function rootOf(InputOpening calldata opening) internal pure returns (bytes32) {
        MerkleTree.requireLength(opening.entryPath.length, ENTRY_DEPTH);
        bytes32 entry = entryHash(opening.trainer, opening.updateRoot);
        bytes32 entriesRoot = MerkleTree.rootOf(entry, opening.index % GROUP_SIZE, opening.entryPath);
        return rootOfGroup(opening.weights, entriesRoot, opening.index / GROUP_SIZE, opening.groupPath);
    }

    /// @return The inputs root above a group.
    function rootOfGroup(
        uint256 weights,
        bytes32 entriesRoot,
        uint256 group,
        SumNode[] calldata path
    ) internal pure returns (bytes32) {
        return SumTree.rootOf(groupNode(weights, entriesRoot), group, path).hash;
    }
}
