// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Rule } from "../types/Round.sol";

/// @title The running states of a chunk's aggregation (docs/protocol.md, "Rules of aggregation" and "Columns")
/// @notice All values carry the bias 2^15, so that every number is non-negative.
library Columns {
    uint256 internal constant CHUNK_COORDINATES = 64;
    uint256 internal constant UPDATE_CHUNK_BYTES = 128;
    uint256 internal constant MEAN_STATE_BYTES = 512;
    uint256 internal constant CUT_STATE_BYTES = 1024;
    /// @dev The bias of every lane of 16 bits: adding it flips the sign bit of an int16.
    uint256 private constant BIAS = 0x8000800080008000800080008000800080008000800080008000800080008000;
    /// @dev Masks of four lanes of 64 bits: the lowest 16 bits of each, and the lowest lane.
    uint256 private constant LANES = 0x000000000000ffff000000000000ffff000000000000ffff000000000000ffff;
    uint256 private constant LANE = 0xffffffffffffffff;
    uint8 internal constant LEAF_DOMAIN = 6;
    uint8 internal constant UPDATE_LEAF_DOMAIN = 0;

    error WrongStateLength(uint256 length, uint256 expected);
    error WrongChunksLength(uint256 length, uint256 expected);

    function chunksOf(uint256 dimension) internal pure returns (uint256) {
        return (dimension + CHUNK_COORDINATES - 1) / CHUNK_COORDINATES;
    }

    /// @return sum The sum of the squares of the chunk's 64 int16, in squared update units.
    function squaredNormOf(bytes calldata chunk) internal pure returns (uint256 sum) {
        assembly ("memory-safe") {
            for { let at := sub(chunk.offset, 30) } lt(at, add(chunk.offset, 98)) { at := add(at, 2) } {
                let value := signextend(1, calldataload(at))
                sum := add(sum, mul(value, value))
            }
        }
    }

    function stateBytes(Rule rule) internal pure returns (uint256) {
        return rule == Rule.Mean ? MEAN_STATE_BYTES : CUT_STATE_BYTES;
    }

    function leafHash(bytes32 groupHash, bytes memory state) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(LEAF_DOMAIN, groupHash, state));
    }

    function updateLeafHash(bytes calldata chunk) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(UPDATE_LEAF_DOMAIN, chunk));
    }

    /// @param chunks The group's chunks, 128 bytes each.
    function groupHashOf(bytes calldata chunks) internal pure returns (bytes32 hash) {
        uint256 count = chunks.length / UPDATE_CHUNK_BYTES;
        assembly ("memory-safe") {
            // memory holds the hashes, and behind them the message: domain 0 and one chunk
            let hashes := mload(0x40)
            let message := add(hashes, shl(5, count))
            mstore8(message, 0)
            for { let i := 0 } lt(i, count) { i := add(i, 1) } {
                calldatacopy(add(message, 1), add(chunks.offset, shl(7, i)), 128)
                mstore(add(hashes, shl(5, i)), keccak256(message, 129))
            }
            hash := keccak256(hashes, shl(5, count))
        }
    }

    /// @notice Adds weight × (value + bias) of each update to the running sums, 64 × uint64.
    /// @param chunks n chunks of 64 int16.
    /// @param weights n uint16, the first one in the highest bits; n ≤ 16.
    /// @dev A lane never overflows: in an honest round its sum is at most 65,535 × 65,535 × 65,535 < 2^48.
    function foldMeanInPlace(bytes memory state, bytes calldata chunks, uint256 weights) internal pure {
        uint256 end = chunks.length - (chunks.length % UPDATE_CHUNK_BYTES);
        assembly ("memory-safe") {
            let target := add(state, 0x20)
            for { let word := 0 } lt(word, 128) { word := add(word, 32) } {
                // takes every fourth value, four of them at once, in four lanes of 64 bits
                let first := 0
                let second := 0
                let third := 0
                let fourth := 0
                let rest := weights
                for { let at := word } lt(at, end) { at := add(at, 128) } {
                    let values := xor(calldataload(add(chunks.offset, at)), BIAS)
                    let weight := shr(240, rest)
                    rest := shl(16, rest)
                    first := add(first, mul(and(shr(48, values), LANES), weight))
                    second := add(second, mul(and(shr(32, values), LANES), weight))
                    third := add(third, mul(and(shr(16, values), LANES), weight))
                    fourth := add(fourth, mul(and(values, LANES), weight))
                }
                for { let shift := 256 } shift {} {
                    shift := sub(shift, 64)
                    let sums := or(
                        or(shl(192, shr(shift, first)), shl(128, and(shr(shift, second), LANE))),
                        or(shl(64, and(shr(shift, third), LANE)), and(shr(shift, fourth), LANE))
                    )
                    mstore(target, add(mload(target), sums))
                    target := add(target, 32)
                }
            }
        }
    }

    /// @notice Adds the updates' clamped values to the running sums, and to the four counts.
    /// @param state 64 int16 low, 64 int16 high, 64 uint32 sums, 64 × 4 uint16 counts: < low, ≤ low, > high, ≥ high.
    function foldCutsInPlace(bytes memory state, bytes calldata chunks) internal pure {
        uint256 count = chunks.length / UPDATE_CHUNK_BYTES;
        assembly ("memory-safe") {
            let base := add(state, 0x20)
            for { let c := 0 } lt(c, 64) { c := add(c, 1) } {
                // each value stands in the lowest bits of the word that ends with it
                let low := xor(and(mload(add(sub(base, 30), shl(1, c))), 0xffff), 0x8000)
                let high := xor(and(mload(add(add(base, 98), shl(1, c))), 0xffff), 0x8000)
                let sumAt := add(add(base, 228), shl(2, c))
                let countAt := add(add(base, 488), shl(3, c))
                let sum := and(mload(sumAt), 0xffffffff)
                let counts := and(mload(countAt), 0xffffffffffffffff)
                let source := add(sub(chunks.offset, 30), shl(1, c))
                for { let end := add(source, shl(7, count)) } lt(source, end) { source := add(source, 128) } {
                    let value := xor(and(calldataload(source), 0xffff), 0x8000)
                    counts := add(
                        counts,
                        or(
                            or(shl(48, lt(value, low)), shl(32, iszero(gt(value, low)))),
                            or(shl(16, gt(value, high)), iszero(lt(value, high)))
                        )
                    )
                    // clamp
                    if lt(value, low) { value := low }
                    if gt(value, high) { value := high }
                    sum := add(sum, value)
                }
                mstore(sumAt, or(and(mload(sumAt), not(0xffffffff)), and(sum, 0xffffffff)))
                mstore(countAt, or(and(mload(countAt), not(0xffffffffffffffff)), and(counts, 0xffffffffffffffff)))
            }
        }
    }

    /// @notice Gives the state before the first update: all zero but the cut values, which are the same in every group.
    function emptyState(Rule rule, bytes calldata state) internal pure returns (bytes memory empty) {
        empty = new bytes(stateBytes(rule));
        if (rule != Rule.Mean) {
            assembly ("memory-safe") {
                calldatacopy(add(empty, 0x20), state.offset, 256)
            }
        }
    }

    /// @return The number of values that the rule cuts off at each end of n sorted ones.
    function trimOf(Rule rule, uint256 trimBasisPoints, uint256 inputCount) internal pure returns (uint256) {
        if (rule == Rule.Mean) return 0;
        uint256 most = (inputCount - 1) / 2;
        uint256 trim = rule == Rule.Median ? most : (inputCount * trimBasisPoints) / 10_000;
        return trim < most ? trim : most;
    }

    /// @return True where some cut value is not the (trim+1)th smallest or largest, by the counts of the last state.
    function hasWrongCut(bytes memory state, uint256 trim) internal pure returns (bool) {
        for (uint256 c = 0; c < CHUNK_COORDINATES; ++c) {
            uint256 counts;
            assembly ("memory-safe") {
                counts := mload(add(add(state, 520), shl(3, c)))
            }
            bool right = uint16(counts >> 48) <= trim &&
                uint16(counts >> 32) > trim &&
                uint16(counts >> 16) <= trim &&
                uint16(counts) > trim;
            if (!right) return true;
        }
        return false;
    }

    /// @return sum The sum of the coordinate's biased values, by the last state: negative only where its cut values are wrong.
    function biasedSumAt(
        Rule rule,
        bytes memory state,
        uint256 c,
        uint256 trim
    ) internal pure returns (int256 sum) {
        if (rule == Rule.Mean) {
            assembly ("memory-safe") {
                sum := and(mload(add(add(state, 8), shl(3, c))), 0xffffffffffffffff)
            }
        } else {
            assembly ("memory-safe") {
                let low := xor(and(mload(add(add(state, 2), shl(1, c))), 0xffff), 0x8000)
                let high := xor(and(mload(add(add(state, 130), shl(1, c))), 0xffff), 0x8000)
                sum := sub(and(mload(add(add(state, 260), shl(2, c))), 0xffffffff), mul(trim, add(low, high)))
            }
        }
    }
}
