// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Columns } from "../libraries/Columns.sol";
import { Inputs } from "../libraries/Inputs.sol";
import { MerkleTree } from "../libraries/MerkleTree.sol";
import { ModelStep } from "../libraries/ModelStep.sol";
import { SumTree } from "../libraries/SumTree.sol";
import { SumNode } from "../types/Evidence.sol";
import { Rule } from "../types/Round.sol";

/// @notice One chunk of a round: what its aggregation starts from.
struct ColumnCase {
    Rule rule;
    uint256 trimBasisPoints;
    uint256 divisor;
    /// The chunks of all updates, 128 bytes each.
    bytes chunks;
    /// One word of 16 for each group.
    uint256[] weights;
    /// 64 int16 low, 64 int16 high; empty for the mean.
    bytes cuts;
    bytes baseChunk;
}

/// @notice What the verifier computes from the case.
struct ColumnResult {
    bytes32[] leafHashes;
    uint256[] squaredNorms;
    bytes32[] groupHashes;
    bytes32[] columnLeaves;
    bytes lastState;
    bool hasWrongCut;
    bytes32 modelLeaf;
}

/// @title For tests: calls the verifier's libraries with many cases at once
contract VerifierProbe {
    function columns(ColumnCase[] calldata cases) external pure returns (ColumnResult[] memory results) {
        results = new ColumnResult[](cases.length);
        for (uint256 i = 0; i < cases.length; ++i) results[i] = _column(cases[i]);
    }

    function roundedSteps(
        uint256[] calldata biasedSums,
        uint256[] calldata divisors
    ) external pure returns (int256[] memory steps) {
        steps = new int256[](divisors.length);
        for (uint256 i = 0; i < steps.length; ++i) steps[i] = ModelStep.roundedStep(biasedSums[i], divisors[i]);
    }

    function merkleRoot(bytes32 leaf, uint256 index, bytes32[] calldata path) external pure returns (bytes32) {
        return MerkleTree.rootOf(leaf, index, path);
    }

    function reduce(bytes32[] memory nodes) external pure returns (bytes32) {
        return MerkleTree.reduceInPlace(nodes);
    }

    function sumRoot(
        SumNode calldata node,
        uint256 index,
        SumNode[] calldata path
    ) external pure returns (SumNode memory) {
        return SumTree.rootOf(node, index, path);
    }

    function reduceSums(SumNode[] memory nodes) external pure returns (SumNode memory) {
        return SumTree.reduceInPlace(nodes);
    }

    function inputsGroup(
        uint256 weights,
        address[] calldata trainers,
        bytes32[] calldata updateRoots
    ) external pure returns (SumNode memory) {
        bytes32[] memory entries = new bytes32[](Inputs.GROUP_SIZE);
        for (uint256 i = 0; i < trainers.length; ++i) entries[i] = Inputs.entryHash(trainers[i], updateRoots[i]);
        return Inputs.groupNode(weights, MerkleTree.reduceInPlace(entries));
    }

    function _column(ColumnCase calldata c) private pure returns (ColumnResult memory result) {
        uint256 count = c.chunks.length / Columns.UPDATE_CHUNK_BYTES;
        uint256 groups = Inputs.groupsOf(count);
        result.groupHashes = new bytes32[](groups);
        result.columnLeaves = new bytes32[](groups);
        _readChunks(result, c.chunks, count);
        bytes memory state = Columns.emptyState(c.rule, c.cuts);
        for (uint256 group = 0; group < groups; ++group) {
            uint256 start = group * Inputs.GROUP_SIZE * Columns.UPDATE_CHUNK_BYTES;
            uint256 end = start + Inputs.sizeOf(group, count) * Columns.UPDATE_CHUNK_BYTES;
            if (c.rule == Rule.Mean) Columns.foldMeanInPlace(state, c.chunks[start:end], c.weights[group]);
            else Columns.foldCutsInPlace(state, c.chunks[start:end]);
            result.groupHashes[group] = Columns.groupHashOf(c.chunks[start:end]);
            result.columnLeaves[group] = Columns.leafHash(result.groupHashes[group], state);
        }
        uint256 trim = Columns.trimOf(c.rule, c.trimBasisPoints, count);
        result.lastState = state;
        result.hasWrongCut = c.rule != Rule.Mean && Columns.hasWrongCut(state, trim);
        bytes memory next = c.baseChunk;
        for (uint256 i = 0; i < Columns.CHUNK_COORDINATES; ++i) {
            int256 sum = Columns.biasedSumAt(c.rule, state, i, trim);
            ModelStep.stepInPlace(next, i, ModelStep.roundedStep(uint256(sum), c.divisor));
        }
        result.modelLeaf = ModelStep.leafHash(next);
    }

    function _readChunks(ColumnResult memory result, bytes calldata chunks, uint256 count) private pure {
        result.leafHashes = new bytes32[](count);
        result.squaredNorms = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            bytes calldata chunk = chunks[i * Columns.UPDATE_CHUNK_BYTES:(i + 1) * Columns.UPDATE_CHUNK_BYTES];
            result.leafHashes[i] = Columns.updateLeafHash(chunk);
            result.squaredNorms[i] = Columns.squaredNormOf(chunk);
        }
    }
}
