// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IFederation } from "../interfaces/IFederation.sol";
import { ITrainerChallenges } from "../interfaces/ITrainerChallenges.sol";
import { Columns } from "../libraries/Columns.sol";
import { Commitments } from "../libraries/Commitments.sol";
import { Inputs } from "../libraries/Inputs.sol";
import { MerkleTree } from "../libraries/MerkleTree.sol";
import { SumTree } from "../libraries/SumTree.sol";
import { FalseSum, InputOpening, SubmissionOpening, SumNode, UpdateLeaf } from "../types/Evidence.sol";
import { Proposal } from "../types/Round.sol";
import { Challenges } from "./Challenges.sol";

contract TrainerChallenges is ITrainerChallenges, Challenges {
    uint256 public constant MIN_COPIED_COORDINATES = 1024;

    function refuteNorm(
        IFederation federation,
        SubmissionOpening calldata submission,
        bytes32 updateRoot,
        FalseSum calldata evidence,
        bytes calldata chunk
    ) external {
        _requireSubmission(federation, submission, updateRoot);
        _requireFalseNorm(federation, submission, updateRoot, evidence, chunk);
        _slashTrainer(federation, submission.trainer, uint32(submission.terms.round()));
    }

    function refuteNormOfInput(
        IFederation federation,
        Proposal calldata proposal,
        InputOpening calldata input,
        SubmissionOpening calldata submission,
        FalseSum calldata evidence,
        bytes calldata chunk
    ) external {
        _requireInput(federation, proposal, input, submission);
        _requireFalseNorm(federation, submission, input.updateRoot, evidence, chunk);
        _void(federation, proposal);
    }

    function refuteRange(
        IFederation federation,
        SubmissionOpening calldata submission,
        bytes32 updateRoot,
        uint256 index,
        UpdateLeaf calldata leaf,
        bytes calldata chunk
    ) external {
        _requireSubmission(federation, submission, updateRoot);
        _requireOutOfRange(federation, updateRoot, index, leaf, chunk);
        _slashTrainer(federation, submission.trainer, uint32(submission.terms.round()));
    }

    function refuteRangeOfInput(
        IFederation federation,
        Proposal calldata proposal,
        InputOpening calldata input,
        SubmissionOpening calldata submission,
        uint256 index,
        UpdateLeaf calldata leaf,
        bytes calldata chunk
    ) external {
        _requireInput(federation, proposal, input, submission);
        _requireOutOfRange(federation, input.updateRoot, index, leaf, chunk);
        _void(federation, proposal);
    }

    function refuteCopy(
        IFederation federation,
        SubmissionOpening calldata original,
        SubmissionOpening calldata copy,
        bytes32 updateRoot
    ) external {
        _requireSubmission(federation, original, updateRoot);
        _requireSubmission(federation, copy, updateRoot);
        require(
            original.terms.round() < copy.terms.round(),
            NotACopy(original.terms.round(), copy.terms.round())
        );
        uint256 dimension = federation.dimension();
        uint256 squaredNorm = copy.terms.squaredNorm();
        require(
            dimension >= MIN_COPIED_COORDINATES && squaredNorm >= dimension,
            TooShortToCopy(dimension, squaredNorm)
        );
        _slashTrainer(federation, copy.trainer, uint32(copy.terms.round()));
    }

    // ── what the checks share ──

    function _requireSubmission(
        IFederation federation,
        SubmissionOpening calldata submission,
        bytes32 updateRoot
    ) private view {
        address trainer = submission.trainer;
        uint256 round = submission.terms.round();
        bytes32 digest = Commitments.submissionDigest(submission.terms, submission.commitment, submission.cid);
        require(federation.submissionSlot(trainer, round).holds(round, digest), NotSubmitted(trainer, round));
        bytes32 commitment = Commitments.updateCommitment(address(federation), round, trainer, updateRoot);
        require(commitment == submission.commitment, WrongCommitment(commitment, submission.commitment));
    }

    function _requireInput(
        IFederation federation,
        Proposal calldata proposal,
        InputOpening calldata input,
        SubmissionOpening calldata submission
    ) private view {
        Inputs.requireInput(proposal, input);
        require(
            input.trainer == submission.trainer && submission.terms.round() == proposal.round,
            AnotherUpdate(input.trainer, input.updateRoot)
        );
        _requireSubmission(federation, submission, input.updateRoot);
    }

    function _requireFalseNorm(
        IFederation federation,
        SubmissionOpening calldata submission,
        bytes32 updateRoot,
        FalseSum calldata evidence,
        bytes calldata chunk
    ) private view {
        uint256 depth = _depthOf(federation.dimension());
        SumNode memory root;
        if (evidence.height > 0) {
            root = SumTree.requireFalseInnerSum(evidence, depth);
        } else {
            _requireChunk(chunk);
            SumNode memory right = SumNode(Columns.updateLeafHash(chunk), Columns.squaredNormOf(chunk));
            root = SumTree.requireFalseLeafSum(evidence, right, depth);
        }
        require(root.hash == updateRoot, NotInTree(root.hash, updateRoot));
        if (evidence.path.length == 0) {
            uint256 claimed = submission.terms.squaredNorm();
            require(root.sum == claimed, SumTree.WrongSum(root.sum, claimed));
        }
    }

    function _requireOutOfRange(
        IFederation federation,
        bytes32 updateRoot,
        uint256 index,
        UpdateLeaf calldata leaf,
        bytes calldata chunk
    ) private view {
        uint256 dimension = federation.dimension();
        MerkleTree.requireLength(leaf.path.length, _depthOf(dimension));
        bytes32 root = SumTree.rootOf(leaf.leaf, index, leaf.path).hash;
        require(root == updateRoot, NotInTree(root, updateRoot));
        uint256 inside = dimension > index * Columns.CHUNK_COORDINATES ? dimension - index * Columns.CHUNK_COORDINATES : 0;
        if (inside == 0) {
            require(leaf.leaf.hash != 0 || leaf.leaf.sum != 0, InRange(index));
        } else {
            _requireChunk(chunk);
            bytes32 hash = Columns.updateLeafHash(chunk);
            require(hash == leaf.leaf.hash, SumTree.WrongNode(hash, leaf.leaf.hash));
            require(inside < Columns.CHUNK_COORDINATES && _hasValuesFrom(chunk, inside), InRange(index));
        }
    }

    function _requireChunk(bytes calldata chunk) private pure {
        uint256 expected = Columns.UPDATE_CHUNK_BYTES;
        require(chunk.length == expected, Columns.WrongChunksLength(chunk.length, expected));
    }

    function _hasValuesFrom(bytes calldata chunk, uint256 coordinate) private pure returns (bool) {
        for (uint256 i = 2 * coordinate; i < chunk.length; ++i) if (chunk[i] != 0) return true;
        return false;
    }

    function _depthOf(uint256 dimension) private pure returns (uint256) {
        return MerkleTree.depthOf(Columns.chunksOf(dimension));
    }
}
