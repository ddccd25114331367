// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IFederation } from "../interfaces/IFederation.sol";
import { Attestations } from "../libraries/Attestations.sol";
import { Attestation } from "../types/Attestation.sol";
import { vm } from "./Vm.t.sol";

struct Signer {
    address account;
    uint256 key;
}

/// @title For tests: accounts that have keys, by ascending address, and what they sign
library Signers {
    function create(Signer[] storage signers, uint256 count) internal {
        for (uint256 index = 0; index < count; ++index) {
            uint256 key = uint256(keccak256(abi.encode("signer", index)));
            Signer memory made = Signer(vm.addr(key), key);
            signers.push(made);
            uint256 place = index;
            for (; place != 0 && signers[place - 1].account > made.account; --place) signers[place] = signers[place - 1];
            signers[place] = made;
        }
    }

    function sign(
        Signer memory signer,
        address federation,
        uint32 round,
        uint32 edition,
        bytes32 inputsRoot
    ) internal view returns (Attestation memory) {
        bytes32 digest = Attestations.digest(federation, round, edition, inputsRoot);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(signer.key, digest);
        return Attestation(signer.account, abi.encodePacked(r, s, v));
    }

    /// @return attestations The signatures of the open round's inputs by all its electors but the proposer.
    /// @return weight The weight of all of them and the proposer.
    function attest(
        Signer[] storage signers,
        IFederation federation,
        bytes32 inputsRoot,
        address proposer
    ) internal view returns (Attestation[] memory attestations, uint256 weight) {
        uint32 round = federation.clock().round;
        attestations = new Attestation[](signers.length);
        uint256 count = 0;
        for (uint256 index = 0; index < signers.length; ++index) {
            uint256 own = federation.electorWeight(signers[index].account, round);
            weight += own;
            if (own == 0 || signers[index].account == proposer) continue;
            uint32 edition = federation.clock().edition;
            attestations[count++] = sign(signers[index], address(federation), round, edition, inputsRoot);
        }
        assembly ("memory-safe") {
            mstore(attestations, count)
        }
    }
}
