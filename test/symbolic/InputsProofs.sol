// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Inputs } from "../../contracts/libraries/Inputs.sol";

/// @title The inputs' arithmetic, for every value
contract InputsProofs {
    /// @dev One in each lane of 64 bits.
    uint256 private constant ONES = 1 + (1 << 64) + (1 << 128) + (1 << 192);

    /// @notice For every word and place.
    function check_weightAtIsTheLaneFromTheLeft(uint256 weights) external pure {
        for (uint256 place = 0; place < 16; ++place) {
            assert(Inputs.weightAt(weights, place) == _lane(weights, place));
        }
    }

    /// @notice For every word. Three lemmas make the sum: lanes added all at once are sums of four weights each, ...
    function check_lanesAddFourEach(uint256 weights) external pure {
        uint256 fours = 0;
        unchecked {
            for (uint256 place = 0; place < 16; place += 4) {
                uint256 first = _lane(weights, place) + _lane(weights, place + 1);
                uint256 second = _lane(weights, place + 2) + _lane(weights, place + 3);
                fours |= (first + second) << (192 - 16 * place);
            }
        }
        assert(_fours(weights) == fours);
    }

    /// @notice ... `sumOf` multiplies them, ...
    function check_sumOfMultipliesTheSumsOfFour(uint256 weights) external pure {
        unchecked {
            assert(Inputs.sumOf(weights) == (_fours(weights) * ONES) >> 192);
        }
    }

    /// @notice ... and multiplied they add up. Sums of four uint16 have 18 bits.
    function check_multipliedTheSumsOfFourAddUp(uint72 fours) external pure {
        uint256[4] memory lanes;
        uint256 word = 0;
        for (uint256 i = 0; i < 4; ++i) {
            lanes[i] = (uint256(fours) >> (18 * i)) & 0x3ffff;
            word |= lanes[i] << (64 * i);
        }
        unchecked {
            assert((word * ONES) >> 192 == (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]));
        }
    }

    /// @notice The groups hold all inputs, none is empty, and all but the last are full: for up to 2^32 - 1 inputs.
    function check_groupsHoldEveryInputOnce(uint32 inputCount, uint32 group) external pure {
        uint256 groups = Inputs.groupsOf(inputCount);
        uint256 size = Inputs.sizeOf(group, inputCount);
        if (group >= groups) assert(size == 0);
        else if (group + 1 < groups) assert(size == 16);
        else assert(size >= 1 && size <= 16 && uint256(group) * 16 + size == inputCount);
    }

    function _fours(uint256 weights) private pure returns (uint256 sum) {
        uint256 lanes32 = type(uint256).max / type(uint32).max * type(uint16).max;
        uint256 lanes64 = type(uint256).max / type(uint64).max * type(uint32).max;
        unchecked {
            sum = (weights & lanes32) + ((weights >> 16) & lanes32);
            sum = (sum & lanes64) + ((sum >> 32) & lanes64);
        }
    }

    function _lane(uint256 weights, uint256 place) private pure returns (uint256) {
        return uint256(uint16(bytes2(bytes32(weights) << (16 * place))));
    }
}
