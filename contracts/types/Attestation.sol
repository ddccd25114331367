// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The signature of an aggregator or evaluator over the inputs of a round. It says: I hold each of these updates, verified,
/// and could fetch no other. Whoever signs two different inputs for one edition of a round is slashed.
/// EIP-712, domain {name "Tributary", version "1", chainId, verifyingContract: the federation}, type
/// `Attestation(uint32 round,uint32 edition,bytes32 inputsRoot)`.
struct Attestation {
    address signer;
    bytes signature;
}
