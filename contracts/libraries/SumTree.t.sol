// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { FalseSum, SumNode } from "../types/Evidence.sol";
import { MerkleTree } from "./MerkleTree.sol";
import { SumTree } from "./SumTree.sol";

/// @title Sum trees against a recursive definition, and what makes a sum false
contract SumTreeTest {
    function testFuzz_everyLeafLeadsToTheRoot(bytes32 seed, uint8 size, uint8 place) external view {
        uint256 count = 1 + (size % 20);
        uint256 depth = MerkleTree.depthOf(count);
        SumNode[] memory leaves = _leaves(seed, count, depth);
        SumNode memory root = _subtree(leaves, depth, 0);
        uint256 total = 0;
        for (uint256 i = 0; i < count; ++i) total += leaves[i].sum;
        require(root.sum == total, "the root's sum is that of the leaves");

        uint256 index = place % (1 << depth);
        SumNode memory found = this.rootOf(leaves[index], index, _path(leaves, 0, index, depth));
        require(found.hash == root.hash && found.sum == total, "path");
        found = SumTree.reduceInPlace(leaves);
        require(found.hash == root.hash && found.sum == total, "reduced");
    }

    function testFuzz_noSumOfAnHonestTreeIsFalse(bytes32 seed, uint8 size, uint8 place, uint8 level) external view {
        uint256 count = 2 + (size % 20);
        uint256 depth = MerkleTree.depthOf(count);
        SumNode[] memory leaves = _leaves(seed, count, depth);
        uint256 height = 1 + (level % depth);
        uint256 index = place % (1 << (depth - height));
        FalseSum memory e = _evidence(leaves, height, index, depth);
        (bool ok, bytes memory answer) = _tryInner(e, depth);
        require(!ok && bytes4(answer) == SumTree.SumIsRight.selector, "an honest node is refuted");

        // the same node with another sum can be refuted, while the sums above it fit 64 bits
        e.node.sum = (e.node.sum ^ (uint256(seed) | 1)) & ((1 << 62) - 1);
        (ok, ) = _tryInner(e, depth);
        require(ok, "a false sum is not seen");
    }

    function test_refusesOtherHeightsChildrenAndSums() external view {
        SumNode[] memory leaves = _leaves(bytes32(uint256(9)), 8, 3);
        FalseSum memory e = _evidence(leaves, 1, 2, 3);
        e.node.sum += 1;
        _expect(e, 3, bytes4(0));
        e.height = 2;
        _expect(e, 3, MerkleTree.WrongPathLength.selector);
        e.height = type(uint256).max;
        (bool ok, ) = _tryInner(e, 3);
        require(!ok, "a height that wraps");
        e.height = 1;
        e.index = 4;
        _expect(e, 3, MerkleTree.IndexOutsideTree.selector);
        e.index = 2 | (1 << 200);
        _expect(e, 3, MerkleTree.IndexOutsideTree.selector);
        e.index = 2;
        e.left.sum += 1;
        _expect(e, 3, SumTree.WrongNode.selector);
        e.left.sum += type(uint64).max;
        _expect(e, 3, SumTree.SumTooLarge.selector);
        e = _evidence(leaves, 1, 2, 3);
        e.node.sum = uint256(type(uint64).max) + 1;
        _expect(e, 3, SumTree.SumTooLarge.selector);
    }

    /// @notice A sum above two empty children is false, because they are nothing.
    function test_sumsAboveNothing() external view {
        FalseSum memory e;
        e.height = 1;
        e.path = new SumNode[](2);
        _expect(e, 3, SumTree.SumIsRight.selector);
        e.node.sum = 1;
        _expect(e, 3, bytes4(0));
    }

    /// @notice A sum that makes those above it too large is refuted one level higher: no parent can claim what it adds up to.
    function test_aSumTooLargeForThoseAbove() external view {
        FalseSum memory e = _evidence(_leaves(bytes32(uint256(3)), 8, 3), 1, 2, 3);
        e.left = SumNode(e.node.hash, type(uint64).max);
        e.right = SumNode(bytes32(uint256(1)), 1);
        e.node = SumNode(SumTree.hashOf(e.left, e.right), 0);
        e.height = 2;
        e.index = 1;
        SumNode[] memory above = new SumNode[](1);
        above[0] = e.path[1];
        e.path = above;
        for (uint256 bit = 0; bit < 63; ++bit) {
            e.node.sum = 1 << bit;
            _expect(e, 3, bytes4(0));
        }
    }

    function test_largestSums() external pure {
        SumNode memory most = SumNode(bytes32(uint256(1)), type(uint64).max);
        require(SumTree.parentOf(most, most).sum == 2 * uint256(type(uint64).max), "does not wrap");
    }

    function rootOf(
        SumNode calldata node,
        uint256 index,
        SumNode[] calldata path
    ) external pure returns (SumNode memory) {
        return SumTree.rootOf(node, index, path);
    }

    function requireFalseInnerSum(FalseSum calldata e, uint256 depth) external pure returns (SumNode memory) {
        return SumTree.requireFalseInnerSum(e, depth);
    }

    // ── the slow, obvious way ──

    function _tryInner(FalseSum memory e, uint256 depth) private view returns (bool ok, bytes memory answer) {
        // solhint-disable-next-line avoid-low-level-calls
        return address(this).staticcall(abi.encodeCall(this.requireFalseInnerSum, (e, depth)));
    }

    /// @param selector Zero where the sum is proven false.
    function _expect(FalseSum memory e, uint256 depth, bytes4 selector) private view {
        (bool ok, bytes memory answer) = _tryInner(e, depth);
        require(ok == (selector == 0), "accepted, or refused");
        require(ok || bytes4(answer) == selector, "another error");
    }

    function _evidence(
        SumNode[] memory leaves,
        uint256 height,
        uint256 index,
        uint256 depth
    ) private pure returns (FalseSum memory) {
        return
            FalseSum({
                height: height,
                index: index,
                node: _subtree(leaves, height, index),
                left: _subtree(leaves, height - 1, 2 * index),
                right: _subtree(leaves, height - 1, 2 * index + 1),
                path: _path(leaves, height, index, depth)
            });
    }

    /// @dev Sums up to 2^53, as norms are.
    function _leaves(bytes32 seed, uint256 count, uint256 depth) private pure returns (SumNode[] memory leaves) {
        leaves = new SumNode[](1 << depth);
        for (uint256 i = 0; i < count; ++i) {
            bytes32 hash = keccak256(abi.encode(seed, i));
            leaves[i] = SumNode(hash, uint256(hash) >> 203);
        }
    }

    function _path(
        SumNode[] memory leaves,
        uint256 from,
        uint256 index,
        uint256 depth
    ) private pure returns (SumNode[] memory path) {
        path = new SumNode[](depth - from);
        for (uint256 up = 0; up < path.length; ++up) path[up] = _subtree(leaves, from + up, (index >> up) ^ 1);
    }

    function _subtree(
        SumNode[] memory leaves,
        uint256 height,
        uint256 index
    ) private pure returns (SumNode memory) {
        if (height == 0) return leaves[index];
        SumNode memory left = _subtree(leaves, height - 1, 2 * index);
        SumNode memory right = _subtree(leaves, height - 1, 2 * index + 1);
        if (left.hash == 0 && right.hash == 0) return SumNode(0, 0);
        bytes memory message = abi.encodePacked(
            bytes1(0x01),
            left.hash,
            uint64(left.sum),
            right.hash,
            uint64(right.sum)
        );
        return SumNode(keccak256(message), left.sum + right.sum);
    }
}
