// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A ring slot of a trainer: what it submitted in a round, in one word, so that submitting writes one slot.
///
///   bit 255       retired: the trainer has left and submits no more
///   bits 254–224  the round (31 bits)
///   bit 223       late: submitted after the round had been proposed and was open again
///   bits 222–0    the digest of the submission, keccak256 cut to its lowest 223 bits (111 bits against collisions)
///
/// The word zero means: not a member. `VACANT` digests mark a slot that a member has not used yet.
type SubmissionSlot is uint256;

using SubmissionSlotLibrary for SubmissionSlot global;

library SubmissionSlotLibrary {
    uint256 internal constant RETIRED = 1 << 255;
    uint256 internal constant ROUND_MASK = (1 << 31) - 1;
    uint256 internal constant LATE = 1 << 223;
    uint256 internal constant DIGEST_MASK = (1 << 223) - 1;
    /// @dev The digest of a slot without a submission: no submission is known to hash to it.
    uint256 internal constant VACANT = 1;

    function pack(uint256 round_, bytes32 digest_, bool late) internal pure returns (SubmissionSlot slot) {
        uint256 digest = uint256(digest_) & DIGEST_MASK;
        // the bool as a number, without a branch
        assembly ("memory-safe") {
            slot := or(or(shl(224, round_), shl(223, late)), digest)
        }
    }

    function vacant(uint256 round_) internal pure returns (SubmissionSlot) {
        return SubmissionSlot.wrap((round_ << 224) | VACANT);
    }

    /// @return The slot of a member again, with the submission that it held.
    function reinstate(SubmissionSlot slot) internal pure returns (SubmissionSlot) {
        return SubmissionSlot.wrap(SubmissionSlot.unwrap(slot) & ~RETIRED);
    }

    function retire(SubmissionSlot slot) internal pure returns (SubmissionSlot) {
        return SubmissionSlot.wrap(SubmissionSlot.unwrap(slot) | RETIRED);
    }

    /// @return True for the slot of a member that has brought nothing to this round: not zero, not retired, of an older
    /// round.
    function awaits(SubmissionSlot slot, uint256 round_) internal pure returns (bool) {
        unchecked {
            // zero wraps, and is above every round
            return SubmissionSlot.unwrap(slot) - 1 < (round_ << 224) - 1;
        }
    }

    function isMember(SubmissionSlot slot) internal pure returns (bool) {
        return SubmissionSlot.unwrap(slot) != 0 && SubmissionSlot.unwrap(slot) < RETIRED;
    }

    function isVacant(SubmissionSlot slot) internal pure returns (bool) {
        return SubmissionSlot.unwrap(slot) & DIGEST_MASK <= VACANT;
    }

    function round(SubmissionSlot slot) internal pure returns (uint256) {
        return (SubmissionSlot.unwrap(slot) >> 224) & ROUND_MASK;
    }

    function isLate(SubmissionSlot slot) internal pure returns (bool) {
        return SubmissionSlot.unwrap(slot) & LATE != 0;
    }

    /// @return True when the slot holds this very submission of this round, in time or late.
    function holds(SubmissionSlot slot, uint256 round_, bytes32 digest_) internal pure returns (bool) {
        return SubmissionSlot.unwrap(slot) & ~(RETIRED | LATE) == SubmissionSlot.unwrap(pack(round_, digest_, false));
    }
}

/// @notice A slot as it is stored: a reference to it is computed once, and read and written through.
struct RingSlot {
    SubmissionSlot content;
}
