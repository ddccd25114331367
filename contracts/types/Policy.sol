// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The documents that a federation works by: sha2-256 digests of their CIDs, zero where there is no such document.
struct Documents {
    /// The task's manifest: model and training plan.
    bytes32 manifestCid;
    /// The licence and the terms of use of the model.
    bytes32 licenceCid;
    bytes32 termsCid;
}

/// @notice What keeps rounds from opening, in one slot.
struct Halt {
    /// No round opens before this second.
    uint40 pausedUntil;
    /// The guardian has paused, and no vote has allowed it to do so again.
    bool pauseSpent;
    /// No round opens any more, for ever.
    bool retired;
    /// A change waits for the next round boundary.
    bool changeWaits;
    address guardian;
}
