// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What a federation works by besides numbers: sha2-256 digests of CIDs. Zero where there is none.
struct Documents {
    /// The task's manifest: model and training plan.
    bytes32 manifestCid;
    /// The licence and the terms of use of the model.
    bytes32 licenceCid;
    bytes32 termsCid;
}

/// @notice What stops rounds from being opened, in one slot.
struct Halt {
    /// No round opens before.
    uint40 pausedUntil;
    /// The guardian has paused, and no vote has allowed it to do so again.
    bool pauseSpent;
    /// For ever.
    bool retired;
    /// A change waits for the next round boundary.
    bool changeWaits;
    address guardian;
}
