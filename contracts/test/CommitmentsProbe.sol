// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Commitments } from "../libraries/Commitments.sol";
import { UpdateTerms } from "../types/UpdateTerms.sol";

/// @title For tests: the library's functions, callable from outside
contract CommitmentsProbe {
    function updateCommitment(
        address federation,
        uint256 round,
        address trainer,
        bytes32 updateRoot
    ) external view returns (bytes32) {
        return Commitments.updateCommitment(federation, round, trainer, updateRoot);
    }

    function submissionDigest(UpdateTerms terms, bytes32 commitment, bytes32 cid) external pure returns (bytes32) {
        return Commitments.submissionDigest(terms, commitment, cid);
    }
}
