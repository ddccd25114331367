// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ModelStep } from "../../contracts/libraries/ModelStep.sol";

/// @title The model's step, for every value in a range
contract ModelStepProofs {
    /// @notice The code is the formula that rounding.py proves to be the nearest integer, halves up.
    function check_roundedStepIsTheFormula(uint64 sum, uint32 divisor) external pure {
        if (divisor == 0) return;
        unchecked {
            (uint256 s, uint256 d) = (sum, divisor);
            uint256 fraction = (512 * (s % d) + d) / (2 * d);
            int256 expected = (int256(s / d) - 32_768) * 256 + int256(fraction);
            assert(ModelStep.roundedStep(s, d) == expected);
        }
    }

    /// @notice For every value and step; the other coordinates of its word stay. The first and the last of a word.
    function check_stepInPlaceSaturatesTheFirst(bytes32 word, int72 step) external pure {
        _requireSaturated(word, 0, step);
    }

    function check_stepInPlaceSaturatesTheLast(bytes32 word, int72 step) external pure {
        _requireSaturated(word, 7, step);
    }

    function _requireSaturated(bytes32 word, uint256 coordinate, int72 step) private pure {
        bytes memory chunk = abi.encode(word);
        uint256 shift = 224 - 32 * coordinate;
        ModelStep.stepInPlace(chunk, coordinate, step);
        unchecked {
            int256 expected = int256(int32(uint32(uint256(word) >> shift))) + step;
            if (expected > type(int32).max) expected = type(int32).max;
            if (expected < type(int32).min) expected = type(int32).min;
            uint256 changed = abi.decode(chunk, (uint256));
            assert(int256(int32(uint32(changed >> shift))) == expected);
            uint256 others = ~(uint256(type(uint32).max) << shift);
            assert(changed & others == uint256(word) & others);
        }
    }
}
