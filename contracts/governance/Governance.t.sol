// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IGovernor } from "@openzeppelin/contracts/governance/IGovernor.sol";
import { IPolicy } from "../interfaces/IPolicy.sol";
import { Federation } from "../federation/Federation.sol";
import { Parameters } from "../libraries/Parameters.sol";
import { RewardBounds } from "../libraries/RewardBounds.sol";
import { Stake } from "../staking/Stake.sol";
import { Deploy } from "../test/Deploy.t.sol";
import { FederationSetup } from "../test/FederationSetup.t.sol";
import { vm } from "../test/Vm.t.sol";
import { TributaryToken } from "../token/TributaryToken.sol";
import { Attestation } from "../types/Attestation.sol";
import { Documents } from "../types/Policy.sol";
import { RewardParameters } from "../types/Reward.sol";
import { Anchor, Clock, FederationParameters, Proposal, Rule, Task } from "../types/Round.sol";
import { UpdateTerms } from "../types/UpdateTerms.sol";
import { Policy } from "./Policy.sol";
import { Treasury } from "./Treasury.sol";
import { TributaryGovernor, VotingSettings } from "./TributaryGovernor.sol";
import { VotingPower } from "./VotingPower.sol";

/// @title Stands for the factory, with one task that is started
contract StartedTask {
    address public immutable policy;

    constructor(address policy_) {
        policy = policy_;
    }

    function isStartedPolicy(address account) external view returns (bool) {
        return account == policy;
    }

    function isStartedRewards(address) external pure returns (bool) {
        return false;
    }
}

/// @title Votes at random on anything, while trainers and an aggregator go through rounds
contract GovernanceHandler {
    uint256 private constant TRAINERS = 4;
    uint256 private constant TREASURY_WEI = 1e24;
    bytes32[] private _names = [
        bytes32("trainerStakeWei"),
        "aggregatorBondWei",
        "submissionSeconds",
        "turnSeconds",
        "challengeSeconds",
        "unbondingSeconds",
        "minimumUpdates",
        "maxWeight",
        "maxSquaredNorm",
        "answerSeconds",
        "challengerBasisPoints",
        "attestationBasisPoints",
        "demandBondWei",
        "reputationFloorBasisPoints"
    ];
    bytes32[] private _rewardNames = [
        bytes32("rewardGwei"),
        "scoringSeconds",
        "revealSeconds",
        "publishSeconds",
        "committeeSize",
        "aggregatorBasisPoints",
        "missedRevealBasisPoints"
    ];

    struct Motion {
        address target;
        bytes data;
        uint256 spentWei;
        bool closed;
    }

    TributaryToken public immutable token;
    Stake public immutable stake;
    Treasury public immutable treasury;
    TributaryGovernor public immutable governor;
    Policy public immutable policy;
    Federation public immutable federation;

    Motion[] private _motions;
    mapping(uint32 round => bytes32) private _rulesOf;
    /// @dev The root that the next aggregate starts from; nothing is voided here.
    bytes32 private _baseModelRoot = bytes32(uint256(2));
    /// @notice What governance proposals that were carried out have spent.
    uint256 public spentWei;
    /// @notice Counts of what had an effect: proposed, carried out, refused when carried out, defeated, rounds, parameters changed.
    uint256[6] public actions;

    constructor() {
        token = Deploy.token(address(this), 1e27);
        uint256 nonce = vm.getNonce(address(this));
        address governor_ = _created(nonce + 4);
        address policy_ = _created(nonce + 7);
        treasury = Deploy.treasury(1, governor_);
        stake = Deploy.stake(token, address(treasury), 5_000);
        StartedTask started = new StartedTask(policy_);
        VotingPower power = _votingPower(started);
        governor = _governor(power, nonce + 5);
        _governedCalls(power, started);
        address rewards = Deploy.governedRewards();
        policy = _policy(rewards, _created(nonce + 8));
        address[] memory none = new address[](0);
        federation = Deploy.federation(stake, policy, _task(), none);
        token.transfer(address(treasury), TREASURY_WEI);
        token.delegate(address(this));
        for (uint256 index = 0; index <= TRAINERS; ++index) _join(index);
        vm.warp(vm.getBlockTimestamp() + 1);
        note();
    }

    function actor(uint256 index) public pure returns (address) {
        return address(uint160(0xACC0 + index));
    }

    // ── governance ──

    /// @notice Proposes to set any parameter to anything, within bounds or not.
    function moveParameter(uint256 which, uint256 value) external {
        bytes32 name = _names[which % _names.length];
        _propose(address(policy), abi.encodeCall(IPolicy.setFederationParameter, (name, _some(value, name))), 0);
    }

    function moveReward(uint256 which, uint256 value) external {
        bytes32 name = _rewardNames[which % _rewardNames.length];
        _propose(address(policy), abi.encodeCall(IPolicy.setRewardParameter, (name, _some(value, name))), 0);
    }

    function moveRule(uint8 rule, uint16 trim) external {
        Rule chosen = Rule(rule % 3);
        uint16 share = chosen == Rule.TrimmedMean || trim % 4 == 0 ? trim % 6_000 : 0;
        _propose(address(policy), abi.encodeCall(IPolicy.setRule, (chosen, share)), 0);
    }

    /// @notice One trainer comes and goes: without any, no round would be seen.
    function moveMember(bool out) external {
        address account = actor(TRAINERS - 1);
        bytes memory data = out
            ? abi.encodeCall(IPolicy.eject, (account))
            : abi.encodeCall(IPolicy.readmit, (account));
        _propose(address(policy), data, 0);
    }

    function moveFunds(uint256 amountWei) external {
        uint256 amount = amountWei % (TREASURY_WEI / 8);
        _propose(address(token), abi.encodeCall(token.transfer, (actor(99), amount)), amount);
    }

    /// @notice Lets the time pass, queues and carries out.
    function decide(uint256 which) external {
        if (_motions.length == 0) return;
        uint256 number = which % _motions.length;
        Motion storage motion = _motions[number];
        if (motion.closed) return;
        motion.closed = true;
        (address[] memory targets, uint256[] memory values, bytes[] memory data, bytes32 hash) = _call(motion, number);
        uint256 id = governor.getProposalId(targets, values, data, hash);
        uint256 deadline = governor.proposalDeadline(id);
        if (vm.getBlockTimestamp() <= deadline) vm.warp(deadline + 1);
        if (governor.state(id) != IGovernor.ProposalState.Succeeded) {
            ++actions[3];
            return;
        }
        governor.queue(targets, values, data, hash);
        vm.warp(vm.getBlockTimestamp() + 2);
        try governor.execute(targets, values, data, hash) {
            spentWei += motion.spentWei;
            ++actions[1];
        } catch {
            ++actions[2];
        }
        note();
    }

    /// @notice An account without any role tries what only a vote can do.
    function trespass(uint256 who) external {
        address account = actor(50 + (who % 3));
        vm.prank(account);
        try policy.setFederationParameter("maxWeight", 1) {
            revert("a stranger governs");
        } catch {} // solhint-disable-line no-empty-blocks
        vm.prank(account);
        try treasury.schedule(address(token), 0, "", 0, 0, 1) {
            revert("a stranger schedules");
        } catch {} // solhint-disable-line no-empty-blocks
        address[] memory targets = new address[](1);
        targets[0] = address(stake);
        bytes[] memory data = new bytes[](1);
        data[0] = abi.encodeCall(stake.slash, (actor(0), 1, account, 0));
        try governor.propose(targets, new uint256[](1), data, "touch stake") {
            revert("stake is governed");
        } catch {} // solhint-disable-line no-empty-blocks
    }

    // ── rounds ──

    /// @notice Everyone submits and the aggregator proposes.
    function playRound(uint256 seed) external {
        if (federation.clock().round == 0) federation.openRound();
        note();
        Clock memory open = federation.clock();
        if (open.round == 0) return;
        uint32 inputs;
        for (uint256 index = 0; index < TRAINERS; ++index) {
            if (!federation.isTrainer(actor(index))) continue;
            vm.prank(actor(index));
            UpdateTerms terms = UpdateTerms.wrap((uint120(open.round) << 80) | (1 << 16) | 1);
            try federation.submitUpdate(terms, bytes32(seed), bytes32(seed)) {
                ++inputs;
            } catch {} // solhint-disable-line no-empty-blocks
        }
        if (vm.getBlockTimestamp() < open.submissionDeadline) vm.warp(open.submissionDeadline);
        Proposal memory proposal = _proposal(open, inputs, seed);
        vm.prank(actor(TRAINERS));
        try federation.proposeAggregate(proposal, new address[](0), new Attestation[](0), Anchor(0, 0)) {
            _baseModelRoot = proposal.modelRoot;
            ++actions[4];
        } catch {} // solhint-disable-line no-empty-blocks
        note();
    }

    function finalize(uint256 seconds_) external {
        vm.warp(vm.getBlockTimestamp() + (seconds_ % 4_000));
        bytes32 before = _rules();
        for (uint32 round = federation.finalRound() + 1; round <= federation.latestRound(); ++round) {
            try federation.finalizeRound(round) {
                if (_rules() != before) ++actions[5];
                before = _rules();
            } catch {} // solhint-disable-line no-empty-blocks
        }
        note();
    }

    function skip() external {
        Clock memory open = federation.clock();
        FederationParameters memory p = federation.parameters();
        if (open.round == 0) return;
        vm.warp(uint256(open.submissionDeadline) + p.submissionSeconds + 2 * uint256(p.turnSeconds));
        federation.skipRound(open.round);
        note();
    }

    // ── what must hold ──

    /// @notice Remembers by what rules a round was opened.
    function note() public {
        Clock memory open = federation.clock();
        if (open.round != 0 && _rulesOf[open.round] == 0) _rulesOf[open.round] = _rules();
    }

    /// @return True where all rounds that are open or in flight go by the rules that they began with.
    function keepsRules() external view returns (bool) {
        Clock memory open = federation.clock();
        for (uint32 round = federation.finalRound() + 1; round <= federation.latestRound(); ++round) {
            bool lives = round == open.round || federation.proposalOf(round).round == round;
            if (lives && _rulesOf[round] != 0 && _rulesOf[round] != _rules()) return false;
        }
        FederationParameters memory p = federation.parameters();
        return
            open.round == 0 ||
            (open.rule == p.rule &&
                open.trimBasisPoints == p.trimBasisPoints &&
                open.maxWeight == p.maxWeight &&
                open.maxSquaredNorm == p.maxSquaredNorm);
    }

    function keepsBounds() external view returns (bool) {
        FederationParameters memory chosen = policy.federationParameters();
        Parameters.validate(chosen);
        Parameters.validate(federation.parameters());
        RewardBounds.validate(policy.rewardParameters(), chosen.challengeSeconds);
        return true;
    }

    function keepsFunds() external view returns (bool) {
        return token.balanceOf(address(treasury)) + spentWei == TREASURY_WEI && token.balanceOf(actor(99)) == spentWei;
    }

    // ── internal ──

    function _rules() private view returns (bytes32) {
        return keccak256(abi.encode(federation.parameters(), policy.documentsInForce()));
    }

    function _propose(address target, bytes memory data, uint256 amountWei) private {
        _motions.push(Motion(target, data, amountWei, false));
        uint256 number = _motions.length - 1;
        (address[] memory targets, uint256[] memory values, bytes[] memory calls, ) = _call(_motions[number], number);
        uint256 id = governor.propose(targets, values, calls, _description(number));
        vm.warp(governor.proposalSnapshot(id) + 1);
        // every fifth is voted down
        governor.castVote(id, number % 5 == 4 ? 0 : 1);
        ++actions[0];
    }

    function _call(
        Motion memory motion,
        uint256 number
    ) private pure returns (address[] memory targets, uint256[] memory values, bytes[] memory data, bytes32 hash) {
        (targets, values, data) = (new address[](1), new uint256[](1), new bytes[](1));
        (targets[0], data[0]) = (motion.target, motion.data);
        hash = keccak256(bytes(_description(number)));
    }

    function _description(uint256 number) private pure returns (string memory) {
        return string(abi.encodePacked(number));
    }

    /// @return A value mostly near the usual one, sometimes any value.
    function _some(uint256 value, bytes32 name) private pure returns (uint256) {
        if (value % 7 == 0) return value;
        if (name == "minimumUpdates") return value % 4;
        if (name == "trainerStakeWei" || name == "aggregatorBondWei") return value % 1_500;
        if (name == "unbondingSeconds") return value % 40_000;
        return value % 6_000;
    }

    function _proposal(Clock memory open, uint32 inputs, uint256 seed) private view returns (Proposal memory proposal) {
        proposal.round = open.round;
        proposal.baseRound = open.baseRound;
        proposal.inputCount = inputs;
        proposal.totalWeight = inputs;
        proposal.rule = open.rule;
        proposal.trimBasisPoints = open.trimBasisPoints;
        proposal.baseModelRoot = _baseModelRoot;
        proposal.modelRoot = keccak256(abi.encode(seed, open.round));
        proposal.inputsRoot = bytes32(seed);
    }

    function _join(uint256 index) private {
        token.transfer(actor(index), 1_500);
        vm.prank(actor(index));
        token.approve(address(stake), 1_500);
        vm.prank(actor(index));
        stake.deposit(address(federation), 1_500);
        vm.prank(actor(index));
        if (index < TRAINERS) federation.joinAsTrainer();
        else federation.joinAsAggregator();
    }

    function _created(uint256 nonce) private view returns (address) {
        return vm.computeCreateAddress(address(this), nonce);
    }

    function _task() private pure returns (Task memory) {
        return Task(bytes32(uint256(1)), bytes32(uint256(2)), bytes32(uint256(3)), 100, 4, 2);
    }

    function _votingPower(StartedTask started) private returns (VotingPower) {
        return Deploy.votingPower(token, stake, address(started), treasury, 10_000, 1 days);
    }

    function _governor(VotingPower power, uint256 callsNonce) private returns (TributaryGovernor) {
        VotingSettings memory settings = VotingSettings(1, 10, 1, 4, 1, 1);
        return Deploy.governor(power, treasury, _created(callsNonce), settings, 1e25);
    }

    function _governedCalls(VotingPower power, StartedTask started) private {
        Deploy.governedCalls(token, stake, power, address(started), treasury, governor, 1);
    }

    function _policy(address rewards, address federation_) private returns (Policy) {
        FederationParameters memory parameters = FederationParameters(
            100, 1000, 100, 10, 50, 30_000, 2, 10, 1000, Rule.Mean, 0, 8, 5000, 5000, 1, 10_000
        );
        RewardParameters memory rewardParameters = FederationSetup.rewardParameters(50);
        Documents memory documents = Documents(bytes32(uint256(1)), 0, 0);
        return Deploy.policy(
            address(treasury),
            address(this),
            federation_,
            rewards,
            parameters,
            rewardParameters,
            documents
        );
    }
}

contract GovernanceInvariants {
    GovernanceHandler private _handler;

    function setUp() public {
        _handler = GovernanceHandler(Deploy.handler("contracts/governance/Governance.t.sol:GovernanceHandler", 0));
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_NoParameterLeavesItsBounds() public view {
        require(_handler.keepsBounds(), "a parameter is out of bounds");
    }

    function invariant_NoRoundChangesItsRules() public view {
        require(_handler.keepsRules(), "a round changed its rules");
    }

    function invariant_NoFundsMoveWithoutAProposal() public view {
        require(_handler.keepsFunds(), "funds moved");
    }

    /// @dev The handler's actions do what they are for.
    function test_EveryActionHappens() public {
        _handler.moveFunds(5e20);
        _handler.moveRule(1, 1);
        _handler.moveParameter(7, 1);
        _handler.moveParameter(6, 1_000_006);
        _handler.moveFunds(1);
        for (uint256 index = 0; index < 5; ++index) _handler.decide(index);
        _handler.playRound(1);
        _handler.finalize(3_999);
        _handler.trespass(0);
        for (uint256 index = 0; index < 6; ++index) require(_handler.actions(index) != 0, "an action had no effect");
        require(_handler.spentWei() == 5e20, "the treasury did not spend");
        require(_handler.federation().clock().rule == Rule.Median, "the rule did not change");
        require(_handler.keepsRules() && _handler.keepsBounds() && _handler.keepsFunds(), "something is wrong");
    }
}
