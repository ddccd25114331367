// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IRewards } from "../interfaces/IRewards.sol";
import { Deploy } from "../test/Deploy.t.sol";
import { RewardBooks } from "../test/RewardBooks.t.sol";
import { vm } from "../test/Vm.t.sol";
import { RewardFacts, RewardStatement } from "../types/Reward.sol";

/// @title Acts on Rewards as eight accounts, as two aggregators among them and as the reward challenges, and keeps its own books
contract RewardsHandler is RewardBooks {
    enum Action {
        Fund,
        Enrol,
        SetPayee,
        Join,
        Leave,
        Propose,
        Commit,
        Reveal,
        Demand,
        Publish,
        Forfeit,
        State,
        Restate,
        Void,
        Finalize,
        Claim,
        ClaimOwed,
        PassTime,
        Refuse
    }

    uint256 private _claimedGwei;
    uint256 private _bondsWei;
    uint32 private _final;
    uint32 private _members;
    mapping(uint32 round => mapping(address evaluator => address)) private _demander;
    mapping(address account => uint256) private _claimedBy;
    mapping(address account => uint256) private _owedWei;
    /// @notice How often each action had its effect.
    mapping(Action => uint256) public actions;

    constructor() payable {}

    // ── actions ──

    function fund(uint256 amountGwei) external {
        amountGwei = 1 + (amountGwei % (2 * REWARD_GWEI)); // so small that the pool runs dry at times
        rewards.fund(amountGwei * WEI_PER_GWEI);
        _funded.push(Funded(_now(), _fundedGwei() + uint64(amountGwei)));
        ++actions[Action.Fund];
    }

    function enrol(uint256 who) external {
        for (uint256 step = 0; step < ACTORS; ++step) {
            address account = actor(who % ACTORS + step);
            if (rewards.accountOf(account).number != 0) continue;
            vm.prank(account);
            rewards.enrol(account);
            _enrolled.push(account);
            require(rewards.accountOf(account).number == _enrolled.length, "place");
            ++actions[Action.Enrol];
            return;
        }
    }

    function setPayee(uint256 who, uint256 payee) external {
        (address account, bool found) = _account(who);
        if (!found) return;
        vm.prank(rewards.accountOf(account).payee);
        rewards.setPayee(account, actor(payee % ACTORS));
        ++actions[Action.SetPayee];
    }

    function joinAsEvaluator(uint256 who) external {
        (address account, bool found) = _account(who);
        if (!found || rewards.isEvaluator(account)) return;
        vm.prank(account);
        rewards.joinAsEvaluator();
        _joinedAt[account] = _now();
        ++_members;
        ++actions[Action.Join];
    }

    function leaveAsEvaluator(uint256 who) external {
        (address account, bool found) = _account(who);
        // if evaluators left too often, nobody would be left to score
        if (!found || !rewards.isEvaluator(account) || who % 3 != 0) return;
        vm.prank(account);
        rewards.leaveAsEvaluator();
        --_members;
        ++actions[Action.Leave];
    }

    function propose() external {
        _propose();
    }

    function commit(uint256 who) external {
        _commit(who);
    }

    function reveal(uint256 who) external {
        _reveal(who);
    }

    function demand(uint256 who, uint256 demander) external {
        _demand(who, demander);
    }

    function publish(uint256 who, uint256 demander, uint256 publisher) external {
        (address evaluator, bool found) = _demand(who, demander);
        if (!found) return;
        address by = actor(publisher % ACTORS);
        uint256 before = rewards.owedWei(by);
        vm.prank(by);
        rewards.publishScores(_proposed, evaluator, SALT, hex"0005");
        address back = _demander[_proposed][evaluator];
        uint256 costWei = rewards.owedWei(by) - before;
        require(by == back ? costWei == BOND_WEI : costWei != 0 && costWei <= BOND_WEI, "paid of the bond");
        if (by != back) _owedWei[by] += costWei;
        _owedWei[back] += by == back ? BOND_WEI : BOND_WEI - costWei;
        _bondsWei -= BOND_WEI;
        _shown[_proposed][evaluator] = Shown.Published;
        ++actions[Action.Publish];
    }

    function forfeit(uint256 who, uint256 demander, bool demanded) external {
        (address evaluator, bool found) = demanded ? _demand(who, demander) : _commit(who);
        if (!found) return;
        uint256 endsAt = _proposedAt[_proposed] + SCORING + REVEALING + (demanded ? 2 * PUBLISHING : 0);
        bytes memory call = abi.encodeCall(rewards.forfeit, (_proposed, evaluator));
        _mustFail(evaluator, call, IRewards.NotYet.selector);
        _passTo(endsAt);
        uint256 before = stake.bondedWei(address(rewards), evaluator);
        vm.prank(actor(demander % ACTORS));
        rewards.forfeit(_proposed, evaluator);
        require(stake.bondedWei(address(rewards), evaluator) == before - 10e18, "forfeited");
        if (demanded) {
            _owedWei[_demander[_proposed][evaluator]] += BOND_WEI;
            _bondsWei -= BOND_WEI;
        }
        _shown[_proposed][evaluator] = Shown.Forfeited;
        _mustFail(evaluator, call, IRewards.NothingForfeited.selector);
        ++actions[Action.Forfeit];
    }

    function state(uint256 who, uint256 seed) external {
        _state(who, seed, false);
    }

    /// @notice States a voided round anew by its facts; where no round is voided, voids one.
    function restate(uint256 who, uint256 seed) external {
        if (!_isVoided(_stated + 1)) {
            if (_stated == _final) _state(who, seed, false);
            if (_stated == _final) return;
            _void(_stated, who);
        }
        _state(who, seed, true);
    }

    function void(uint256 which, uint256 challenger) external {
        // a statement stays for a while, and falls with those after it
        if (_stated == _final || which % 4 != 0) return;
        _void(_final + 1 + uint32((which / 4) % (_stated - _final)), challenger);
    }

    function finalize() external {
        if (_stated == _final) return;
        uint256 closesAt = rewards.rewardOf(_final + 1).closesAt;
        if (_now() < closesAt) {
            bytes memory call = abi.encodeCall(rewards.finalizeRewards, (_final + 1));
            _mustFail(address(this), call, IRewards.ChallengeWindowOpen.selector);
            _passTo(closesAt);
        }
        rewards.finalizeRewards(++_final);
        ++actions[Action.Finalize];
    }

    function claim(uint256 who, bool byPayee) external {
        for (uint256 step = 0; step < _enrolled.length; ++step) {
            uint256 place = ((who % ACTORS) + step) % _enrolled.length;
            address account = _enrolled[place];
            uint64 earned = _earnedGwei(_final, place);
            if (earned <= _claimedBy[account]) continue;
            address payee = rewards.accountOf(account).payee;
            uint256 before = token.balanceOf(payee);
            vm.prank(byPayee ? payee : account);
            rewards.claim(account, earned, _reputation(_final, place), _path(_final, place));
            uint256 amountGwei = earned - _claimedBy[account];
            require(token.balanceOf(payee) == before + amountGwei * WEI_PER_GWEI, "paid");
            _claimedBy[account] = earned;
            _claimedGwei += amountGwei;
            ++actions[Action.Claim];
            return;
        }
    }

    function claimOwed(uint256 who) external {
        for (uint256 step = 0; step < ACTORS; ++step) {
            address account = actor((who % ACTORS) + step);
            if (_owedWei[account] == 0) continue;
            uint256 before = account.balance;
            vm.prank(account);
            rewards.claimOwed();
            require(account.balance == before + _owedWei[account], "owed");
            _owedWei[account] = 0;
            ++actions[Action.ClaimOwed];
            return;
        }
    }

    function passTime(uint256 seconds_) external {
        _passTo(_now() + 1 + (seconds_ % 30));
        ++actions[Action.PassTime];
    }

    /// @notice What nobody may do.
    function refuse(uint256 who, uint64 excessGwei) external {
        (address account, bool found) = _account(who);
        if (!found || _final == 0) return;
        uint256 place = rewards.accountOf(account).number - 1;
        uint64 more = _earnedGwei(_final, place);
        bytes32[] memory path = _path(_final, place);
        uint16 reputation = _reputation(_final, place);
        bytes memory call = abi.encodeCall(rewards.claim, (account, more + 1 + (excessGwei % 1e18), reputation, path));
        _mustFail(account, call, IRewards.WrongBalance.selector);
        call = _claimOf(account, _final, place);
        _mustFail(address(this), call, IRewards.NotAccountOrPayee.selector);
        if (_earnedGwei(_final - 1, place) != more) {
            call = _claimOf(account, _final - 1, place);
            _mustFail(account, call, IRewards.WrongBalance.selector);
        }
        call = abi.encodeCall(rewards.voidRewards, (_facts[_final], _statementOf[_final], account));
        _mustFail(account, call, IRewards.NotTheRewardChallenges.selector);
        _mustFail(address(this), call, IRewards.AlreadyFinal.selector);
        if (_owedWei[account] == 0) {
            _mustFail(account, abi.encodeCall(rewards.claimOwed, ()), IRewards.NothingOwed.selector);
        }
        ++actions[Action.Refuse];
    }

    // ── what must hold ──

    function checkPool() external view {
        (uint64 funded, uint64 allocated) = rewards.pool();
        require(funded == _fundedGwei(), "funded");
        require(allocated == _books[_stated].allocatedGwei, "allocated is not what the statements say");
        require(allocated <= funded, "more is allocated than funded");
        uint256 held = token.balanceOf(address(rewards));
        require(held == (uint256(funded) - _claimedGwei) * WEI_PER_GWEI, "a gwei is lost or made");
        uint256 finalGwei = 0;
        for (uint256 place = 0; place < _enrolled.length; ++place) {
            address account = _enrolled[place];
            uint256 earned = _earnedGwei(_final, place);
            finalGwei += earned;
            require(rewards.accountOf(account).claimedGwei == _claimedBy[account], "claimed");
            require(_claimedBy[account] <= earned, "more than its balance");
        }
        require(_claimedGwei <= finalGwei && finalGwei <= _books[_final].allocatedGwei, "more than is final");
    }

    function checkCounters() external view {
        (uint32 stated, uint32 final_, bytes32 root) = rewards.rewardHead();
        require(stated == _stated && final_ == _final, "head");
        (bytes32 finalRoot, uint32 accounts) = rewards.finalBalances();
        require(root == finalRoot && accounts == _books[_final].earnedGwei.length, "final balances");
        require(root == _books[_final].root, "final root");
        require(rewards.accountCount() == _enrolled.length, "accounts");
        uint256 members = 0;
        uint256 owedWei = _bondsWei;
        for (uint256 index = 0; index < ACTORS; ++index) {
            if (rewards.isEvaluator(actor(index))) ++members;
            require(rewards.owedWei(actor(index)) == _owedWei[actor(index)], "owed");
            owedWei += _owedWei[actor(index)];
        }
        require(members == _members && rewards.evaluatorCount() == members, "evaluators");
        require(address(rewards).balance == owedWei, "bonds");
    }

    // ── statements ──

    function _state(uint256 who, uint256 seed, bool again) private {
        uint32 round = _stated + 1;
        if (round > _proposed) return;
        _passTo(_proposedAt[round] + CHALLENGING);
        if (federation.finalRound() < round) federation.finalize(round);
        (RewardFacts memory facts, RewardStatement memory statement) = _settle(round, seed);
        bytes memory call = again
            ? abi.encodeCall(rewards.restateRewards, (_facts[round], statement))
            : abi.encodeCall(rewards.proposeRewards, (_proposal(round), statement));
        _mustFail(actor(AGGREGATORS), call, IRewards.NotAnAggregator.selector);
        if (again) {
            vm.prank(actor(who % AGGREGATORS));
            rewards.restateRewards(_facts[round], statement);
        } else {
            vm.prank(actor(0));
            rewards.proposeRewards(_proposal(round), statement);
        }
        ++actions[again ? Action.Restate : Action.State];
        (_facts[round], _statementOf[round]) = (facts, statement);
        ++_statements;
        _stated = round;
        _requireBalancesRight(round);
    }

    function _void(uint32 round, uint256 challenger) private {
        rewards.voidRewards(_facts[round], _statementOf[round], actor(challenger % ACTORS));
        _stated = round - 1;
        ++actions[Action.Void];
    }

    // ── scores ──

    function _propose() private {
        if (_proposed == ROUNDS) return;
        // evaluators score the proposals that are made after they have joined
        _passTo(_now() + 1);
        ++_proposed;
        _proposedAt[_proposed] = uint32(_now());
        federation.propose(_proposal(_proposed), actor(0));
        ++actions[Action.Propose];
    }

    function _commit(uint256 who) private returns (address evaluator, bool found) {
        if (_members == 0) return (evaluator, found);
        if (_proposed == 0 || _now() >= _proposedAt[_proposed] + SCORING) _propose();
        (evaluator, found) = _uncommitted(who);
        if (!found) {
            _propose();
            (evaluator, found) = _uncommitted(who);
        }
        if (!found) return (evaluator, found);
        if (_scored[_proposed] == 0) _scored[_proposed] = uint32(_enrolled.length);
        vm.prank(evaluator);
        rewards.commitScores(_proposed, _commitmentOf(evaluator));
        _shown[_proposed][evaluator] = Shown.Committed;
        ++actions[Action.Commit];
    }

    function _reveal(uint256 who) private returns (address evaluator, bool found) {
        (evaluator, found) = _who(who, Shown.Committed, SCORING + REVEALING);
        if (!found) (evaluator, found) = _commit(who);
        if (!found) return (evaluator, found);
        bytes memory call = abi.encodeCall(rewards.revealScores, (_proposed, _scoresRoot()));
        if (_now() < _proposedAt[_proposed] + SCORING) {
            _mustFail(evaluator, call, IRewards.NotYet.selector);
            _passTo(_proposedAt[_proposed] + SCORING);
        }
        vm.prank(evaluator);
        rewards.revealScores(_proposed, _scoresRoot());
        _mustFail(evaluator, call, IRewards.AlreadyRevealed.selector);
        _shown[_proposed][evaluator] = Shown.Revealed;
        ++actions[Action.Reveal];
    }

    function _demand(uint256 who, uint256 demander) private returns (address evaluator, bool found) {
        (evaluator, found) = _who(who, Shown.Revealed, SCORING + REVEALING + PUBLISHING);
        if (!found) (evaluator, found) = _reveal(who);
        if (!found) return (evaluator, found);
        address by = actor(demander % ACTORS);
        // solhint-disable-next-line avoid-low-level-calls
        (bool paid, ) = by.call{ value: BOND_WEI }("");
        require(paid, "not paid");
        vm.prank(by);
        rewards.demandScores{ value: BOND_WEI }(_proposed, evaluator);
        _demander[_proposed][evaluator] = by;
        _bondsWei += BOND_WEI;
        _shown[_proposed][evaluator] = Shown.Demanded;
        ++actions[Action.Demand];
    }
}

/// @title Paid ≤ final ≤ allocated ≤ funded, and every counter is right, whatever anyone does
contract RewardsInvariants {
    RewardsHandler private _handler;

    function setUp() external {
        _handler = RewardsHandler(Deploy.handler("contracts/rewards/Rewards.t.sol:RewardsHandler", 1e21));
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// hardhat-config: default.invariant.runs = 8
    /// hardhat-config: default.invariant.depth = 512
    function invariant_paidIsFinalAndFunded() external view {
        _handler.checkPool();
        _handler.checkCounters();
    }

    /// @dev At the end of each run: what the invariant held over has happened.
    function afterInvariant() external view {
        for (uint256 action = 0; action <= uint256(type(RewardsHandler.Action).max); ++action) {
            require(_handler.actions(RewardsHandler.Action(action)) != 0, "an action never happened");
        }
    }
}
