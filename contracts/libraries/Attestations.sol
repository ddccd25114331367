// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { MessageHashUtils } from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import { SignatureChecker } from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import { IFederation } from "../interfaces/IFederation.sol";
import { Signs } from "../types/Aggregators.sol";
import { Attestation } from "../types/Attestation.sol";

/// @title The message that electors sign about a round's inputs (EIP-712)
library Attestations {
    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant ATTESTATION_TYPE =
        keccak256("Attestation(uint32 round,uint32 edition,bytes32 inputsRoot)");
    bytes32 private constant NAME = keccak256("Tributary");
    bytes32 private constant VERSION = keccak256("1");
    /// @dev How the code of an ordinary key begins that has delegated to a contract (EIP-7702), and the length of that code.
    bytes3 private constant DELEGATION = 0xef0100;
    uint256 private constant DELEGATION_BYTES = 23;

    function digest(
        address federation,
        uint32 round,
        uint32 edition,
        bytes32 inputsRoot
    ) internal view returns (bytes32) {
        bytes32 separator = keccak256(abi.encode(DOMAIN_TYPE, NAME, VERSION, block.chainid, federation));
        bytes32 message = keccak256(abi.encode(ATTESTATION_TYPE, round, edition, inputsRoot));
        return MessageHashUtils.toTypedDataHash(separator, message);
    }

    /// @notice Reverts unless the account has signed the digest: by its key, whatever code it has by now, or by ERC-1271 where it was a
    /// contract when it first joined.
    function requireSigned(bytes32 digest_, Attestation calldata attestation, Signs signs) internal view {
        address signer = attestation.signer;
        (address recovered, ECDSA.RecoverError failure, ) = ECDSA.tryRecover(digest_, attestation.signature);
        bool signed = failure == ECDSA.RecoverError.NoError && recovered == signer;
        if (!signed && signs == Signs.AsContract) {
            signed = SignatureChecker.isValidERC1271SignatureNow(signer, digest_, attestation.signature);
        }
        require(signed, IFederation.WrongSignature(signer));
    }

    /// @return How an account would sign that joined now.
    function signsOf(address account) internal view returns (Signs) {
        bytes memory code = account.code;
        if (code.length == 0) return Signs.ByKey;
        bool delegated = code.length == DELEGATION_BYTES && bytes3(code) == DELEGATION;
        return delegated ? Signs.ByKey : Signs.AsContract;
    }
}
