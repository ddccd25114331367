// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Columns } from "../../contracts/libraries/Columns.sol";

/// @title The running sums of the mean, for every chunk and weight
contract ColumnsProofs {
    /// @dev Four lanes whose highest bit is free.
    uint256 private constant SUMS = 0x7fffffffffffffff7fffffffffffffff7fffffffffffffff7fffffffffffffff;

    /// @notice For every chunk and weight. Four lemmas make the running sums: from nothing, each lane of 64 bits becomes
    /// weight × (value + bias), ...
    function check_foldMeanMakesAProductInEachLane(bytes32[4] calldata chunk, uint16 weight, uint8 word) external view {
        bytes32[16] memory folded = this.fold(new bytes(512), abi.encode(chunk), uint256(weight) << 240);
        for (uint256 at = 0; at < 16; ++at) {
            // each on its own path, so that the solver is asked one thing at a time
            if (word == at) assert(uint256(folded[at]) == _productsIn(chunk, at, weight));
        }
    }

    /// @notice ... where the bias is a flipped sign, ...
    function check_aFlippedSignIsTheBias(uint16 lane) external pure {
        assert(int256(uint256(lane ^ 0x8000)) == int256(int16(lane)) + 2 ** 15);
    }

    /// @notice ... what comes to a state is added to its words, ...
    function check_foldMeanAddsWords(bytes32[16] calldata state, bytes32[4] calldata chunk, uint16 weight) external view {
        uint256 weights = uint256(weight) << 240;
        bytes32[16] memory folded = this.fold(abi.encode(state), abi.encode(chunk), weights);
        bytes32[16] memory products = this.fold(new bytes(512), abi.encode(chunk), weights);
        unchecked {
            for (uint256 at = 0; at < 16; ++at) {
                assert(uint256(folded[at]) == uint256(state[at]) + uint256(products[at]));
            }
        }
    }

    /// @notice ... and words add lane by lane: the sums of a round have 48 bits, products 32, lanes 64.
    function check_lanesDoNotSpill(uint256 word, uint256 other) external pure {
        unchecked {
            word &= SUMS;
            other &= SUMS;
            for (uint256 lane = 0; lane < 256; lane += 64) {
                assert(uint64((word + other) >> lane) == uint64(word >> lane) + uint64(other >> lane));
            }
        }
    }

    function fold(bytes memory state, bytes calldata chunks, uint256 weights) external pure returns (bytes32[16] memory) {
        Columns.foldMeanInPlace(state, chunks, weights);
        return abi.decode(state, (bytes32[16]));
    }

    function _productsIn(bytes32[4] calldata chunk, uint256 at, uint16 weight) private pure returns (uint256 word) {
        unchecked {
            for (uint256 c = 4 * at; c < 4 * at + 4; ++c) {
                // in this order, as the code multiplies: the solver need not prove that the other gives the same
                word = (word << 64) | (_biasedAt(chunk, c) * uint256(weight));
            }
        }
    }

    function _biasedAt(bytes32[4] calldata chunk, uint256 c) private pure returns (uint256) {
        return uint256(uint16(uint256(chunk[c / 16]) >> (240 - 16 * (c % 16)))) ^ 0x8000;
    }
}
