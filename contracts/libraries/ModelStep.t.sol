// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ModelStep } from "./ModelStep.sol";

/// @title The model's step against its meaning: the nearest integer, halves towards +∞
contract ModelStepTest {
    int256 private constant BIAS = 2 ** 15;

    function test_halvesGoUp() external pure {
        // in model units: (sum/divisor - bias) × 256
        require(ModelStep.roundedStep(uint256(BIAS), 1) == 0, "zero");
        require(ModelStep.roundedStep(uint256(BIAS) * 512 + 1, 512) == 1, "0.5 up");
        require(ModelStep.roundedStep(uint256(BIAS) * 512 - 1, 512) == 0, "-0.5 up");
        require(ModelStep.roundedStep(uint256(BIAS) * 512 + 3, 512) == 2, "1.5 up");
        require(ModelStep.roundedStep(uint256(BIAS) * 512 - 3, 512) == -1, "-1.5 up");
        require(ModelStep.roundedStep(0, 1) == -BIAS * 256, "the lowest");
        require(ModelStep.roundedStep(65_535, 1) == (BIAS - 1) * 256, "the highest");
    }

    /// @notice 2·D·(step − exact) lies in (−D, D], where exact = (S/D − bias)·256.
    function testFuzz_roundedStepIsTheNearest(uint48 biasedSum, uint32 divisor) external pure {
        if (divisor == 0) divisor = 1;
        int256 step = ModelStep.roundedStep(biasedSum, divisor);
        int256 d = int256(uint256(divisor));
        int256 doubledError = 2 * d * step - 512 * (int256(uint256(biasedSum)) - BIAS * d);
        require(doubledError > -d && doubledError <= d, "not the nearest");
    }

    function testFuzz_stepInPlaceSaturates(int32 value, int72 step, uint8 place) external pure {
        uint256 coordinate = place % 64;
        bytes memory chunk = new bytes(256);
        for (uint256 i = 0; i < 256; ++i) chunk[i] = bytes1(uint8(i * 7));
        for (uint256 i = 0; i < 4; ++i) chunk[4 * coordinate + i] = bytes1(uint8(uint32(value) >> (24 - 8 * i)));
        ModelStep.stepInPlace(chunk, coordinate, step);

        int256 expected = int256(value) + step;
        if (expected > type(int32).max) expected = type(int32).max;
        if (expected < type(int32).min) expected = type(int32).min;
        for (uint256 i = 0; i < 256; ++i) {
            uint8 byte_ = uint8(i * 7);
            if (i / 4 == coordinate) byte_ = uint8(uint32(int32(expected)) >> (24 - 8 * (i % 4)));
            require(uint8(chunk[i]) == byte_, "another value, or another coordinate was touched");
        }
    }

    function testFuzz_leafHash(bytes32 seed) external pure {
        bytes memory chunk = new bytes(256);
        for (uint256 i = 0; i < 256; ++i) chunk[i] = bytes1(uint8(uint256(keccak256(abi.encode(seed, i)))));
        require(ModelStep.leafHash(chunk) == keccak256(bytes.concat(bytes1(0x02), chunk)), "leaf hash");
    }
}
