// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { FalseSum, SumNode } from "../types/Evidence.sol";
import { MerkleTree } from "./MerkleTree.sol";

/// @title Merkle sum trees (docs/protocol.md, "Commitments")
/// @notice Every node commits its children's hashes and sums; its own sum stands in its parent, or beside the root.
library SumTree {
    uint8 internal constant SUM_NODE_DOMAIN = 1;

    error SumTooLarge(uint256 sum);
    error SumIsRight(uint256 sum);
    error WrongSum(uint256 sum, uint256 expected);
    error WrongNode(bytes32 hash, bytes32 expected);

    /// @notice Computes the root above a node, and adds up every sum on the way from below: a false sum leads to another root.
    function rootOf(
        SumNode memory node,
        uint256 index,
        SumNode[] calldata path
    ) internal pure returns (SumNode memory) {
        require(index >> path.length == 0, MerkleTree.IndexOutsideTree(index, path.length));
        (bytes32 hash, uint256 sum, uint256 largest) = (node.hash, node.sum, 0);
        // parentOf, level by level
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore8(free, SUM_NODE_DOMAIN)
            let left := add(free, 1)
            for { let at := path.offset } lt(at, add(path.offset, shl(6, path.length))) { at := add(at, 64) } {
                let siblingHash := calldataload(at)
                let siblingSum := calldataload(add(at, 32))
                largest := or(largest, or(sum, siblingSum))
                let own := add(left, mul(40, and(index, 1)))
                let sibling := add(left, mul(40, iszero(and(index, 1))))
                // each sum ends the 40 bytes of its node; the hash, written after it, covers the sum's upper bytes
                mstore(add(own, 8), sum)
                mstore(own, hash)
                mstore(add(sibling, 8), siblingSum)
                mstore(sibling, siblingHash)
                sum := add(sum, siblingSum)
                if or(or(hash, siblingHash), sum) { hash := keccak256(free, 81) }
                index := shr(1, index)
            }
        }
        // true where any of the sums has a bit above the 64th
        requireUint64(largest);
        return SumNode(hash, sum);
    }

    function parentOf(SumNode memory left, SumNode memory right) internal pure returns (SumNode memory parent) {
        requireUint64(left.sum);
        requireUint64(right.sum);
        unchecked {
            parent.sum = left.sum + right.sum; // of two uint64
        }
        parent.hash = hashOf(left, right);
    }

    function hashOf(SumNode memory left, SumNode memory right) internal pure returns (bytes32 hash) {
        if (left.hash == 0 && right.hash == 0 && left.sum == 0 && right.sum == 0) return 0;
        // keccak256(1 ‖ left hash ‖ left sum ‖ right hash ‖ right sum), in free memory that is not kept
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore8(free, SUM_NODE_DOMAIN)
            mstore(add(free, 1), mload(left))
            mstore(add(free, 33), shl(192, mload(add(left, 0x20))))
            mstore(add(free, 41), mload(right))
            mstore(add(free, 73), shl(192, mload(add(right, 0x20))))
            hash := keccak256(free, 81)
        }
    }

    /// @notice Reduces `nodes`, in place, to the node above them all. Their number is a power of two.
    function reduceInPlace(SumNode[] memory nodes) internal pure returns (SumNode memory) {
        for (uint256 count = nodes.length / 2; count > 0; count /= 2) {
            for (uint256 index = 0; index < count; ++index) {
                nodes[index] = parentOf(nodes[2 * index], nodes[2 * index + 1]);
            }
        }
        return nodes[0];
    }

    /// @notice Reverts unless the inner node's children do not add up to the sum it claims.
    /// @param depth The depth of the tree.
    /// @return root The root that the path leads to.
    function requireFalseInnerSum(FalseSum calldata e, uint256 depth) internal pure returns (SumNode memory root) {
        MerkleTree.requireLength(e.height + e.path.length, depth);
        SumNode memory true_ = parentOf(e.left, e.right);
        require(true_.hash == e.node.hash, WrongNode(true_.hash, e.node.hash));
        require(true_.sum != e.node.sum, SumIsRight(e.node.sum));
        return rootOf(e.node, e.index, e.path);
    }

    /// @notice Reverts unless the leaf claims another sum than the right one.
    /// @param right The leaf with the right sum: its hash proves which chunk or group it is the leaf of.
    function requireFalseLeafSum(
        FalseSum calldata e,
        SumNode memory right,
        uint256 depth
    ) internal pure returns (SumNode memory root) {
        MerkleTree.requireLength(e.path.length, depth);
        require(right.hash == e.node.hash, WrongNode(right.hash, e.node.hash));
        require(right.sum != e.node.sum, SumIsRight(e.node.sum));
        return rootOf(e.node, e.index, e.path);
    }

    function requireUint64(uint256 sum) internal pure {
        require(sum <= type(uint64).max, SumTooLarge(sum));
    }
}
