// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Merkle trees of fixed depth (docs/protocol.md, "Commitments")
/// @notice A leaf's index is its path. A subtree without leaves is zero at every level.
library MerkleTree {
    uint8 internal constant NODE_DOMAIN = 3;

    error IndexOutsideTree(uint256 index, uint256 depth);
    error WrongPathLength(uint256 length, uint256 expected);

    /// @return depth The depth of the smallest tree with so many leaves.
    function depthOf(uint256 leaves) internal pure returns (uint256 depth) {
        return leaves <= 1 ? 0 : Math.log2(leaves - 1) + 1;
    }

    function requireLength(uint256 length, uint256 expected) internal pure {
        require(length == expected, WrongPathLength(length, expected));
    }

    /// @param path The siblings from the node up.
    function rootOf(bytes32 node, uint256 index, bytes32[] calldata path) internal pure returns (bytes32) {
        require(index >> path.length == 0, IndexOutsideTree(index, path.length));
        // parentOf, level by level
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore8(free, NODE_DOMAIN)
            let left := add(free, 1)
            for { let at := path.offset } lt(at, add(path.offset, shl(5, path.length))) { at := add(at, 32) } {
                let sibling := calldataload(at)
                let side := shl(5, and(index, 1))
                mstore(add(left, side), node)
                mstore(add(left, xor(side, 32)), sibling)
                if or(node, sibling) { node := keccak256(free, 65) }
                index := shr(1, index)
            }
        }
        return node;
    }

    function parentOf(bytes32 left, bytes32 right) internal pure returns (bytes32 parent) {
        if (left == 0 && right == 0) return 0;
        // keccak256(3 ‖ left ‖ right), in free memory that is not kept
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore8(free, NODE_DOMAIN)
            mstore(add(free, 1), left)
            mstore(add(free, 33), right)
            parent := keccak256(free, 65)
        }
    }

    /// @notice Reduces `nodes`, in place, to the node above them all. Their number is a power of two.
    function reduceInPlace(bytes32[] memory nodes) internal pure returns (bytes32) {
        for (uint256 count = nodes.length / 2; count > 0; count /= 2) {
            for (uint256 index = 0; index < count; ++index) {
                nodes[index] = parentOf(nodes[2 * index], nodes[2 * index + 1]);
            }
        }
        return nodes[0];
    }
}
