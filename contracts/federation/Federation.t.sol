// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Commitments } from "../libraries/Commitments.sol";
import { Stake } from "../staking/Stake.sol";
import { Deploy } from "../test/Deploy.t.sol";
import { FederationSetup } from "../test/FederationSetup.t.sol";
import { Signer, Signers } from "../test/Signers.t.sol";
import { vm } from "../test/Vm.t.sol";
import { TributaryToken } from "../token/TributaryToken.sol";
import { Attestation } from "../types/Attestation.sol";
import { Reputations } from "../types/Reputations.sol";
import { Anchor, Clock, FederationParameters, Proposal, ProposalRecord, Rule, Task } from "../types/Round.sol";
import { SubmissionSlot } from "../types/Submission.sol";
import { UpdateTerms } from "../types/UpdateTerms.sol";
import { Federation } from "./Federation.sol";

/// @title Acts as five trainers and two aggregators, and remembers what they submitted and proposed
contract FederationHandler {
    using Signers for Signer[];

    uint256 private constant TRAINERS = 5;
    uint256 private constant AGGREGATORS = 2;
    uint32 private constant RING = 4;

    Federation public immutable federation;
    Stake public immutable stake;

    Signer[] private _signers;
    uint32[] private _inFlight;
    mapping(uint32 round => bytes32) private _finalRoots;
    uint32[] private _finals;
    uint32 private _skipped;
    /// @dev What each trainer's slot held right after its submission, and whether the round was proposed.
    mapping(uint32 round => mapping(address trainer => uint256)) private _submitted;
    /// @notice Actions that had an effect: join, leave, report, submit, propose, finalise, skip.
    uint256[7] public actions;

    constructor() {
        TributaryToken token = Deploy.token(address(this), 1e30);
        stake = Deploy.stake(token, address(this), 5_000);
        federation = FederationSetup.deploy(
            stake,
            Deploy.governedRewards(),
            Task(bytes32(uint256(1)), bytes32(uint256(2)), bytes32(uint256(3)), 100, RING, 2),
            FederationParameters(100, 1000, 100, 10, 50, 210, 2, 10, 1000, Rule.Mean, 0, 8, 5000, 5000, 1, 10_000),
            new address[](0)
        );
        _signers.create(TRAINERS + AGGREGATORS);
        for (uint256 index = 0; index < TRAINERS + AGGREGATORS; ++index) {
            token.transfer(actor(index), 1100);
            vm.prank(actor(index));
            token.approve(address(stake), 1100);
            vm.prank(actor(index));
            stake.deposit(address(federation), 1100);
            vm.prank(actor(index));
            if (index < TRAINERS) federation.joinAsTrainer();
            else federation.joinAsAggregator();
        }
    }

    function actor(uint256 index) public view returns (address) {
        return _signers[index].account;
    }

    function joinOrLeave(uint256 who) external {
        address trainer = actor(who % TRAINERS);
        bool member = federation.isTrainer(trainer);
        // if accounts left too often, nobody would be left to act
        if (member && who % 3 != 0) return;
        if (!member && block.timestamp < federation.mayJoinAt(trainer)) return;
        vm.prank(trainer);
        if (member) federation.leaveAsTrainer();
        else federation.joinAsTrainer();
        ++actions[member ? 1 : 0];
    }

    function report(uint256 who) external {
        address trainer = actor(who % TRAINERS);
        if (!federation.isTrainer(trainer)) return;
        uint32 last = federation.finalRound();
        bool missed = last != 0 && _submitted[last][trainer] == 0;
        if (_skipped != 0 && _submitted[_skipped][trainer] == 0) missed = true;
        try federation.reportAbsence(trainer) {
            require(missed, "reported in spite of its submissions");
            ++actions[2];
        } catch {}
    }

    function submit(uint256 who, uint256 seed) public {
        address trainer = actor(who % TRAINERS);
        Clock memory open = federation.clock();
        if (open.round == 0 || block.timestamp >= open.submissionDeadline || !federation.isTrainer(trainer)) return;
        UpdateTerms terms = UpdateTerms.wrap((uint120(open.round) << 80) | (uint120(seed % 1001) << 16) | 7);
        vm.prank(trainer);
        try federation.submitUpdate(terms, keccak256(abi.encode(seed)), bytes32(seed)) {
            require(_submitted[open.round][trainer] == 0, "submitted twice");
            _submitted[open.round][trainer] = _slot(trainer, open.round);
            ++actions[3];
        } catch {
            // the trainer has submitted, or joined while the round was open
            require(federation.submissionSlot(trainer, open.round).round() == open.round, "refused without a reason");
        }
    }

    function submitAll(uint256 seed) external {
        for (uint256 who = 0; who < TRAINERS; ++who) submit(who, seed);
    }

    function propose(uint256 seed) external {
        Clock memory open = federation.clock();
        if (open.round == 0 || open.expectedTrainers < 2) return;
        if (block.timestamp < open.submissionDeadline && seed % 2 == 0) vm.warp(open.submissionDeadline);
        Proposal memory proposal;
        proposal.round = open.round;
        proposal.baseRound = open.baseRound;
        proposal.inputCount = open.expectedTrainers;
        proposal.totalWeight = open.expectedTrainers;
        ProposalRecord memory base = federation.proposalOf(open.baseRound);
        proposal.baseModelRoot = open.baseRound == 0 ? bytes32(uint256(2)) : base.modelRoot;
        proposal.modelRoot = keccak256(abi.encode(seed, open.round));
        address proposer = federation.turnHolder();
        (Attestation[] memory attestations, ) = _signers.attest(federation, proposal.inputsRoot, proposer);
        vm.prank(proposer);
        federation.proposeAggregate(proposal, new address[](0), attestations, Anchor(0, 0));
        _inFlight.push(open.round);
        ++actions[4];
    }

    function finalize() external {
        if (_inFlight.length == 0) return;
        uint32 round = _inFlight[0];
        ProposalRecord memory record = federation.proposalOf(round);
        if (block.timestamp < record.proposedAt + 50) vm.warp(record.proposedAt + 50);
        federation.finalizeRound(round);
        _finals.push(round);
        _finalRoots[round] = record.modelRoot;
        for (uint256 index = 1; index < _inFlight.length; ++index) _inFlight[index - 1] = _inFlight[index];
        _inFlight.pop();
        ++actions[5];
    }

    function skip() external {
        Clock memory open = federation.clock();
        if (open.round == 0) return;
        vm.warp(open.submissionDeadline + 120);
        federation.skipRound(open.round);
        _skipped = open.round;
        ++actions[6];
    }

    function warp(uint256 seconds_) external {
        vm.warp(block.timestamp + (seconds_ % 60));
    }

    // ── what must hold ──

    function checkCounts() external view {
        uint256 members;
        for (uint256 index = 0; index < TRAINERS + AGGREGATORS; ++index) {
            if (federation.isTrainer(actor(index))) ++members;
            uint256 required = federation.requiredStakeWei(actor(index));
            require(stake.bondedWei(address(federation), actor(index)) >= required, "required stake is not bonded");
        }
        require(federation.trainerCount() == members, "trainerCount");
        require(_inFlight.length < RING, "too many rounds in flight");
    }

    /// @dev Every submission to the open round and to each proposed round that is not final stands where it was put.
    function checkSlots() external view {
        uint32 open = federation.clock().round;
        if (open != 0) _checkRound(open);
        for (uint256 index = 0; index < _inFlight.length; ++index) {
            require(federation.proposalOf(_inFlight[index]).round == _inFlight[index], "a proposal is overwritten");
            _checkRound(_inFlight[index]);
        }
    }

    function checkFinality() external view {
        uint32 last = _finals.length == 0 ? 0 : _finals[_finals.length - 1];
        require(federation.finalRound() == last, "finalRound");
        require(federation.settledRound() >= last, "settledRound");
        for (uint256 index = 0; index < _finals.length; ++index) {
            ProposalRecord memory record = federation.proposalOf(_finals[index]);
            bool same = record.round == 0 || record.modelRoot == _finalRoots[_finals[index]];
            require(same, "a final round was replaced");
        }
        if (_inFlight.length == 0 && last != 0) {
            bytes32 base = Commitments.baseHash(_finalRoots[last], Reputations.wrap(0));
            require(federation.baseHash() == base, "the next round starts from another model");
        }
    }

    /// @dev The federation is never stuck: a round is open, or one can be finalised, or there are too few trainers.
    function checkProgress() external view {
        bool open = federation.clock().round != 0;
        require(open || _inFlight.length != 0 || federation.trainerCount() < 2, "nobody can go on");
    }

    function _checkRound(uint32 round) private view {
        for (uint256 index = 0; index < TRAINERS; ++index) {
            uint256 expected = _submitted[round][actor(index)];
            if (expected == 0) continue;
            require(_slot(actor(index), round) & ~(uint256(1) << 255) == expected, "a needed slot is overwritten");
            require(federation.vouchedRound(actor(index)) >= round, "a submission is not locked");
        }
    }

    function _slot(address trainer, uint32 round) private view returns (uint256) {
        return SubmissionSlot.unwrap(federation.submissionSlot(trainer, round));
    }
}

/// @title What holds of a federation in any order of actions
contract FederationInvariants {
    FederationHandler private _handler;

    function setUp() external {
        _handler = FederationHandler(Deploy.handler("contracts/federation/Federation.t.sol:FederationHandler", 0));
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_rounds() external view {
        _handler.checkCounts();
        _handler.checkSlots();
        _handler.checkFinality();
        _handler.checkProgress();
    }

    function testFuzz_anySequence(uint256 seed) external {
        _play(seed, 40);
    }

    /// @notice In a long sequence every action takes effect, so that the other tests prove something.
    function test_everyActionHappens() external {
        _play(1, 500);
        for (uint256 action = 0; action < 7; ++action) require(_handler.actions(action) != 0, "an action never happened");
        require(_handler.actions(5) >= 10, "few rounds became final");
    }

    function _play(uint256 seed, uint256 steps) private {
        for (uint256 step = 0; step < steps; ++step) {
            uint256 random = uint256(keccak256(abi.encode(seed, step)));
            uint256 kind = random % 9;
            if (kind == 0) _handler.joinOrLeave(random >> 8);
            else if (kind == 1) _handler.report(random >> 8);
            else if (kind <= 3) _handler.submitAll(random >> 8);
            else if (kind <= 5) _handler.propose(random >> 8);
            else if (kind == 6) _handler.finalize();
            else if (kind == 7) _handler.skip();
            else _handler.warp(random >> 8);
            FederationInvariants(this).invariant_rounds();
        }
    }
}
