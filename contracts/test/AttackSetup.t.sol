// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { InputChallenges } from "../challenges/InputChallenges.sol";
import { Openings } from "../challenges/Openings.sol";
import { Federation } from "../federation/Federation.sol";
import { Policy } from "../governance/Policy.sol";
import { Rewards } from "../rewards/Rewards.sol";
import { Stake } from "../staking/Stake.sol";
import { TributaryToken } from "../token/TributaryToken.sol";
import { FederationParameters, Rule, Task } from "../types/Round.sol";
import { Deploy } from "./Deploy.t.sol";
import { FederationSetup } from "./FederationSetup.t.sol";
import { Signer, Signers } from "./Signers.t.sol";
import { vm } from "./Vm.t.sol";

/// @title For tests: a federation with its rewards, in which four accounts go by the rules and four do what they like
/// @dev The test itself votes, and as a challenge contract takes everything for a fault.
abstract contract AttackSetup {
    using Signers for Signer[];

    enum Role {
        Trainer,
        Aggregator,
        Evaluator
    }

    uint256 internal constant HONEST = 4;
    uint256 internal constant ACTORS = 8;
    uint32 internal constant RING = 4;
    uint256 internal constant SUPPLY = 1e30;
    address internal constant WATCHER = address(0xACC0);

    error Probed();

    TributaryToken public immutable token;
    Stake public immutable stake;
    Policy public immutable policy;
    Federation public immutable federation;
    Rewards public immutable rewards;
    InputChallenges public immutable inputs;
    Openings public immutable openings;

    Signer[] internal _signers;
    /// @dev Only within `_mustPass` do the probes do anything: the fuzzer calls them too, sometimes as this contract itself.
    bool internal _probing;
    /// @dev What honest accounts have deposited, and nobody may take.
    mapping(address account => uint256) internal _stakedWei;
    mapping(address account => uint256) internal _evaluatorStakedWei;
    bytes32[] internal _names = [
        bytes32("trainerStakeWei"),
        "aggregatorBondWei",
        "submissionSeconds",
        "turnSeconds",
        "minimumUpdates",
        "attestationBasisPoints",
        "answerSeconds"
    ];

    constructor() {
        token = Deploy.token(address(this), SUPPLY);
        stake = Deploy.stake(token, WATCHER, 5_000);
        inputs = Deploy.inputChallenges();
        openings = Deploy.openings();
        address[] memory challenges = new address[](3);
        (challenges[0], challenges[1], challenges[2]) = (address(this), address(inputs), address(openings));
        address expected = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 2);
        federation = FederationSetup.deploy(
            stake,
            expected,
            Task(bytes32(uint256(1)), bytes32(uint256(2)), bytes32(uint256(3)), 100, RING, 2),
            FederationParameters(100, 1000, 100, 10, 50, 230, 0, 10, 1000, Rule.Mean, 0, 8, 5000, 5000, 1, 10_000),
            challenges
        );
        policy = Policy(address(federation.policy()));
        rewards = Deploy.rewards(policy, stake, token, address(this));
        token.approve(address(rewards), type(uint256).max);
        _signers.create(ACTORS);
        for (uint256 who = 0; who < ACTORS; ++who) {
            vm.prank(_actor(who));
            token.approve(address(stake), type(uint256).max);
            _deposit(who, address(federation), 2_000);
            vm.prank(_actor(who));
            rewards.enrol(_actor(who));
        }
    }

    function _actor(uint256 who) internal view returns (address) {
        return _signers[who].account;
    }

    /// @dev Honest and other accounts alternate, so that neither come first wherever the order of addresses counts.
    function _isHonest(uint256 who) internal pure returns (bool) {
        return who % 2 == 0;
    }

    function _attacker(uint256 seed) internal pure returns (uint256) {
        return 2 * (seed % (ACTORS - HONEST)) + 1;
    }

    function _isMember(uint256 who, Role role) internal view returns (bool) {
        if (role == Role.Trainer) return federation.isTrainer(_actor(who));
        return role == Role.Aggregator ? federation.isAggregator(_actor(who)) : rewards.isEvaluator(_actor(who));
    }

    function _deposit(uint256 who, address where, uint256 amountWei) internal {
        address account = _actor(who);
        token.transfer(account, amountWei);
        vm.prank(account);
        stake.deposit(where, amountWei);
        if (where == address(rewards)) _evaluatorStakedWei[account] += amountWei;
        else _stakedWei[account] += amountWei;
    }

    /// @dev Deposits as much more stake as the role takes, and joins.
    function _join(uint256 who, Role role) internal {
        address account = _actor(who);
        if (role == Role.Evaluator) {
            uint256 leastWei = policy.rewardParameters().evaluatorStakeWei;
            if (stake.bondedWei(address(rewards), account) < leastWei) _deposit(who, address(rewards), leastWei);
            vm.prank(account);
            rewards.joinAsEvaluator();
            return;
        }
        FederationParameters memory p = federation.parameters();
        uint256 neededWei = federation.requiredStakeWei(account);
        neededWei += role == Role.Trainer ? p.trainerStakeWei : p.aggregatorBondWei;
        uint256 bondedWei = stake.bondedWei(address(federation), account);
        if (bondedWei < neededWei) _deposit(who, address(federation), neededWei - bondedWei);
        vm.prank(account);
        if (role == Role.Trainer) federation.joinAsTrainer();
        else federation.joinAsAggregator();
    }

    function _leave(uint256 who, Role role) internal {
        vm.prank(_actor(who));
        if (role == Role.Trainer) federation.leaveAsTrainer();
        else if (role == Role.Aggregator) federation.leaveAsAggregator();
        else rewards.leaveAsEvaluator();
    }

    /// @return A value that voters may choose.
    function _valueOf(bytes32 name, uint256 seed) internal pure returns (uint256) {
        if (name == "minimumUpdates") return seed % 3;
        if (name == "attestationBasisPoints") return 5_000 + (seed % 2_000);
        if (name == "aggregatorBondWei") return 500 + (seed % 1_000);
        if (name == "turnSeconds" || name == "answerSeconds") return 1 + (seed % 10);
        return 50 + (seed % 100);
    }

    /// @dev Calls itself by a function that reverts with `Probed` once what must go through has gone through.
    function _mustPass(bytes memory probe, string memory failure) internal {
        _probing = true;
        // solhint-disable-next-line avoid-low-level-calls
        (, bytes memory answer) = address(this).call(probe);
        _probing = false;
        require(bytes4(answer) == Probed.selector, failure);
    }

    function _now() internal view returns (uint256) {
        return vm.getBlockTimestamp();
    }

    // ── what must hold ──

    /// @dev Nobody can take anything from an account that goes by the rules.
    function _checkHonestStake() internal view {
        for (uint256 who = 0; who < ACTORS; ++who) {
            if (!_isHonest(who)) continue;
            address account = _actor(who);
            require(_heldWei(address(federation), account) == _stakedWei[account], "an honest account lost stake");
            bool kept = _heldWei(address(rewards), account) == _evaluatorStakedWei[account];
            require(kept, "an honest evaluator lost stake");
        }
    }

    function _heldWei(address where, address account) internal view returns (uint256) {
        return stake.bondedWei(where, account) + stake.unbondingWei(where, account);
    }
}
