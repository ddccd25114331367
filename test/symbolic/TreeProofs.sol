// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { MerkleTree } from "../../contracts/libraries/MerkleTree.sol";
import { SumTree } from "../../contracts/libraries/SumTree.sol";
import { FalseSum, SumNode } from "../../contracts/types/Evidence.sol";

/// @title The trees' nodes, for every hash and sum; paths up to three long
contract TreeProofs {
    uint256 private constant DEPTH = 3;

    /// @notice A node's sum is its children's; sums of more than 64 bits are refused.
    function check_parentAddsItsChildren(bytes32 a, uint256 sumA, bytes32 b, uint256 sumB) external view {
        bool fits = sumA <= type(uint64).max && sumB <= type(uint64).max;
        try this.parentOf(SumNode(a, sumA), SumNode(b, sumB)) returns (SumNode memory parent) {
            assert(fits && parent.sum == sumA + sumB);
            bool empty = a == 0 && b == 0 && sumA == 0 && sumB == 0;
            bytes memory content = abi.encodePacked(uint8(1), a, uint64(sumA), b, uint64(sumB));
            assert(parent.hash == (empty ? bytes32(0) : keccak256(content)));
        } catch {
            assert(!fits);
        }
    }

    /// @notice The quick way up is `parentOf`, level by level, and refuses what that refuses; from each of eight leaves.
    function check_rootOfIsParentOfLevelByLevel(SumNode calldata node, SumNode[3] calldata siblings) external view {
        SumNode[] memory path = new SumNode[](DEPTH);
        bool fits = node.sum <= type(uint64).max;
        uint256 total = node.sum;
        for (uint256 height = 0; height < DEPTH; ++height) {
            path[height] = siblings[height];
            fits = fits && total <= type(uint64).max && siblings[height].sum <= type(uint64).max;
            if (fits) total += siblings[height].sum;
        }
        for (uint256 index = 0; index < 1 << DEPTH; ++index) {
            try this.rootOf(node, index, path) returns (SumNode memory root) {
                assert(fits && root.sum == total);
                assert(root.hash == _climb(node, index, path));
            } catch {
                assert(!fits);
            }
        }
    }

    /// @notice Refuses exactly what is no false sum; what it accepts is one, whatever lies above.
    function check_onlyFalseInnerSumsPass(SumNode calldata node, SumNode calldata left, SumNode calldata right) external view {
        if (node.sum > type(uint64).max) return;
        FalseSum memory e;
        (e.height, e.node, e.left, e.right) = (1, node, left, right);
        bool fits = left.sum <= type(uint64).max && right.sum <= type(uint64).max;
        bool isFalse = false;
        if (fits) {
            SumNode memory parent = SumTree.parentOf(left, right);
            isFalse = parent.hash == node.hash && left.sum + right.sum != node.sum;
        }
        try this.requireFalseInnerSum(e, 1) returns (SumNode memory root) {
            assert(isFalse && root.hash == node.hash && root.sum == node.sum);
        } catch {
            assert(!isFalse);
        }
    }

    function check_onlyFalseLeafSumsPass(SumNode calldata node, SumNode calldata true_) external view {
        if (node.sum > type(uint64).max) return;
        FalseSum memory e;
        e.node = node;
        bool isFalse = node.hash == true_.hash && node.sum != true_.sum;
        try this.requireFalseLeafSum(e, true_, 0) returns (SumNode memory root) {
            assert(isFalse && root.hash == node.hash && root.sum == node.sum);
        } catch {
            assert(!isFalse);
        }
    }

    /// @notice The same of trees without sums.
    function check_merkleRootOfIsParentOfLevelByLevel(bytes32 node, bytes32[3] calldata siblings) external view {
        bytes32[] memory path = new bytes32[](DEPTH);
        for (uint256 height = 0; height < DEPTH; ++height) path[height] = siblings[height];
        for (uint256 index = 0; index < 1 << DEPTH; ++index) {
            bytes32 expected = node;
            for (uint256 height = 0; height < DEPTH; ++height) {
                bool right = (index >> height) & 1 == 1;
                (bytes32 a, bytes32 b) = right ? (path[height], expected) : (expected, path[height]);
                expected = MerkleTree.parentOf(a, b);
            }
            assert(this.merkleRootOf(node, index, path) == expected);
        }
    }

    function _climb(SumNode memory node, uint256 index, SumNode[] memory path) private pure returns (bytes32) {
        for (uint256 height = 0; height < path.length; ++height) {
            bool right = (index >> height) & 1 == 1;
            node = right ? SumTree.parentOf(path[height], node) : SumTree.parentOf(node, path[height]);
        }
        return node.hash;
    }

    // ── as the contracts call them, with their evidence in the calldata ──

    function parentOf(SumNode calldata left, SumNode calldata right) external pure returns (SumNode memory) {
        return SumTree.parentOf(left, right);
    }

    function rootOf(SumNode calldata node, uint256 index, SumNode[] calldata path) external pure returns (SumNode memory) {
        return SumTree.rootOf(node, index, path);
    }

    function requireFalseInnerSum(FalseSum calldata e, uint256 depth) external pure returns (SumNode memory) {
        return SumTree.requireFalseInnerSum(e, depth);
    }

    function requireFalseLeafSum(
        FalseSum calldata e,
        SumNode calldata right,
        uint256 depth
    ) external pure returns (SumNode memory) {
        return SumTree.requireFalseLeafSum(e, right, depth);
    }

    function merkleRootOf(bytes32 node, uint256 index, bytes32[] calldata path) external pure returns (bytes32) {
        return MerkleTree.rootOf(node, index, path);
    }
}
