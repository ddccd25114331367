// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Columns } from "../../contracts/libraries/Columns.sol";

/// @title The running sums of the mean, for every chunk and weight
contract ColumnsProofs {
    /// @dev Four sums in a word, each below 2^63: what rounds of 65,535 updates add up to has 48 bits.
    uint256 private constant SUMS = 0x7fffffffffffffff7fffffffffffffff7fffffffffffffff7fffffffffffffff;

    /// @notice Each of the 64 sums grows by weight × (value + bias), and no lane spills into its neighbour.
    function check_foldMeanAddsEachProductToItsLane(
        bytes32[16] calldata words,
        bytes32[4] calldata chunk,
        uint16 weight
    ) external view {
        bytes32[16] memory state = words;
        for (uint256 word = 0; word < 16; ++word) state[word] &= bytes32(SUMS);
        bytes32[16] memory folded = this.fold(abi.encode(state), abi.encode(chunk), uint256(weight) << 240);
        unchecked {
            for (uint256 c = 0; c < 64; ++c) {
                assert(_sumAt(folded, c) == _sumAt(state, c) + uint256(weight) * _biasedAt(chunk, c));
            }
        }
    }

    /// @notice Two updates at once are one after the other.
    function check_foldMeanOfTwoIsOneAfterTheOther(
        bytes32[4] calldata first,
        bytes32[4] calldata second,
        uint16 weightOfFirst,
        uint16 weightOfSecond
    ) external view {
        (uint256 a, uint256 b) = (uint256(weightOfFirst) << 240, uint256(weightOfSecond) << 240);
        bytes memory zero = new bytes(512);
        bytes32[16] memory once = this.fold(zero, bytes.concat(abi.encode(first), abi.encode(second)), a | (b >> 16));
        bytes32[16] memory twice = this.fold(abi.encode(this.fold(zero, abi.encode(first), a)), abi.encode(second), b);
        for (uint256 word = 0; word < 16; ++word) assert(once[word] == twice[word]);
    }

    function fold(bytes memory state, bytes calldata chunks, uint256 weights) external pure returns (bytes32[16] memory) {
        Columns.foldMeanInPlace(state, chunks, weights);
        return abi.decode(state, (bytes32[16]));
    }

    function _sumAt(bytes32[16] memory state, uint256 c) private pure returns (uint256) {
        return uint64(uint256(state[c / 4]) >> (192 - 64 * (c % 4)));
    }

    function _biasedAt(bytes32[4] calldata chunk, uint256 c) private pure returns (uint256) {
        unchecked {
            int256 value = int16(uint16(uint256(chunk[c / 16]) >> (240 - 16 * (c % 16))));
            return uint256(value + 2 ** 15);
        }
    }
}
