// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Reputations } from "../types/Reputations.sol";
import { Proposal } from "../types/Round.sol";
import { UpdateTerms } from "../types/UpdateTerms.sol";

/// @title The hashes that bind a statement to its author, its contract and its round
library Commitments {
    /// @dev The length of an encoded `Proposal`: fourteen words.
    uint256 private constant PROPOSAL_BYTES = 448;

    error NotAscending(address account);

    /// @return The commitment that a trainer posts for the tree root of its update. Only whoever knows the root can open it, and it
    /// opens for one sender, round, contract and chain only.
    function updateCommitment(
        address federation,
        uint256 round,
        address trainer,
        bytes32 updateRoot
    ) internal view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, federation, round, trainer, updateRoot));
    }

    /// @return digest The digest of a submission that a trainer's ring slot holds.
    function submissionDigest(
        UpdateTerms terms,
        bytes32 commitment,
        bytes32 cid
    ) internal pure returns (bytes32 digest) {
        // keccak256(abi.encode(terms, commitment, cid)), in free memory that is not kept
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, terms)
            mstore(add(words, 0x20), commitment)
            mstore(add(words, 0x40), cid)
            digest := keccak256(words, 0x60)
        }
    }

    /// @dev Computes keccak256(abi.encode(chain id, federation, proposer, proposal)). The federation never stores a proposal whose fields
    /// have dirty bits, because it cannot encode the event.
    function proposalDigest(
        address federation,
        address proposer,
        Proposal calldata proposal
    ) internal view returns (bytes32 digest) {
        // in free memory that is not kept
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, chainid())
            mstore(add(words, 0x20), federation)
            mstore(add(words, 0x40), proposer)
            calldatacopy(add(words, 0x60), proposal, PROPOSAL_BYTES)
            digest := keccak256(words, add(PROPOSAL_BYTES, 0x60))
        }
    }

    /// @return The hash of what a round starts from: a model, and the reputations that weigh the round's inputs.
    function baseHash(bytes32 modelRoot, Reputations reputations) internal pure returns (bytes32) {
        return keccak256(abi.encode(modelRoot, reputations));
    }

    /// @param omitted The trainers that a proposal leaves out, ascending, each once.
    /// @return The hash of the list, zero where the proposal leaves out nobody.
    function omittedHash(address[] calldata omitted) internal pure returns (bytes32) {
        for (uint256 index = 1; index < omitted.length; ++index) {
            require(omitted[index - 1] < omitted[index], NotAscending(omitted[index]));
        }
        return omitted.length == 0 ? bytes32(0) : keccak256(abi.encodePacked(omitted));
    }

    /// @return True where `hash` is that of the list, and the list names the trainer.
    function isOmitted(bytes32 hash, address[] calldata omitted, address trainer) internal pure returns (bool) {
        if (omittedHash(omitted) != hash) return false;
        for (uint256 index = 0; index < omitted.length; ++index) if (omitted[index] == trainer) return true;
        return false;
    }
}
