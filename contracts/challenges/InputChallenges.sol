// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IFederation } from "../interfaces/IFederation.sol";
import { IInputChallenges } from "../interfaces/IInputChallenges.sol";
import { Attestations } from "../libraries/Attestations.sol";
import { Balances } from "../libraries/Balances.sol";
import { Commitments } from "../libraries/Commitments.sol";
import { Inputs } from "../libraries/Inputs.sol";
import { MerkleTree } from "../libraries/MerkleTree.sol";
import { SumTree } from "../libraries/SumTree.sol";
import { Signs } from "../types/Aggregators.sol";
import { Attestation } from "../types/Attestation.sol";
import { FalseSum, InputOpening, ReputationOpening, SumNode } from "../types/Evidence.sol";
import { Reputations } from "../types/Reputations.sol";
import { Proposal } from "../types/Round.sol";
import { SubmissionSlot } from "../types/Submission.sol";
import { UpdateTerms } from "../types/UpdateTerms.sol";
import { Challenges } from "./Challenges.sol";

contract InputChallenges is IInputChallenges, Challenges {
    function refuteUnsubmitted(
        IFederation federation,
        Proposal calldata proposal,
        InputOpening calldata input
    ) external {
        _requireEntry(proposal, input);
        require(
            !_hasSubmitted(federation, input.trainer, proposal.round),
            WasSubmitted(input.trainer, proposal.round)
        );
        _void(federation, proposal);
    }

    function refuteMisquoted(
        IFederation federation,
        Proposal calldata proposal,
        InputOpening calldata input,
        UpdateTerms terms,
        bytes32 commitment,
        bytes32 cid,
        ReputationOpening calldata reputation
    ) external {
        _requireEntry(proposal, input);
        uint32 round = proposal.round;
        SubmissionSlot slot = federation.submissionSlot(input.trainer, round);
        bytes32 digest = Commitments.submissionDigest(terms, commitment, cid);
        require(slot.holds(round, digest), NotSubmitted(input.trainer, round));
        bytes32 quoted = Commitments.updateCommitment(address(federation), round, input.trainer, input.updateRoot);
        bool right = quoted == commitment &&
            Inputs.weightOf(input) ==
            _weightOf(federation, proposal.reputations, input.trainer, terms.weight(), reputation);
        require(!right, QuotedRightly(input.trainer));
        _void(federation, proposal);
    }

    function refuteDisorder(
        IFederation federation,
        Proposal calldata proposal,
        InputOpening calldata first,
        InputOpening calldata second
    ) external {
        _requireEntry(proposal, first);
        _requireEntry(proposal, second);
        require(second.index == first.index + 1, NotConsecutive(first.index, second.index));
        require(first.trainer >= second.trainer, InOrder(first.trainer, second.trainer));
        _void(federation, proposal);
    }

    function refuteInputCount(IFederation federation, Proposal calldata proposal, InputOpening calldata input) external {
        Inputs.requireInput(proposal, input);
        bool complete = input.trainer != address(0) && input.updateRoot != 0 && Inputs.weightOf(input) != 0;
        bool right = input.index < proposal.inputCount ? complete : Inputs.isEmpty(input);
        require(!right, CountIsRight(input.index, proposal.inputCount));
        _void(federation, proposal);
    }

    function refuteIncluded(
        IFederation federation,
        Proposal calldata proposal,
        InputOpening calldata input,
        address[] calldata omitted
    ) external {
        _requireEntry(proposal, input);
        require(_isOmitted(proposal, input.trainer, omitted), NotOmitted(input.trainer));
        _void(federation, proposal);
    }

    function refuteMissing(
        IFederation federation,
        Proposal calldata proposal,
        address trainer,
        uint256 index,
        InputOpening calldata before,
        InputOpening calldata after_,
        address[] calldata omitted
    ) external {
        require(_hasSubmitted(federation, trainer, proposal.round), NotSubmitted(trainer, proposal.round));
        require(!_isOmitted(proposal, trainer, omitted), IsOmitted(trainer));
        // a submission that was proven false counts for nothing
        require(!federation.isTrainerSlashed(trainer, proposal.round), NotSubmitted(trainer, proposal.round));
        require(index <= proposal.inputCount, NotBetween(trainer, index));
        if (index > 0) {
            _requireEntry(proposal, before);
            require(before.index == index - 1 && before.trainer < trainer, NotBetween(trainer, index));
        }
        if (index < proposal.inputCount) {
            _requireEntry(proposal, after_);
            require(after_.index == index && after_.trainer > trainer, NotBetween(trainer, index));
        }
        _void(federation, proposal);
    }

    function refuteInputsSum(
        IFederation federation,
        Proposal calldata proposal,
        FalseSum calldata evidence,
        uint256 weights,
        bytes32 entriesRoot
    ) external {
        uint256 depth = Inputs.depthOf(proposal.inputCount);
        SumNode memory root;
        if (evidence.height > 0) {
            root = SumTree.requireFalseInnerSum(evidence, depth);
        } else {
            SumNode memory right = Inputs.groupNode(weights, entriesRoot);
            root = SumTree.requireFalseLeafSum(evidence, right, depth);
        }
        require(root.hash == proposal.inputsRoot, NotInTree(root.hash, proposal.inputsRoot));
        if (evidence.path.length == 0) {
            require(root.sum == proposal.totalWeight, SumTree.WrongSum(root.sum, proposal.totalWeight));
        }
        _void(federation, proposal);
    }

    function refuteInputsShape(
        IFederation federation,
        Proposal calldata proposal,
        uint256 group,
        SumNode calldata leaf,
        SumNode[] calldata path
    ) external {
        uint256 groups = Inputs.groupsOf(proposal.inputCount);
        MerkleTree.requireLength(path.length, MerkleTree.depthOf(groups));
        SumNode memory root = SumTree.rootOf(leaf, group, path);
        require(root.hash == proposal.inputsRoot, NotInTree(root.hash, proposal.inputsRoot));
        bool right = group < groups ? leaf.hash != 0 : leaf.hash == 0 && leaf.sum == 0;
        require(!right, ShapeIsRight());
        _void(federation, proposal);
    }

    function refuteSignatures(
        IFederation federation,
        uint32 round,
        uint32 edition,
        bytes32 inputsRoot,
        bytes32 otherInputsRoot,
        Attestation calldata attestation,
        Attestation calldata otherAttestation
    ) external {
        address signer = attestation.signer;
        require(otherAttestation.signer == signer, AnotherSigner(otherAttestation.signer, signer));
        require(inputsRoot != otherInputsRoot, SameInputs(inputsRoot));
        // the signer may no longer be an elector: by leaving it does not take back what it has at stake
        Signs signs = federation.signsOf(signer);
        bytes32 digest = Attestations.digest(address(federation), round, edition, inputsRoot);
        Attestations.requireSigned(digest, attestation, signs);
        digest = Attestations.digest(address(federation), round, edition, otherInputsRoot);
        Attestations.requireSigned(digest, otherAttestation, signs);
        _slashSigner(federation, signer, round);
    }

    // ── what the checks share ──

    function _requireEntry(Proposal calldata proposal, InputOpening calldata input) private pure {
        Inputs.requireInput(proposal, input);
        require(input.trainer != address(0), EmptyInput(input.index));
    }

    /// @return What an update of the declared weight has to weigh.
    function _weightOf(
        IFederation federation,
        Reputations reputations,
        address trainer,
        uint256 weight,
        ReputationOpening calldata opening
    ) private view returns (uint256) {
        if (reputations.haveNoEffect()) return weight;
        uint256 number = federation.rewards().accountOf(trainer).number;
        uint256 accounts = reputations.accounts();
        // a trainer that has no account, or enrolled later, has no reputation yet
        if (number == 0 || number > accounts) return reputations.weigh(weight, 0);
        MerkleTree.requireLength(opening.path.length, Balances.depthOf(accounts));
        bytes32 leaf = Balances.leafHash(number - 1, opening.cumulativeGwei, opening.reputation);
        bytes32 root = MerkleTree.rootOf(leaf, number - 1, opening.path);
        require(reputations.holds(root), OtherReputations(root, reputations));
        return reputations.weigh(weight, opening.reputation);
    }

    function _hasSubmitted(IFederation federation, address trainer, uint256 round) private view returns (bool) {
        SubmissionSlot slot = federation.submissionSlot(trainer, round);
        return slot.round() == round && !slot.isVacant();
    }

    /// @dev Reverts unless `omitted` is the list that the proposal was posted with.
    function _isOmitted(
        Proposal calldata proposal,
        address trainer,
        address[] calldata omitted
    ) private pure returns (bool) {
        bytes32 hash = Commitments.omittedHash(omitted);
        require(hash == proposal.omittedHash, OtherOmissions(hash, proposal.omittedHash));
        return Commitments.isOmitted(hash, omitted, trainer);
    }
}
