// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { MessageHashUtils } from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import { SignatureChecker } from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import { IFederation } from "../interfaces/IFederation.sol";
import { Attestation } from "../types/Attestation.sol";

/// @title What aggregators sign of a round's inputs (EIP-712)
library Attestations {
    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant ATTESTATION_TYPE = keccak256("Attestation(uint32 round,bytes32 inputsRoot)");
    bytes32 private constant NAME = keccak256("Tributary");
    bytes32 private constant VERSION = keccak256("1");

    error SignersNotAscending(address signer);
    error SignerNotAnAggregator(address signer);
    error WrongSignature(address signer);

    function digest(IFederation federation, uint32 round, bytes32 inputsRoot) internal view returns (bytes32) {
        bytes32 separator = keccak256(abi.encode(DOMAIN_TYPE, NAME, VERSION, block.chainid, federation));
        bytes32 message = keccak256(abi.encode(ATTESTATION_TYPE, round, inputsRoot));
        return MessageHashUtils.toTypedDataHash(separator, message);
    }

    /// @notice Reverts unless the aggregator has signed it; smart accounts sign by ERC-1271.
    function requireSigned(
        IFederation federation,
        uint32 round,
        bytes32 inputsRoot,
        Attestation calldata attestation
    ) internal view {
        bool signed = SignatureChecker.isValidSignatureNow(
            attestation.signer,
            digest(federation, round, inputsRoot),
            attestation.signature
        );
        require(signed, WrongSignature(attestation.signer));
    }

    /// @return How many aggregators other than `proposer` have signed these inputs; reverts on a wrong signature.
    function count(
        IFederation federation,
        uint32 round,
        bytes32 inputsRoot,
        Attestation[] calldata attestations,
        address proposer
    ) internal view returns (uint256) {
        address last = address(0);
        for (uint256 index = 0; index < attestations.length; ++index) {
            address signer = attestations[index].signer;
            require(signer > last && signer != proposer, SignersNotAscending(signer));
            require(federation.mayAttest(signer, round), SignerNotAnAggregator(signer));
            requireSigned(federation, round, inputsRoot, attestations[index]);
            last = signer;
        }
        return attestations.length;
    }
}
