// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A ring slot of a trainer: what it submitted in a round, in one word, so that submitting writes one slot.
///
///   bit 255       retired: the trainer has left and submits no more
///   bits 254–224  the round (31 bits)
///   bits 223–0    the digest of the submission, keccak256 cut to 224 bits (112 bits against collisions)
///
/// The word zero means: not a member. `VACANT` digests mark a slot that a member has not used yet.
type SubmissionSlot is uint256;

using SubmissionSlotLibrary for SubmissionSlot global;

library SubmissionSlotLibrary {
    uint256 internal constant RETIRED = 1 << 255;
    uint256 internal constant ROUND_MASK = (1 << 31) - 1;
    uint256 internal constant DIGEST_MASK = (1 << 224) - 1;
    /// @dev The digest of a slot without a submission. Nobody knows a submission that hashes to it.
    uint256 internal constant VACANT = 1;

    function pack(uint256 round_, bytes32 digest_) internal pure returns (SubmissionSlot) {
        return SubmissionSlot.wrap((round_ << 224) | (uint256(digest_) & DIGEST_MASK));
    }

    function vacant(uint256 round_) internal pure returns (SubmissionSlot) {
        return SubmissionSlot.wrap((round_ << 224) | VACANT);
    }

    /// @return The slot as that of a member again, with the submission that it held.
    function reinstate(SubmissionSlot slot) internal pure returns (SubmissionSlot) {
        return SubmissionSlot.wrap(SubmissionSlot.unwrap(slot) & ~RETIRED);
    }

    function retire(SubmissionSlot slot) internal pure returns (SubmissionSlot) {
        return SubmissionSlot.wrap(SubmissionSlot.unwrap(slot) | RETIRED);
    }

    /// @return True for the slot of a member that has submitted nothing to this round: one that is not zero, not retired, and of an
    /// older round.
    function awaits(SubmissionSlot slot, uint256 round_) internal pure returns (bool) {
        unchecked {
            // the word zero wraps, and is then above every round
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

    /// @return True when the slot holds this very submission of this round.
    function holds(SubmissionSlot slot, uint256 round_, bytes32 digest_) internal pure returns (bool) {
        return SubmissionSlot.unwrap(slot) & (RETIRED - 1) == SubmissionSlot.unwrap(pack(round_, digest_));
    }
}

/// @notice A slot as the federation stores it: code computes a reference to it once, and reads and writes through that.
struct RingSlot {
    SubmissionSlot content;
}
