// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { MerkleTree } from "./MerkleTree.sol";

/// @title Merkle trees against a recursive definition
contract MerkleTreeTest {
    function test_depthOf() external pure {
        uint256[8] memory leaves = [uint256(1), 2, 3, 4, 5, 64, 65, 2 ** 21];
        uint256[8] memory depths = [uint256(0), 1, 2, 2, 3, 6, 7, 21];
        for (uint256 i = 0; i < 8; ++i) require(MerkleTree.depthOf(leaves[i]) == depths[i], "depth");
    }

    function test_refusesAnIndexOutsideTheTree() external view {
        bytes32[] memory path = new bytes32[](2);
        (bool ok, bytes memory answer) = _tryRoot(bytes32(uint256(7)), 4, path);
        require(!ok && bytes4(answer) == MerkleTree.IndexOutsideTree.selector, "index 4 in a tree of 4 leaves");
        // dirty high bits
        (ok, answer) = _tryRoot(bytes32(uint256(7)), 1 << 255, path);
        require(!ok && bytes4(answer) == MerkleTree.IndexOutsideTree.selector, "index with a high bit");
        (ok, ) = _tryRoot(bytes32(uint256(7)), 3, path);
        require(ok, "the last index is inside");
    }

    function test_emptySubtreesAreZero() external view {
        bytes32[] memory path = new bytes32[](5);
        require(this.rootOf(0, 19, path) == 0, "an empty tree");
        require(this.rootOf(bytes32(uint256(1)), 19, path) != 0, "a leaf makes it nonempty");
        require(MerkleTree.reduceInPlace(new bytes32[](32)) == 0, "reduced");
    }

    function testFuzz_everyLeafLeadsToTheRoot(bytes32 seed, uint8 size, uint8 place) external view {
        uint256 count = 1 + (size % 40);
        uint256 depth = MerkleTree.depthOf(count);
        bytes32[] memory leaves = new bytes32[](1 << depth);
        for (uint256 i = 0; i < count; ++i) leaves[i] = keccak256(abi.encode(seed, i));
        uint256 index = place % (1 << depth);
        bytes32[] memory path = new bytes32[](depth);
        for (uint256 height = 0; height < depth; ++height) {
            path[height] = _subtree(leaves, height, (index >> height) ^ 1);
        }
        bytes32 root = _subtree(leaves, depth, 0);
        require(this.rootOf(leaves[index], index, path) == root, "path");
        if (depth > 0 && leaves[index] != path[0]) {
            require(this.rootOf(leaves[index], index ^ 1, path) != root, "another index, the same root");
        }
        require(MerkleTree.reduceInPlace(leaves) == root, "reduced");
    }

    function rootOf(bytes32 node, uint256 index, bytes32[] calldata path) external pure returns (bytes32) {
        return MerkleTree.rootOf(node, index, path);
    }

    function _tryRoot(
        bytes32 node,
        uint256 index,
        bytes32[] memory path
    ) private view returns (bool ok, bytes memory answer) {
        // solhint-disable-next-line avoid-low-level-calls
        return address(this).staticcall(abi.encodeCall(this.rootOf, (node, index, path)));
    }

    function _subtree(bytes32[] memory leaves, uint256 height, uint256 index) private pure returns (bytes32) {
        if (height == 0) return leaves[index];
        bytes32 left = _subtree(leaves, height - 1, 2 * index);
        bytes32 right = _subtree(leaves, height - 1, 2 * index + 1);
        return left == 0 && right == 0 ? bytes32(0) : keccak256(bytes.concat(bytes1(0x03), left, right));
    }
}
