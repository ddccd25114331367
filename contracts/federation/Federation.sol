// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IPolicy } from "../interfaces/IPolicy.sol";
import { IStake } from "../interfaces/IStake.sol";
import { Commitments } from "../libraries/Commitments.sol";
import { Parameters } from "../libraries/Parameters.sol";
import { Aggregator, Signs } from "../types/Aggregators.sol";
import { Attestation } from "../types/Attestation.sol";
import { Reputations, ReputationsLibrary } from "../types/Reputations.sol";
import { Anchor, Clock, FederationParameters, Proposal, ProposalRecord, RoundTerms, Rule, Task } from "../types/Round.sol";
import { RingSlot, SubmissionSlotLibrary } from "../types/Submission.sol";
import { UpdateTerms } from "../types/UpdateTerms.sol";
import { Electors } from "./Electors.sol";
import { Membership } from "./Membership.sol";

/// @title The rounds of one task
contract Federation is Membership {
    constructor(
        IStake stake_,
        IPolicy policy_,
        Task memory task_,
        address[] memory challengeContracts_
        // solhint-disable-next-line no-empty-blocks
    ) Membership(stake_, policy_, task_, challengeContracts_) {}

    function submitUpdate(UpdateTerms terms, bytes32 commitment, bytes32 cid) external {
        Clock storage open = _clock;
        uint256 round = open.round;
        require(terms.round() == round, WrongRound(terms.round(), round));
        require(block.timestamp < open.submissionDeadline, SubmissionsClosed(open.submissionDeadline));
        require(terms.squaredNorm() <= open.maxSquaredNorm, NormAboveBound(terms.squaredNorm(), open.maxSquaredNorm));
        unchecked {
            // a weight of zero wraps, and is then above every bound too
            require(terms.weight() - 1 < open.maxWeight, WeightOutOfBounds(terms.weight(), open.maxWeight));
        }

        RingSlot storage slot = _slot(msg.sender, _ringIndex(round));
        if (!slot.content.awaits(round)) {
            require(slot.content.isMember(), NotATrainer(msg.sender));
            revert AlreadySubmitted(msg.sender, round);
        }

        slot.content = SubmissionSlotLibrary.pack(round, Commitments.submissionDigest(terms, commitment, cid));
        emit UpdateSubmitted(msg.sender, terms, commitment, cid);
    }

    function claimTurn(uint32 round, bytes32 proposalDigest) external {
        require(isAggregator(msg.sender), NotAnAggregator(msg.sender));
        require(round == _clock.round && round != 0, WrongRound(round, _clock.round));
        Aggregator storage aggregator = _aggregators.members[msg.sender];
        aggregator.claimedRound = round;
        aggregator.claimedAt = uint40(block.timestamp);
        aggregator.claimedDigest = proposalDigest;
        emit TurnClaimed(round, msg.sender, proposalDigest);
    }

    function proposeAggregate(
        Proposal calldata proposal,
        address[] calldata omitted,
        Attestation[] calldata attestations,
        Anchor calldata anchor
    ) external {
        Clock memory open = _clock;
        uint32 round = proposal.round;
        require(isAggregator(msg.sender), NotAnAggregator(msg.sender));
        require(round == open.round && round != 0, WrongRound(round, open.round));
        require(anchor.number == 0 || blockhash(anchor.number) == anchor.hash, AnotherChain(anchor.number));
        _requireInputs(proposal, open);
        bytes32 digest = Commitments.proposalDigest(address(this), msg.sender, proposal);
        _takeTurn(round, open.submissionDeadline, digest);
        _requireOmissions(proposal, omitted);
        _requireAttested(proposal, open, attestations);
        bytes32 base = Commitments.baseHash(proposal.baseModelRoot, proposal.reputations);
        require(proposal.baseRound == open.baseRound && base == _baseHash, WrongBase(base, _baseHash));

        uint32 proposedAt = uint32(block.timestamp);
        // two proposals of one round never have the same second, because scores name the proposal that they are of by its second
        if (open.reopened && proposedAt <= _aggregators.voidedAt) proposedAt = _aggregators.voidedAt + 1;
        uint32 closesAt = proposedAt + _parameters.challengeSeconds;
        _proposals[_ringIndex(round)] = ProposalRecord({
            proposer: msg.sender,
            round: round,
            baseRound: open.baseRound,
            proposedAt: proposedAt,
            modelRoot: proposal.modelRoot,
            digest: bytes28(digest),
            closesAt: closesAt
        });
        Reputations next = _reputations();
        _baseHash = Commitments.baseHash(proposal.modelRoot, next);
        emit AggregateProposed(round, msg.sender, proposal, omitted, closesAt, next);
        _openRound(round);
    }

    function finalizeRound(uint32 round) external {
        ProposalRecord storage record = _proposals[_ringIndex(round)];
        require(round != 0 && record.round == round, NotProposed(round));
        Head memory head = _head;
        require(
            record.baseRound == head.finalRound && round > head.finalRound,
            NotNextToFinalize(round, record.baseRound, head.finalRound)
        );
        require(block.timestamp >= record.closesAt, ChallengeWindowOpen(record.closesAt));

        _head.finalRound = round;
        if (round > head.settledRound) _head.settledRound = round;
        emit RoundFinalized(round, record.modelRoot);
        if (_clock.round == 0) _openRound(_clock.baseRound);
    }

    function skipRound(uint32 round) external {
        require(round == _clock.round && round != 0, WrongRound(round, _clock.round));
        // by then every aggregator has had the time to propose
        uint256 endsAt = uint256(_clock.submissionDeadline) + _parameters.submissionSeconds + 2 * _parameters.turnSeconds;
        require(block.timestamp >= endsAt, StillInTime(endsAt));
        emit RoundSkipped(round);
        _head.skippedRound = round;
        _missTurn();
        uint32 baseRound = _clock.baseRound;
        _dropReputations(baseRound);
        _openRound(baseRound);
    }

    function openRound() external {
        require(_clock.round == 0, RoundOpen(_clock.round));
        _openRound(_clock.baseRound);
    }

    // ── what challenges decide ──

    function voidProposal(Proposal calldata proposal, address challenger) external onlyChallenges {
        uint32 round = proposal.round;
        ProposalRecord storage voided = _requireProposal(proposal);
        (address proposer, uint32 proposedAt) = (voided.proposer, voided.proposedAt);
        _aggregators.voidedAt = proposedAt;
        Clock memory open = _clock;
        // the open round has no proposal
        uint256 latest = open.round == 0 ? _head.latestRound : open.round - 1;
        delete _proposals[_ringIndex(round)];
        for (uint256 later = round + 1; later <= latest; ++later) {
            ProposalRecord storage record = _proposals[_ringIndex(later)];
            // clears one slot as a whole, for the refund
            if (record.round == later) {
                (record.proposer, record.round, record.baseRound, record.proposedAt) = (address(0), 0, 0, 0);
            }
        }
        _baseHash = Commitments.baseHash(proposal.baseModelRoot, proposal.reputations);
        // a later round may have taken the ring slot of the base round
        bool forgotten = _head.latestRound >= uint256(proposal.baseRound) + _ringSize;
        if (forgotten) _forgottenModelRoot = proposal.baseModelRoot;
        // submissions stand, and where the deadline had not passed, trainers have the whole time again
        RoundTerms memory terms = _terms[_ringIndex(round)];
        uint256 deadline = block.timestamp;
        if (proposedAt < terms.submissionDeadline) deadline += terms.submissionDeadline - terms.openedAt;
        (terms.openedAt, terms.submissionDeadline) = (uint32(block.timestamp), uint32(deadline));
        _terms[_ringIndex(round)] = terms;
        unchecked {
            ++open.edition; // wraps, see `_discardSubmission`
        }
        _clock = Clock({
            round: round,
            baseRound: proposal.baseRound,
            expectedTrainers: terms.expectedTrainers,
            submissionDeadline: terms.submissionDeadline,
            maxWeight: open.maxWeight,
            maxSquaredNorm: open.maxSquaredNorm,
            rule: proposal.rule,
            trimBasisPoints: proposal.trimBasisPoints,
            policyWaits: open.policyWaits,
            reopened: true,
            edition: open.edition
        });
        emit ProposalVoided(
            round,
            proposer,
            challenger,
            terms.expectedTrainers,
            terms.submissionDeadline,
            open.edition
        );
        _slashAggregator(proposer, challenger);
    }

    function holdProposal(Proposal calldata proposal) external onlyChallenges returns (uint256 answerBy) {
        ProposalRecord storage record = _requireProposal(proposal);
        uint256 answerSeconds = _parameters.answerSeconds;
        answerBy = block.timestamp + answerSeconds;
        // leaves as long again to go on from the answer
        uint256 closesAt = answerBy + answerSeconds;
        uint256 closed = record.closesAt;
        if (closesAt <= closed) return answerBy;
        bool held = closed != uint256(record.proposedAt) + _parameters.challengeSeconds;
        require(!held && block.timestamp < closed, TooLateToDemand(closed - (held ? 2 * answerSeconds : 1)));
        record.closesAt = uint32(closesAt);
        emit ProposalHeld(proposal.round, uint40(closesAt));
    }

    // ── reading ──

    function requireProposal(Proposal calldata proposal) external view returns (ProposalRecord memory) {
        return _requireProposal(proposal);
    }

    function clock() external view returns (Clock memory) {
        return _clock;
    }

    function finalRound() external view returns (uint32) {
        return _head.finalRound;
    }

    function latestRound() external view returns (uint32) {
        return _head.latestRound;
    }

    function baseHash() external view returns (bytes32) {
        return _baseHash;
    }

    function proposalOf(uint32 round) external view returns (ProposalRecord memory record) {
        if (_proposals[_ringIndex(round)].round == round) record = _proposals[_ringIndex(round)];
    }

    function turnHolder() external view returns (address) {
        return _aggregators.holder();
    }

    function termsOf(uint32 round) public view returns (RoundTerms memory terms) {
        terms = _terms[_ringIndex(round)];
        if (terms.round != round) delete terms;
    }

    function attestationQuorum(uint32 round) external view returns (uint256) {
        RoundTerms memory terms = termsOf(round);
        return Electors.quorumOf(_aggregators, rewards, terms, _parameters.attestationBasisPoints);
    }

    function electorWeight(address account, uint32 round) external view returns (uint256 weight) {
        (weight, ) = Electors.weightOf(_aggregators, rewards, account, round);
    }

    function signsOf(address account) external view returns (Signs signs) {
        (, signs) = Electors.weightOf(_aggregators, rewards, account, 0);
    }

    // ── internal ──

    function _requireProposal(Proposal calldata proposal) private view returns (ProposalRecord storage record) {
        uint32 round = proposal.round;
        record = _proposals[_ringIndex(round)];
        require(round != 0 && record.round == round, NotProposed(round));
        require(round > _head.finalRound, AlreadyFinal(round));
        bytes32 digest = Commitments.proposalDigest(address(this), record.proposer, proposal);
        require(record.digest == bytes28(digest), AnotherProposal(round));
    }

    /// @dev No round is open while the ring is full of rounds that are not settled, while there are too few trainers or no aggregator,
    /// and while the policy halts. The next finalisation, the next account that joins or `openRound` then opens one.
    function _openRound(uint32 baseRound) internal override {
        bool halted = _clock.policyWaits && !_followPolicy(baseRound);
        Head memory head = _head;
        FederationParameters storage parameters_ = _parameters;
        // where the next round starts from the final model, every other round is final, skipped or void
        if (baseRound == head.finalRound) head.settledRound = head.latestRound;
        uint32 round = head.latestRound + 1;
        bool tooFew = head.trainerCount == 0 ||
            head.trainerCount < parameters_.minimumUpdates ||
            _aggregators.count == 0 ||
            (head.latestRound == 0 && head.trainerCount < _task.startTrainers);
        if (halted || tooFew || round >= head.settledRound + _ringSize) {
            _head.settledRound = head.settledRound;
            // the deadline is in the past, so that round 0 takes no submission
            (_clock.round, _clock.baseRound, _clock.submissionDeadline) = (0, baseRound, 0);
            return;
        }
        head.latestRound = round;
        _head = head;
        uint32 expected = head.trainerCount < Parameters.MAX_INPUTS ? head.trainerCount : uint32(Parameters.MAX_INPUTS);
        uint32 deadline = uint32(block.timestamp + parameters_.submissionSeconds);
        _clock = Clock({
            round: round,
            baseRound: baseRound,
            expectedTrainers: expected,
            submissionDeadline: deadline,
            maxWeight: parameters_.maxWeight,
            maxSquaredNorm: parameters_.maxSquaredNorm,
            rule: parameters_.rule,
            trimBasisPoints: parameters_.trimBasisPoints,
            policyWaits: false,
            reopened: false,
            edition: _clock.edition
        });
        _aggregators.advance();
        _terms[_ringIndex(round)] = RoundTerms({
            round: round,
            openedAt: uint32(block.timestamp),
            expectedTrainers: expected,
            submissionDeadline: deadline,
            aggregators: _aggregators.count,
            evaluators: uint16(rewards.evaluatorCount()) // it has 16 bits
        });
        emit RoundOpened(round, baseRound, expected, deadline);
    }

    /// @dev Gives the reputations that weigh the inputs of the rounds that start from the model which is proposed now.
    function _reputations() private view returns (Reputations) {
        uint16 floor = _parameters.reputationFloorBasisPoints;
        bool weighed = floor != ReputationsLibrary.NO_EFFECT && _parameters.rule == Rule.Mean;
        if (!weighed) return Reputations.wrap(0);
        (bytes32 balancesRoot, uint32 accounts) = rewards.finalBalances();
        return ReputationsLibrary.pack(balancesRoot, accounts, floor);
    }

    /// @dev Lets rounds go on without reputations where nobody knows the balances that would weigh their inputs.
    function _dropReputations(uint32 baseRound) private {
        // the first model names no reputations
        if (baseRound == 0) return;
        ProposalRecord storage base = _proposals[_ringIndex(baseRound)];
        bytes32 modelRoot = base.round == baseRound ? base.modelRoot : _forgottenModelRoot;
        _baseHash = Commitments.baseHash(modelRoot, Reputations.wrap(0));
    }

    function _requireInputs(Proposal calldata proposal, Clock memory open) private view {
        require(
            proposal.rule == open.rule && proposal.trimBasisPoints == open.trimBasisPoints,
            WrongRule(open.rule, open.trimBasisPoints)
        );
        uint256 inputs = proposal.inputCount;
        uint256 minimum = _parameters.minimumUpdates;
        if (minimum == 0) minimum = open.expectedTrainers / 2 + 1;
        require(inputs >= minimum, TooFewInputs(inputs, minimum));
        // so no proof divides by zero, and no challenger has to walk down from a total that weights within their bounds cannot reach
        uint256 most = inputs * uint256(open.maxWeight);
        require(
            proposal.totalWeight >= inputs && proposal.totalWeight <= most,
            WeightOutOfBounds(proposal.totalWeight, most)
        );
        require(inputs <= open.expectedTrainers, TooManyInputs(inputs, open.expectedTrainers));
        require(
            block.timestamp >= open.submissionDeadline || inputs == open.expectedTrainers,
            SubmissionsOpen(open.submissionDeadline, inputs, open.expectedTrainers)
        );
    }

    function _requireOmissions(Proposal calldata proposal, address[] calldata omitted) private pure {
        require(omitted.length <= Parameters.MAX_OMITTED, TooManyOmitted(omitted.length, Parameters.MAX_OMITTED));
        require(Commitments.omittedHash(omitted) == proposal.omittedHash, WrongOmissions(proposal.omittedHash));
    }

    /// @dev Reverts unless a quorum attests the inputs, so that inputs which only the proposer holds cannot pass. Writes into the round's
    /// terms for how many trainers and until when it waited, in case it is opened again.
    function _requireAttested(
        Proposal calldata proposal,
        Clock memory open,
        Attestation[] calldata attestations
    ) private {
        RoundTerms memory terms = _terms[_ringIndex(open.round)];
        uint256 share = _parameters.attestationBasisPoints;
        Electors.requireQuorum(_aggregators, rewards, terms, share, open.edition, proposal.inputsRoot, attestations);
        if (terms.expectedTrainers == open.expectedTrainers && terms.submissionDeadline == open.submissionDeadline) return;
        terms.expectedTrainers = open.expectedTrainers;
        terms.submissionDeadline = open.submissionDeadline;
        _terms[_ringIndex(open.round)] = terms;
    }

    /// @dev Each round has a turn holder, who may propose at once. Another aggregator may propose when it has waited `turnSeconds` since
    /// the deadline, or since it showed by `claimTurn` that it knew its proposal.
    function _takeTurn(uint32 round, uint256 submissionDeadline, bytes32 digest) private {
        Aggregator storage aggregator = _aggregators.members[msg.sender];
        (aggregator.lastProposed, aggregator.missedTurns) = (round, 0);
        address holder = _aggregators.holder();
        if (msg.sender == holder) return;
        uint256 startsAt = submissionDeadline;
        bool claimed = aggregator.claimedRound == round && aggregator.claimedDigest == digest;
        if (claimed && aggregator.claimedAt < startsAt) startsAt = aggregator.claimedAt;
        uint256 endsAt = startsAt + _parameters.turnSeconds;
        require(block.timestamp >= endsAt, NotYourTurn(holder, endsAt));
        _missTurn();
    }

    function _missTurn() private {
        address holder = _aggregators.holder();
        Aggregator storage aggregator = _aggregators.members[holder];
        if (holder != address(0) && aggregator.missedTurns < type(uint16).max) ++aggregator.missedTurns;
    }
}
