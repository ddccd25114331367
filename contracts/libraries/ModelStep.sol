// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title From the last model to the next (docs/protocol.md, "Numbers")
library ModelStep {
    uint256 internal constant MODEL_CHUNK_BYTES = 256;
    uint8 internal constant LEAF_DOMAIN = 2;
    int256 private constant UPDATE_BIAS = 2 ** 15;
    int256 private constant UNITS_PER_UPDATE_UNIT = 2 ** 8;

    error WrongModelChunkLength(uint256 length, uint256 expected);

    function leafHash(bytes memory chunk) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(LEAF_DOMAIN, chunk));
    }

    /// @notice Gives the step of one coordinate in model units: the biased mean less the bias, rounded to the nearest, halves towards +∞.
    /// @param biasedSum Not negative.
    /// @param divisor Not zero.
    function roundedStep(uint256 biasedSum, uint256 divisor) internal pure returns (int256) {
        unchecked {
            // sums are below 2^64 and divisors below 2^32: no number here comes near 2^255
            int256 quotient = int256(biasedSum / divisor);
            uint256 remainder = biasedSum % divisor;
            uint256 fraction = (2 * uint256(UNITS_PER_UPDATE_UNIT) * remainder + divisor) / (2 * divisor);
            return (quotient - UPDATE_BIAS) * UNITS_PER_UPDATE_UNIT + int256(fraction);
        }
    }

    /// @notice Adds the step to the coordinate, saturated to int32.
    function stepInPlace(bytes memory chunk, uint256 coordinate, int256 step) internal pure {
        int256 value;
        assembly ("memory-safe") {
            value := signextend(3, mload(add(add(chunk, 4), shl(2, coordinate))))
        }
        unchecked {
            value += step; // cannot overflow: an int32 and a step below 2^73
        }
        if (value > type(int32).max) value = type(int32).max;
        if (value < type(int32).min) value = type(int32).min;
        assembly ("memory-safe") {
            let at := add(add(chunk, 4), shl(2, coordinate))
            mstore(at, or(and(mload(at), not(0xffffffff)), and(value, 0xffffffff)))
        }
    }
}
