// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IFederation } from "../interfaces/IFederation.sol";
import { Deploy } from "../test/Deploy.t.sol";
import { AttackEnd } from "../test/AttackEnd.t.sol";
import { Signers } from "../test/Signers.t.sol";
import { vm } from "../test/Vm.t.sol";
import { Attestation } from "../types/Attestation.sol";
import { Demand } from "../types/Demand.sol";
import { Proposal } from "../types/Round.sol";

/// @title Acts as everybody: half of the accounts go by the rules, the others do whatever the contracts let them do
contract AttackHandler is AttackEnd {
    enum Action {
        Join,
        Leave,
        Submit,
        ProposeRight,
        ProposeWrong,
        ClaimTurn,
        Void,
        Forfeit,
        Answer,
        Finalize,
        Skip,
        AccuseItself,
        SlashTrainer,
        Announce,
        ReportAbsence,
        Vote,
        Eject,
        Fund,
        State,
        StateWrongly,
        VoidStatement,
        FinalizeStatement,
        Claim,
        Restore
    }

    /// @notice How often each action had its effect.
    mapping(Action => uint256) public actions;

    constructor() payable {
        for (uint256 who = 0; who < ACTORS; ++who) {
            if (who != 6) _join(who, Role.Trainer);
            // attackers are most of those who decide
            if (!_isHonest(who) || who == 4) _join(who, Role.Evaluator);
            if (!_isHonest(who) || who > 3) _join(who, Role.Aggregator);
            _note();
        }
        _fund(1e9);
    }

    // ── members ──

    function join(uint256 who, uint256 role_) external {
        Role role = Role(role_ % 3);
        for (uint256 step = 0; step < ACTORS; ++step) {
            uint256 next = ((who % ACTORS) + step) % ACTORS;
            if (role != Role.Trainer && _isHonest(next)) continue;
            if (_isMember(next, role) || policy.isBarred(_actor(next))) continue;
            if (role == Role.Trainer) _passTo(federation.mayJoinAt(_actor(next)));
            _join(next, role);
            _count(Action.Join);
            return;
        }
    }

    function quit(uint256 who, uint256 role_) external {
        // if accounts left too often, nobody would be left to act
        if (who % 3 != 0 || (role_ % 3 != 0 && _isHonest(who % ACTORS))) return;
        if (!_isMember(who % ACTORS, Role(role_ % 3))) return;
        _leave(who % ACTORS, Role(role_ % 3));
        _count(Action.Leave);
    }

    function submit(uint256 who) external {
        for (uint256 step = 0; step < ACTORS; ++step) {
            if (_submit(((who % ACTORS) + step) % ACTORS)) return _count(Action.Submit);
        }
    }

    function reportAbsence(uint256 who) external {
        uint256 first = who % ACTORS;
        for (uint256 step = 0; step < ACTORS; ++step) {
            address account = _actor((first + step) % ACTORS);
            if (!federation.isTrainer(account)) continue;
            try federation.reportAbsence(account) {
                require(!_isHonest((first + step) % ACTORS), "who is honest was absent");
                uint32 last = federation.finalRound();
                bool missed = (last != 0 && _hasMissed(last, account)) || (_skipped != 0 && _hasMissed(_skipped, account));
                require(missed, "removed for a round that is neither final nor skipped");
                return _count(Action.ReportAbsence);
            } catch {} // solhint-disable-line no-empty-blocks
        }
    }

    // ── rounds ──

    function propose(uint256 seed) external {
        if (federation.clock().round == 0 || federation.turnHolder() == address(0)) return;
        if (!_propose(seed)) return;
        _count(_isWrong[_standing[_standing.length - 1].modelRoot] ? Action.ProposeWrong : Action.ProposeRight);
    }

    function claimTurn(uint256 who, bytes32 digest) external {
        address account = _actor(_attacker(who));
        uint32 round = federation.clock().round;
        if (!federation.isAggregator(account) || round == 0) return;
        vm.prank(account);
        federation.claimTurn(round, digest);
        _count(Action.ClaimTurn);
    }

    function void(uint256 which) external {
        (uint256 place, bool found) = _findWrong(which);
        // some wrong proposals stand until just before they would be final
        if (!found || which % 3 == 0) return;
        _void(place, which % 2 == 0 ? address(0) : WATCHER);
        _count(Action.Void);
    }

    function finalize() external {
        if (_standing.length == 0) return;
        uint32 round = _standing[0].round;
        _passTo(federation.proposalOf(round).closesAt);
        if (_standing.length == 0 || _standing[0].round != round) return _count(Action.Void);
        _finalize();
        _count(Action.Finalize);
    }

    function skip(uint256 seed) external {
        uint32 round = federation.clock().round;
        if (round == 0 || seed % 2 == 0) return;
        uint256 endsAt = uint256(federation.clock().submissionDeadline) + federation.parameters().submissionSeconds;
        _passTo(endsAt + 2 * uint256(federation.parameters().turnSeconds));
        if (federation.clock().round != round || federation.clock().submissionDeadline >= _now()) return;
        try federation.skipRound(round) {
            _skipped = round;
            _count(Action.Skip);
        } catch (bytes memory answer) {
            require(bytes4(answer) == IFederation.StillInTime.selector, "a round cannot be skipped");
        }
    }

    // ── what attackers do to themselves ──

    /// @notice Signs two roots for any round whose terms are known, and shows them.
    function accuseItself(uint256 who, uint256 which, uint256 edition_) external {
        uint256 attacker = _attacker(who);
        uint32 edition = uint32(edition_ % 256);
        uint32 latest = federation.latestRound();
        if (who % 3 != 0) return;
        uint32 round = latest > which % RING ? latest - uint32(which % RING) : latest;
        bool known = round != 0 && federation.termsOf(round).round == round;
        if (!known || federation.isSignerSlashed(_actor(attacker), round)) return;
        if (_now() < _quietUntil[round]) _passTo(_quietUntil[round]);
        if (federation.termsOf(round).round != round) return;
        bytes32[2] memory roots = [bytes32(which), bytes32(~which)];
        Attestation memory first = Signers.sign(_signers[attacker], address(federation), round, edition, roots[0]);
        Attestation memory second = Signers.sign(_signers[attacker], address(federation), round, edition, roots[1]);
        inputs.refuteSignatures(federation, round, edition, roots[0], roots[1], first, second);
        _count(Action.AccuseItself);
    }

    function slashTrainer(uint256 who, uint256 which) external {
        address account = _actor(_attacker(who));
        uint32 latest = federation.latestRound();
        for (uint32 age = 0; age < RING; ++age) {
            uint32 round = latest - (uint32(which % RING) + age) % RING % (latest + 1);
            if (!_submitted[round][account] || federation.isTrainerSlashed(account, round)) continue;
            if (federation.submissionSlot(account, round).round() != round) continue;
            _discard(round, account);
            federation.slashTrainer(account, round, which % 2 == 0 ? address(0) : WATCHER);
            return _count(Action.SlashTrainer);
        }
    }

    function announce(uint256 which) external {
        uint32 round = federation.latestRound();
        if (round == 0 || which % 4 != 0) return;
        inputs.announceChallenge(federation, round, bytes32(which));
        if (_now() >= _quietUntil[round] + 1200) _quietUntil[round] = _now() + 120;
        _count(Action.Announce);
    }

    /// @notice Demands an opening and answers it itself; where the proposal is wrong, nobody answers.
    function demand(uint256 who, uint256 which) external {
        if (_standing.length == 0) return;
        Proposal memory proposal = _standing[which % _standing.length];
        if (_now() >= federation.proposalOf(proposal.round).closesAt) return;
        bool answered = which % 3 != 0;
        (Demand memory demanded, bool made) = _demand(_attacker(who), proposal, !answered);
        if (!made) return;
        if (answered) {
            openings.openHashes(demanded, proposal, _modelLeaves(_saltOf[proposal.modelRoot]));
            _count(Action.Answer);
        } else if (_isWrong[proposal.modelRoot]) {
            if (_forfeit(demanded, proposal)) _count(Action.Forfeit);
        }
    }

    // ── what votes decide ──

    function vote(uint256 which, uint256 seed) external {
        bytes32 name = _names[which % _names.length];
        try policy.setFederationParameter(name, _valueOf(name, seed)) {
            _count(Action.Vote);
        } catch {} // solhint-disable-line no-empty-blocks
    }

    function eject(uint256 who) external {
        address account = _actor(_attacker(who));
        if (policy.isBarred(account)) policy.readmit(account);
        else if (who % 4 == 0) try policy.eject(account) {} catch {} // solhint-disable-line no-empty-blocks
        else return;
        _count(Action.Eject);
    }

    // ── rewards ──

    function fund(uint256 amountGwei) external {
        _fund(1 + (amountGwei % 1e9));
        _count(Action.Fund);
    }

    function state(uint256 seed) external {
        bool wrong = seed % 3 == 0;
        if (_state(seed, wrong)) _count(wrong ? Action.StateWrongly : Action.State);
    }

    function voidStatement(uint256 which) external {
        if (_stated.length == 0) return;
        uint256 place = which % _stated.length;
        if (!_isWrongStatement[_stated[place]]) return;
        _voidStatement(place, which % 2 == 0 ? address(0) : WATCHER);
        _count(Action.VoidStatement);
    }

    function finalizeStatement() external {
        if (_stated.length == 0) return;
        _finalizeStatement();
        _count(Action.FinalizeStatement);
    }

    function claim(uint256 who) external {
        for (uint256 step = 0; step < ACTORS; ++step) {
            if (_claim(((who % ACTORS) + step) % ACTORS)) return _count(Action.Claim);
        }
    }

    function restore(uint256 seed) external {
        if (seed % 4 == 0 && _restore(seed >> 2)) _count(Action.Restore);
    }

    // ── what must hold ──

    function check() external {
        _checkRounds();
        _checkHonestStake();
        _checkRewards();
    }

    function _count(Action action) private {
        ++actions[action];
        _note();
    }
}

/// @title What holds whatever attackers do, in every role at once
contract AttackInvariants {
    AttackHandler private _handler;

    function setUp() external {
        _handler = AttackHandler(Deploy.handler("contracts/federation/Attack.t.sol:AttackHandler", 1e21));
    }

    /// @dev The fuzzer takes every address that it knows for a caller; as these two it would end what is tested, or be a probe.
    function excludeSenders() external view returns (address[] memory excluded) {
        excluded = new address[](2);
        (excluded[0], excluded[1]) = (address(this), address(_handler));
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// hardhat-config: default.invariant.runs = 4
    /// hardhat-config: default.invariant.depth = 256
    function invariant_nothingWrongStandsAndNobodyHonestLoses() external {
        _handler.check();
    }

    /// @dev At the end of each run, whatever happened in it: everything that was brought can leave.
    function afterInvariant() external {
        _handler.windUp();
    }

    /// @notice In a long sequence every action takes effect, so that the invariant proves something.
    function test_everyActionHappens() external {
        bytes4[25] memory calls = _calls();
        for (uint256 step = 0; step < 1500; ++step) {
            uint256 random = uint256(keccak256(abi.encode("attack", step)));
            bytes memory arguments = abi.encode(random >> 8, random >> 16, random >> 24);
            // solhint-disable-next-line avoid-low-level-calls
            (bool done, bytes memory answer) = address(_handler).call(bytes.concat(calls[random % 25], arguments));
            require(done, string(answer));
            if (step % 4 == 0) _handler.check();
        }
        for (uint256 action = 0; action <= uint256(type(AttackHandler.Action).max); ++action) {
            bool happened = _handler.actions(AttackHandler.Action(action)) != 0;
            require(happened, string(abi.encodePacked("never happened: action ", bytes1(uint8(65 + action)))));
        }
        require(_handler.restoredTrainers() != 0, "no void left anybody time");
        require(_handler.probedVoids() != 0, "nothing wrong stood");
        _handler.windUp();
    }

    /// @dev Rounds go on more often than anything else happens.
    function _calls() private view returns (bytes4[25] memory) {
        return [
            _handler.join.selector,
            _handler.join.selector,
            _handler.quit.selector,
            _handler.submit.selector,
            _handler.reportAbsence.selector,
            _handler.propose.selector,
            _handler.propose.selector,
            _handler.propose.selector,
            _handler.claimTurn.selector,
            _handler.void.selector,
            _handler.finalize.selector,
            _handler.finalize.selector,
            _handler.skip.selector,
            _handler.accuseItself.selector,
            _handler.slashTrainer.selector,
            _handler.announce.selector,
            _handler.demand.selector,
            _handler.vote.selector,
            _handler.eject.selector,
            _handler.fund.selector,
            _handler.state.selector,
            _handler.voidStatement.selector,
            _handler.finalizeStatement.selector,
            _handler.claim.selector,
            _handler.restore.selector
        ];
    }
}
