// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Demand, Tree } from "../types/Demand.sol";
import { SumNode } from "../types/Evidence.sol";
import { Clock, Proposal } from "../types/Round.sol";
import { AttackRewards } from "./AttackRewards.t.sol";
import { vm } from "./Vm.t.sol";

/// @title For tests: demands, and how everything ends
abstract contract AttackEnd is AttackRewards {
    /// @dev The demands that nobody has answered.
    Demand[] private _demands;
    /// @dev Until when challenges of a round that nobody has announced wait.
    mapping(uint32 round => uint256) internal _quietUntil;
    address private immutable _test = msg.sender;

    /// @dev Demands an opening of the model's root; makes no demand where it is too late, or where one was made in this second.
    function _demand(uint256 who, Proposal memory proposal, bool unanswered) internal returns (Demand memory demanded, bool) {
        uint256 bondWei = openings.bondOf(federation, 1);
        address account = _actor(who);
        vm.deal(account, bondWei);
        vm.prank(account);
        try
            openings.demandHashes{ value: bondWei }(
                federation,
                proposal,
                Tree.Model,
                1,
                1,
                0,
                proposal.modelRoot,
                new bytes32[](0)
            )
        returns (bytes32) {
            demanded = Demand({
                federation: federation,
                round: proposal.round,
                proposalHash: openings.hashOf(federation.proposalOf(proposal.round)),
                demander: account,
                bondWei: uint96(bondWei),
                answerBy: uint40(_now() + federation.parameters().answerSeconds),
                tree: Tree.Model,
                height: 1,
                span: 1,
                index: 0,
                node: SumNode(proposal.modelRoot, 0)
            });
            if (unanswered) _demands.push(demanded);
            return (demanded, true);
        } catch {
            return (demanded, false);
        }
    }

    /// @dev Forfeits a demand, unless the proposal is voided before.
    function _forfeit(Demand memory demanded, Proposal memory proposal) internal returns (bool) {
        _passTo(uint256(demanded.answerBy) + 1);
        for (uint256 place = 0; place < _standing.length; ++place) {
            if (_standing[place].modelRoot != proposal.modelRoot) continue;
            bool early = federation.proposalOf(proposal.round).proposedAt <
                federation.termsOf(proposal.round).submissionDeadline;
            openings.forfeit(demanded, proposal);
            _demands.pop();
            _afterVoid(place, early);
            return true;
        }
        return false;
    }

    function _findWrong(uint256 which) internal view returns (uint256 place, bool found) {
        for (uint256 step = 0; step < _standing.length; ++step) {
            place = ((which >> 8) + step) % _standing.length;
            if (_isWrong[_standing[place].modelRoot]) return (place, true);
        }
        return (0, false);
    }

    receive() external payable {}

    // ── the end ──

    /// @notice All rounds end, everybody leaves, and every balance goes where it belongs.
    function windUp() external {
        if (msg.sender != _test) return;
        policy.retire();
        _endRounds();
        while (_stated.length != 0) {
            if (_isWrongStatement[_stated[0]]) _voidStatement(0, WATCHER);
            else _finalizeStatement();
        }
        for (uint256 who = 0; who < ACTORS; ++who) _unbondAll(who);
        uint256 longest = federation.unbondingSeconds();
        if (rewards.unbondingSeconds() > longest) longest = rewards.unbondingSeconds();
        vm.warp(_now() + longest);
        _endStake();
        _endPool();
        _endBonds();
    }

    function _endRounds() private {
        (uint256 place, bool found) = _findWrong(0);
        while (found) {
            _void(place, WATCHER);
            (place, found) = _findWrong(0);
        }
        while (_standing.length != 0 || federation.clock().round != 0) {
            Clock memory open = federation.clock();
            if (open.round != 0) {
                uint256 endsAt = uint256(open.submissionDeadline) + federation.parameters().submissionSeconds;
                vm.warp(_later(endsAt + 2 * uint256(federation.parameters().turnSeconds)));
                federation.skipRound(open.round);
            }
            if (_standing.length == 0) continue;
            vm.warp(_later(federation.proposalOf(_standing[0].round).closesAt));
            _finalize();
        }
    }

    function _unbondAll(uint256 who) private {
        for (uint256 role = 0; role < 3; ++role) if (_isMember(who, Role(role))) _leave(who, Role(role));
        address[2] memory places = [address(federation), address(rewards)];
        for (uint256 index = 0; index < 2; ++index) {
            uint256 bondedWei = stake.bondedWei(places[index], _actor(who));
            vm.prank(_actor(who));
            if (bondedWei != 0) stake.requestUnbond(places[index], bondedWei);
            else stake.checkpoint(places[index], _actor(who));
        }
    }

    function _endStake() private {
        address[2] memory places = [address(federation), address(rewards)];
        for (uint256 who = 0; who < ACTORS; ++who) {
            for (uint256 index = 0; index < 2; ++index) {
                if (stake.unbondingWei(places[index], _actor(who)) == 0) continue;
                vm.prank(_actor(who));
                stake.withdraw(places[index]);
            }
            require(stake.owedWei(_actor(who)) == 0, "an account that challenged nothing is owed");
        }
        if (stake.slashedWei() != 0) stake.settleSlashed();
        if (stake.owedWei(WATCHER) != 0) {
            vm.prank(WATCHER);
            stake.claimOwed();
        }
        require(token.balanceOf(address(stake)) == 0, "stake stays behind");
    }

    /// @dev What wrong balances have left unclaimed stays, and so does what voters have covered for nobody.
    function _endPool() private {
        for (uint256 who = 0; who < ACTORS; ++who) _claim(who);
        (uint64 funded, uint64 allocated) = rewards.pool();
        require(allocated == _finalGwei, "something is allocated that is not final");
        if (funded != allocated) {
            policy.releasePool();
            _fundedGwei = allocated;
        }
        require(token.balanceOf(address(rewards)) == (_finalGwei - _paidGwei) * WEI_PER_GWEI, "the pool keeps something");
        require(address(rewards).balance == 0, "bonds stay in the rewards");
    }

    function _endBonds() private {
        for (uint256 index = 0; index < _demands.length; ++index) openings.reclaim(_demands[index]);
        for (uint256 who = 0; who <= ACTORS; ++who) {
            address account = who == ACTORS ? WATCHER : _actor(who);
            if (openings.owedWei(account) == 0) continue;
            vm.prank(account);
            openings.claimOwed();
        }
        require(openings.owedWei(address(this)) == 0 || _claimOwn(), "its own");
        require(address(openings).balance == 0, "bonds stay in the openings");
    }

    /// @dev The test answers demands itself.
    function _claimOwn() private returns (bool) {
        openings.claimOwed();
        return true;
    }

    function _later(uint256 timestamp) private view returns (uint256) {
        return timestamp > _now() ? timestamp : _now();
    }
}
