// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Rule } from "../types/Round.sol";
import { Columns } from "./Columns.sol";

/// @title The columns' packed arithmetic against the plain meaning of docs/protocol.md
contract ColumnsTest {
    uint256 private constant COORDINATES = 64;
    int256 private constant BIAS = 2 ** 15;

    // ── squared norms ──

    function test_squaredNormOfTheLowestValues() external view {
        bytes memory chunk = new bytes(128);
        for (uint256 i = 0; i < 128; i += 2) chunk[i] = 0x80;
        require(this.squaredNormOf(chunk) == 64 * 2 ** 30, "64 times the square of -2^15");
    }

    function testFuzz_squaredNorm(bytes32 seed) external view {
        bytes memory chunk = _randomChunks(seed, 1);
        uint256 expected = 0;
        for (uint256 c = 0; c < COORDINATES; ++c) {
            int256 value = _int16At(chunk, 2 * c);
            expected += uint256(value * value);
        }
        require(this.squaredNormOf(chunk) == expected, "squared norm");
    }

    // ── hashes ──

    function testFuzz_groupHashIsThatOfTheLeafHashes(bytes32 seed, uint8 size) external view {
        uint256 count = 1 + (size % 16);
        bytes memory chunks = _randomChunks(seed, count);
        bytes memory hashes;
        for (uint256 i = 0; i < count; ++i) {
            hashes = bytes.concat(hashes, keccak256(bytes.concat(bytes1(0), _slice(chunks, 128 * i, 128))));
        }
        require(this.groupHashOf(chunks) == keccak256(hashes), "group hash");
    }

    // ── the mean ──

    function testFuzz_foldMean(bytes32 seed, uint8 size, uint256 weights) external view {
        uint256 count = 1 + (size % 16);
        bytes memory chunks = _randomChunks(seed, count);
        bytes memory before = _randomSums(seed);
        bytes memory state = this.foldMean(before, chunks, weights);
        for (uint256 c = 0; c < COORDINATES; ++c) {
            uint256 expected = _uintAt(before, 8 * c, 8);
            for (uint256 i = 0; i < count; ++i) {
                uint256 weight = (weights >> (240 - 16 * i)) & 0xffff;
                expected += weight * uint256(_int16At(chunks, 128 * i + 2 * c) + BIAS);
            }
            require(_uintAt(state, 8 * c, 8) == expected, "running sum");
            require(
                Columns.biasedSumAt(Rule.Mean, state, c, 0) == int256(expected),
                "the sum that the model's step reads"
            );
        }
    }

    /// @notice With 65,535 updates of the largest weight and value no sum runs over into its neighbour.
    function test_largestRoundFitsItsLanes() external view {
        bytes memory chunks = new bytes(16 * 128);
        for (uint256 i = 0; i < chunks.length; i += 2) (chunks[i], chunks[i + 1]) = (0x7f, 0xff);
        bytes memory state = new bytes(512);
        uint256 before = (65_535 - 16) * uint256(65_535) * 65_535;
        for (uint256 c = 0; c < COORDINATES; ++c) _setUintAt(state, 8 * c, 8, before);
        state = this.foldMean(state, chunks, type(uint256).max);
        for (uint256 c = 0; c < COORDINATES; ++c) {
            require(_uintAt(state, 8 * c, 8) == uint256(65_535) ** 3, "largest sum");
        }
    }

    // ── the cut rules ──

    function testFuzz_foldCuts(bytes32 seed, uint8 size) external view {
        uint256 count = 1 + (size % 16);
        bytes memory chunks = _randomChunks(seed, count);
        bytes memory before = _randomCutState(seed);
        bytes memory state = this.foldCuts(before, chunks);
        for (uint256 c = 0; c < COORDINATES; ++c) {
            require(_int16At(state, 2 * c) == _int16At(before, 2 * c), "low stays");
            require(_int16At(state, 128 + 2 * c) == _int16At(before, 128 + 2 * c), "high stays");
            _requireCutSums(before, state, chunks, c);
        }
    }

    function testFuzz_sumOfTheKeptValues(bytes32 seed, uint16 trim) external pure {
        bytes memory state = _randomCutState(seed);
        for (uint256 c = 0; c < COORDINATES; ++c) {
            int256 cuts = _int16At(state, 2 * c) + _int16At(state, 128 + 2 * c) + 2 * BIAS;
            int256 expected = int256(_uintAt(state, 256 + 4 * c, 4)) - int256(uint256(trim)) * cuts;
            require(Columns.biasedSumAt(Rule.Median, state, c, trim) == expected, "sum of the kept values");
        }
    }

    /// @notice The counts accept exactly the cut values that sorting finds.
    function testFuzz_cutsAreRightByRank(bytes32 seed, uint8 size, uint16 trimBasisPoints) external view {
        uint256 count = 1 + (size % 16);
        uint256 trim = Columns.trimOf(Rule.TrimmedMean, 1 + (trimBasisPoints % 4_999), count);
        bytes memory chunks = _randomChunks(seed, count);
        bytes memory empty = new bytes(1024);
        for (uint256 c = 0; c < COORDINATES; ++c) {
            int256[] memory sorted = _sortedColumn(chunks, c, count);
            _setUintAt(empty, 2 * c, 2, uint16(int16(sorted[trim])));
            _setUintAt(empty, 128 + 2 * c, 2, uint16(int16(sorted[count - 1 - trim])));
        }
        require(!Columns.hasWrongCut(this.foldCuts(empty, chunks), trim), "right cuts are refused");
        uint256 place = uint256(seed) % 128;
        uint256 changed = _uintAt(empty, 2 * place, 2) ^ (1 << (uint256(seed) % 15));
        _setUintAt(empty, 2 * place, 2, changed);
        bool wrong = !_isRank(chunks, place, count, trim, int16(uint16(changed)));
        require(Columns.hasWrongCut(this.foldCuts(empty, chunks), trim) == wrong, "a changed cut");
    }

    function test_trimOf() external pure {
        require(Columns.trimOf(Rule.Mean, 0, 7) == 0, "mean");
        require(Columns.trimOf(Rule.Median, 0, 1) == 0, "median of one");
        require(Columns.trimOf(Rule.Median, 0, 7) == 3, "median, odd");
        require(Columns.trimOf(Rule.Median, 0, 8) == 3, "median, even");
        require(Columns.trimOf(Rule.TrimmedMean, 2_000, 4) == 0, "a fifth of four, rounded down");
        require(Columns.trimOf(Rule.TrimmedMean, 2_000, 20) == 4, "a fifth of twenty");
        require(Columns.trimOf(Rule.TrimmedMean, 4_999, 3) == 1, "something is always left");
    }

    // ── what reads calldata, called from outside ──

    function squaredNormOf(bytes calldata chunk) external pure returns (uint256) {
        return Columns.squaredNormOf(chunk);
    }

    function groupHashOf(bytes calldata chunks) external pure returns (bytes32) {
        return Columns.groupHashOf(chunks);
    }

    function foldMean(bytes memory state, bytes calldata chunks, uint256 weights) external pure returns (bytes memory) {
        // the weights of a group stand in the highest bits
        Columns.foldMeanInPlace(state, chunks, weights);
        return state;
    }

    function foldCuts(bytes memory state, bytes calldata chunks) external pure returns (bytes memory) {
        Columns.foldCutsInPlace(state, chunks);
        return state;
    }

    // ── the slow, obvious way ──

    function _requireCutSums(bytes memory before, bytes memory state, bytes memory chunks, uint256 c) private pure {
        int256 low = _int16At(before, 2 * c);
        int256 high = _int16At(before, 128 + 2 * c);
        uint256[4] memory counts;
        uint256 sum = _uintAt(before, 256 + 4 * c, 4);
        for (uint256 j = 0; j < 4; ++j) counts[j] = _uintAt(before, 512 + 8 * c + 2 * j, 2);
        for (uint256 offset = 2 * c; offset < chunks.length; offset += 128) {
            int256 value = _int16At(chunks, offset);
            if (value < low) ++counts[0];
            if (value <= low) ++counts[1];
            if (value > high) ++counts[2];
            if (value >= high) ++counts[3];
            int256 clamped = value < low ? low : value;
            if (clamped > high) clamped = high;
            sum += uint256(clamped + BIAS);
        }
        require(_uintAt(state, 256 + 4 * c, 4) == sum, "running sum");
        for (uint256 j = 0; j < 4; ++j) {
            require(_uintAt(state, 512 + 8 * c + 2 * j, 2) == counts[j], "count");
        }
    }

    function _sortedColumn(
        bytes memory chunks,
        uint256 c,
        uint256 count
    ) private pure returns (int256[] memory sorted) {
        sorted = new int256[](count);
        for (uint256 i = 0; i < count; ++i) {
            int256 value = _int16At(chunks, 128 * i + 2 * c);
            uint256 place = i;
            for (; place > 0 && sorted[place - 1] > value; --place) sorted[place] = sorted[place - 1];
            sorted[place] = value;
        }
    }

    /// @param place The place of a low cut value below 64, of a high one from there on.
    function _isRank(
        bytes memory chunks,
        uint256 place,
        uint256 count,
        uint256 trim,
        int256 cut
    ) private pure returns (bool) {
        int256[] memory sorted = _sortedColumn(chunks, place % COORDINATES, count);
        return cut == sorted[place < COORDINATES ? trim : count - 1 - trim];
    }

    /// @dev Every third byte pair is an extreme, so that ties and limits are common.
    function _randomChunks(bytes32 seed, uint256 count) private pure returns (bytes memory chunks) {
        chunks = new bytes(128 * count);
        for (uint256 offset = 0; offset < chunks.length; offset += 2) {
            uint256 random = uint256(keccak256(abi.encode(seed, offset)));
            uint256 value = random & 0xffff;
            if (random >> 254 == 0) value = (random >> 16) & 1 == 0 ? 0x8000 : 0x7fff;
            if (random >> 254 == 1) value = (random >> 16) % 3;
            _setUintAt(chunks, offset, 2, value);
        }
    }

    /// @dev Sums that leave room for 16 more of the largest.
    function _randomSums(bytes32 seed) private pure returns (bytes memory state) {
        state = new bytes(512);
        for (uint256 c = 0; c < COORDINATES; ++c) {
            _setUintAt(state, 8 * c, 8, uint256(keccak256(abi.encode(seed, c, "sum"))) >> 208);
        }
    }

    function _randomCutState(bytes32 seed) private pure returns (bytes memory state) {
        state = new bytes(1024);
        for (uint256 c = 0; c < COORDINATES; ++c) {
            uint256 random = uint256(keccak256(abi.encode(seed, c, "cuts")));
            _setUintAt(state, 2 * c, 2, random & 0xffff);
            _setUintAt(state, 128 + 2 * c, 2, (random >> 16) & 0xffff);
            _setUintAt(state, 256 + 4 * c, 4, (random >> 32) & 0x7fffffff);
            for (uint256 j = 0; j < 4; ++j) _setUintAt(state, 512 + 8 * c + 2 * j, 2, (random >> (64 + 16 * j)) & 0x7fff);
        }
    }

    function _uintAt(bytes memory data, uint256 offset, uint256 length) private pure returns (uint256 value) {
        for (uint256 i = 0; i < length; ++i) value = (value << 8) | uint8(data[offset + i]);
    }

    function _int16At(bytes memory data, uint256 offset) private pure returns (int256) {
        return int16(uint16(_uintAt(data, offset, 2)));
    }

    function _setUintAt(bytes memory data, uint256 offset, uint256 length, uint256 value) private pure {
        for (uint256 i = 0; i < length; ++i) data[offset + i] = bytes1(uint8(value >> (8 * (length - 1 - i))));
    }

    function _slice(bytes memory data, uint256 offset, uint256 length) private pure returns (bytes memory part) {
        part = new bytes(length);
        for (uint256 i = 0; i < length; ++i) part[i] = data[offset + i];
    }
}
