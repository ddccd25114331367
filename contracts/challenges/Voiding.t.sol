// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Federation } from "../federation/Federation.sol";
import { Commitments } from "../libraries/Commitments.sol";
import { Stake } from "../staking/Stake.sol";
import { Deploy } from "../test/Deploy.t.sol";
import { FederationSetup } from "../test/FederationSetup.t.sol";
import { Signer, Signers } from "../test/Signers.t.sol";
import { vm } from "../test/Vm.t.sol";
import { TributaryToken } from "../token/TributaryToken.sol";
import { Attestation } from "../types/Attestation.sol";
import { Evaluator } from "../types/Evaluation.sol";
import { Reputations, ReputationsLibrary } from "../types/Reputations.sol";
import { Anchor, Clock, FederationParameters, Proposal, ProposalRecord, Rule, Task } from "../types/Round.sol";
import { SubmissionSlot } from "../types/Submission.sol";
import { UpdateTerms } from "../types/UpdateTerms.sol";

/// @title Acts as three trainers, two aggregators and a challenge contract that takes everything for a fault
contract VoidingHandler {
    using Signers for Signer[];

    uint256 private constant TRAINERS = 3;
    uint256 private constant AGGREGATORS = 2;
    uint256 private constant BOND = 1000;
    uint256 private constant ALL = 1e30;
    uint32 private constant RING = 4;
    uint16 private constant FLOOR = 5000;
    address private constant CHALLENGER = address(0xACC0);

    Federation public immutable federation;
    Stake public immutable stake;
    TributaryToken public immutable token;

    Signer[] private _signers;
    /// @dev The proposals that stand, oldest first.
    Proposal[] private _standing;
    /// @dev The reputations that weigh the inputs of rounds that start from a round's model.
    mapping(uint32 round => Reputations) private _reputationsAfter;
    uint32 private _finalRound;
    bytes32 private _finalRoot = bytes32(uint256(2));
    mapping(uint32 round => mapping(address trainer => uint256)) private _submitted;
    /// @notice Actions that had an effect: submit, propose, void, finalise, skip, slash.
    uint256[6] public actions;
    /// @notice The most proposals that one void took, and voids while no round was open.
    uint256 public mostVoided;
    uint256 public voidsWithoutOpenRound;

    constructor() {
        token = Deploy.token(address(this), ALL);
        stake = Deploy.stake(token, address(this), 5_000);
        address[] memory challenges = new address[](1);
        challenges[0] = address(this);
        federation = FederationSetup.deploy(
            stake,
            address(this),
            Task(bytes32(uint256(1)), bytes32(uint256(2)), bytes32(uint256(3)), 100, RING, 2),
            FederationParameters(100, uint128(BOND), 100, 10, 50, 210, 2, 10, 1000, Rule.Mean, 0, 8, 5000, 5000, 1, FLOOR),
            challenges
        );
        _signers.create(TRAINERS + AGGREGATORS);
    }

    /// @notice Everybody joins, once this contract is made, because it answers the federation as its rewards.
    function joinAll() external {
        for (uint256 index = 0; index < TRAINERS + AGGREGATORS; ++index) rejoin(index);
    }

    function actor(uint256 index) public view returns (address) {
        return _signers[index].account;
    }

    /// @notice An account that was slashed comes back with a new stake.
    function rejoin(uint256 index) public {
        address account = actor(index);
        bool trains = index < TRAINERS;
        if (trains ? federation.isTrainer(account) : federation.isAggregator(account)) return;
        token.transfer(account, BOND);
        vm.prank(account);
        token.approve(address(stake), BOND);
        vm.prank(account);
        stake.deposit(address(federation), BOND);
        vm.prank(account);
        if (trains) federation.joinAsTrainer();
        else federation.joinAsAggregator();
    }

    function submitAll(uint256 seed) public {
        Clock memory open = federation.clock();
        if (open.round == 0 || block.timestamp >= open.submissionDeadline) return;
        for (uint256 who = 0; who < TRAINERS; ++who) {
            address trainer = actor(who);
            if (!federation.isTrainer(trainer) || _slot(trainer, open.round).round() == open.round) continue;
            UpdateTerms terms = UpdateTerms.wrap((uint120(open.round) << 80) | (uint120(seed % 1001) << 16) | 7);
            vm.prank(trainer);
            federation.submitUpdate(terms, keccak256(abi.encode(seed, who)), bytes32(seed));
            _submitted[open.round][trainer] = SubmissionSlot.unwrap(_slot(trainer, open.round));
            ++actions[0];
        }
    }

    function propose(uint256 seed) external {
        Clock memory open = federation.clock();
        address proposer = federation.turnHolder();
        if (open.round == 0 || proposer == address(0)) return;
        if (block.timestamp < open.submissionDeadline) vm.warp(open.submissionDeadline);
        Proposal memory proposal;
        proposal.round = open.round;
        proposal.baseRound = open.baseRound;
        (proposal.inputCount, proposal.totalWeight) = (2, 2);
        (proposal.baseModelRoot, proposal.reputations) = _base();
        proposal.modelRoot = keccak256(abi.encode(seed, open.round));
        if (open.expectedTrainers < 2) return;
        (Attestation[] memory signed, uint256 weight) = _signers.attest(federation, proposal.inputsRoot, proposer);
        // an account that was slashed and came back is no elector of the open round
        if (weight < federation.attestationQuorum(open.round)) return skip();
        vm.prank(proposer);
        federation.proposeAggregate(proposal, new address[](0), signed, Anchor(0, 0));
        _standing.push(proposal);
        (bytes32 balancesRoot, uint32 accounts) = this.finalBalances();
        _reputationsAfter[open.round] = ReputationsLibrary.pack(balancesRoot, accounts, FLOOR);
        ++actions[1];
    }

    function void(uint256 which) external {
        if (_standing.length == 0) return;
        uint256 first = which % _standing.length;
        if (federation.clock().round == 0) ++voidsWithoutOpenRound;
        Proposal memory proposal = _standing[first];
        federation.voidProposal(proposal, which % 3 == 0 ? address(0) : CHALLENGER);
        if (_standing.length - first > mostVoided) mostVoided = _standing.length - first;
        while (_standing.length > first) _standing.pop();
        require(federation.clock().round == proposal.round, "the round is not open again");
        ++actions[2];
    }

    function finalize() external {
        if (_standing.length == 0) return;
        uint32 round = _standing[0].round;
        ProposalRecord memory record = federation.proposalOf(round);
        if (block.timestamp < record.closesAt) vm.warp(record.closesAt);
        federation.finalizeRound(round);
        (_finalRound, _finalRoot) = (round, record.modelRoot);
        for (uint256 index = 1; index < _standing.length; ++index) _standing[index - 1] = _standing[index];
        _standing.pop();
        ++actions[3];
    }

    function skip() public {
        Clock memory open = federation.clock();
        if (open.round == 0) return;
        vm.warp(open.submissionDeadline + 120);
        federation.skipRound(open.round);
        _reputationsAfter[open.baseRound] = Reputations.wrap(0);
        ++actions[4];
    }

    function slash(uint256 who, uint256 which) external {
        address trainer = actor(who % TRAINERS);
        uint32 round = federation.latestRound();
        round = round > which % RING ? round - uint32(which % RING) : round;
        if (_submitted[round][trainer] == 0 || federation.isTrainerSlashed(trainer, round)) return;
        federation.slashTrainer(trainer, round, CHALLENGER);
        ++actions[5];
    }

    /// @notice Answers as the federation's rewards, with other balances after each proposal.
    function finalBalances() external view returns (bytes32, uint32) {
        return (keccak256(abi.encode(actions[1])), uint32(actions[1]));
    }

    function evaluatorCount() external pure returns (uint32) {
        return 0;
    }

    function evaluatorOf(address) external pure returns (Evaluator memory nobody) {
        return nobody;
    }

    // ── what must hold ──

    function check() external view {
        require(federation.finalRound() == _finalRound, "a final round came or went by itself");
        (bytes32 base, Reputations reputations) = _base();
        bytes32 baseHash = Commitments.baseHash(base, reputations);
        require(federation.baseHash() == baseHash, "the next round starts from another model or other reputations");
        Clock memory open = federation.clock();
        uint32 baseRound = _standing.length == 0 ? _finalRound : _standing[_standing.length - 1].round;
        require(open.baseRound == baseRound, "the next round starts from another round");
        require(open.round == 0 || open.round > baseRound, "rounds go back");
        require(_standing.length < RING, "too many rounds in flight");
        bool tooFew = federation.trainerCount() < 2 || federation.aggregators().length == 0;
        require(open.round != 0 || _standing.length != 0 || tooFew, "nobody can go on");
        for (uint256 index = 0; index < _standing.length; ++index) {
            Proposal memory proposal = _standing[index];
            require(federation.requireProposal(proposal).round == proposal.round, "a standing proposal is lost");
            _checkSubmissions(proposal.round);
        }
        if (open.round != 0) _checkSubmissions(open.round);
    }

    /// @dev In = out + burned + held, and every member has its stake.
    function checkStake() external view {
        uint256 held = stake.slashedWei() + stake.owedWei(CHALLENGER);
        for (uint256 index = 0; index < TRAINERS + AGGREGATORS; ++index) {
            uint256 bonded = stake.bondedWei(address(federation), actor(index));
            require(bonded >= federation.requiredStakeWei(actor(index)), "a member without its stake");
            held += bonded + stake.owedWei(actor(index));
        }
        require(token.balanceOf(address(stake)) == held, "stake is made or lost");
        require(token.balanceOf(address(this)) + held == ALL, "tokens are made or lost");
    }

    function _checkSubmissions(uint32 round) private view {
        for (uint256 who = 0; who < TRAINERS; ++who) {
            uint256 expected = _submitted[round][actor(who)];
            uint256 found = SubmissionSlot.unwrap(_slot(actor(who), round)) & ~(uint256(1) << 255);
            require(expected == 0 || found == expected, "a needed submission is overwritten");
        }
    }

    function _base() private view returns (bytes32 modelRoot, Reputations reputations) {
        if (_standing.length == 0) return (_finalRoot, _reputationsAfter[_finalRound]);
        Proposal storage last = _standing[_standing.length - 1];
        return (last.modelRoot, _reputationsAfter[last.round]);
    }

    function _slot(address trainer, uint32 round) private view returns (SubmissionSlot) {
        return federation.submissionSlot(trainer, round);
    }
}

/// @title What holds of a federation in any order of actions, voids among them
contract VoidingInvariants {
    VoidingHandler private _handler;

    function setUp() external {
        _handler = VoidingHandler(Deploy.handler("contracts/challenges/Voiding.t.sol:VoidingHandler", 0));
        _handler.joinAll();
    }

    function testFuzz_anySequence(uint256 seed) external {
        _play(seed, 60);
    }

    /// @notice In a long sequence every action takes effect, so that the other test proves something.
    function test_everyActionHappens() external {
        _play(1, 600);
        for (uint256 action = 0; action < 6; ++action) require(_handler.actions(action) > 5, "an action hardly happened");
        require(_handler.mostVoided() == 3, "no void took all that may be in flight");
        require(_handler.voidsWithoutOpenRound() > 0, "no void while no round was open");
    }

    function _play(uint256 seed, uint256 steps) private {
        for (uint256 step = 0; step < steps; ++step) {
            uint256 random = uint256(keccak256(abi.encode(seed, step)));
            uint256 kind = random % 12;
            random >>= 8;
            if (kind <= 1) _handler.submitAll(random);
            else if (kind <= 5) _handler.propose(random);
            else if (kind == 6) _handler.void(random);
            else if (kind <= 8) _handler.finalize();
            else if (kind == 9) _handler.slash(random, random >> 8);
            else if (kind == 10 && random % 4 == 0) _handler.skip();
            else _handler.rejoin(random % 5);
            _handler.check();
            _handler.checkStake();
        }
    }
}
