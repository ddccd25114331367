// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice An evaluator's scores of one round, in one word of its ring.
///
///   bit 255       revealed
///   bit 254       demanded, and not published since
///   bit 253       published: not to be demanded again
///   bit 252       forfeited
///   bits 250–220  the round (31 bits)
///   bits 219–188  when the proposal was made that was scored (32 bits)
///   bits 187–0    the commitment, cut to 188 bits
type ScoreSlot is uint256;

using ScoreSlotLibrary for ScoreSlot global;

library ScoreSlotLibrary {
    uint256 internal constant REVEALED = 1 << 255;
    uint256 internal constant DEMANDED = 1 << 254;
    uint256 internal constant PUBLISHED = 1 << 253;
    uint256 internal constant FORFEITED = 1 << 252;
    uint256 private constant DIGEST_MASK = (1 << 188) - 1;
    uint256 private constant TIMED_MASK = (1 << 220) - 1;

    /// @param commitment The commitment, which holds the time of the proposal in its bits 219–188, see `proposedAtOf`.
    function pack(uint256 round_, bytes32 commitment) internal pure returns (ScoreSlot) {
        return ScoreSlot.wrap((round_ << 220) | (uint256(commitment) & TIMED_MASK));
    }

    /// @return The time of the proposal that was scored, which a commitment holds in the same bits as a slot.
    function proposedAtOf(bytes32 commitment) internal pure returns (uint256) {
        return uint32(uint256(commitment) >> 188);
    }

    function round(ScoreSlot slot) internal pure returns (uint256) {
        return (ScoreSlot.unwrap(slot) >> 220) & type(uint32).max >> 1;
    }

    function proposedAt(ScoreSlot slot) internal pure returns (uint256) {
        return uint32(ScoreSlot.unwrap(slot) >> 188);
    }

    function holds(ScoreSlot slot, bytes32 commitment) internal pure returns (bool) {
        return (ScoreSlot.unwrap(slot) ^ uint256(commitment)) & DIGEST_MASK == 0;
    }

    function has(ScoreSlot slot, uint256 flag) internal pure returns (bool) {
        return ScoreSlot.unwrap(slot) & flag != 0;
    }

    function with(ScoreSlot slot, uint256 flag) internal pure returns (ScoreSlot) {
        return ScoreSlot.wrap(ScoreSlot.unwrap(slot) | flag);
    }

    function without(ScoreSlot slot, uint256 flag) internal pure returns (ScoreSlot) {
        return ScoreSlot.wrap(ScoreSlot.unwrap(slot) & ~flag);
    }

    /// @return True for scores that count once nobody can demand any more: the evaluator has shown them, and they were published where
    /// somebody demanded that.
    function counts(ScoreSlot slot) internal pure returns (bool) {
        return has(slot, REVEALED) && !has(slot, DEMANDED);
    }
}
