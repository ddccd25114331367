// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice An aggregator's signature over the inputs of a round: it fetched and verified each of them, and could fetch no
/// other. Whoever signs two for one round is slashed.
/// EIP-712, domain {name "Tributary", version "1", chainId, verifyingContract: the federation}, type
/// `Attestation(uint32 round,bytes32 inputsRoot)`.
struct Attestation {
    address signer;
    bytes signature;
}
