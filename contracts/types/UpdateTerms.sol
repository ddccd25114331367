// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What a trainer says of its update besides its hashes, in one word, because calldata and events cost gas by
/// the word.
///
///   bits 119–80   the round
///   bits 79–16    squared L2 norm, in squared update units
///   bits 15–0     weight in the mean
type UpdateTerms is uint120;

using UpdateTermsLibrary for UpdateTerms global;

library UpdateTermsLibrary {
    function round(UpdateTerms terms) internal pure returns (uint256) {
        return UpdateTerms.unwrap(terms) >> 80;
    }

    function squaredNorm(UpdateTerms terms) internal pure returns (uint256) {
        return uint64(UpdateTerms.unwrap(terms) >> 16);
    }

    function weight(UpdateTerms terms) internal pure returns (uint256) {
        return uint16(UpdateTerms.unwrap(terms));
    }
}
