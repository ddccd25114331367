// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { MerkleTree } from "../libraries/MerkleTree.sol";
import { Attestation } from "../types/Attestation.sol";
import { Anchor, Clock, Proposal } from "../types/Round.sol";
import { UpdateTerms } from "../types/UpdateTerms.sol";
import { AttackSetup } from "./AttackSetup.t.sol";
import { Signers } from "./Signers.t.sol";
import { vm } from "./Vm.t.sol";

/// @title For tests: the rounds, and what they must wait for
abstract contract AttackRounds is AttackSetup {
    /// @dev The proposals that stand, oldest first, and which of all there ever were are wrong.
    Proposal[] internal _standing;
    mapping(bytes32 modelRoot => bool) internal _isWrong;
    bytes32 internal _finalRoot = bytes32(uint256(2));
    uint32[] internal _finals;
    mapping(uint32 round => Proposal) internal _proposalOf;
    uint32 internal _skipped;
    uint32 internal _noted;
    uint256 private _salt;
    mapping(bytes32 modelRoot => uint256) internal _saltOf;
    mapping(address account => bool) internal _trains;
    /// @dev The trainers that the round waits or has waited for; the members when it opened; the trainers that have submitted.
    mapping(uint32 round => mapping(address account => bool)) internal _awaited;
    mapping(uint32 round => mapping(address account => bool)) internal _opened;
    mapping(uint32 round => mapping(address account => bool)) internal _submitted;
    mapping(uint32 round => mapping(uint256 edition => mapping(address signer => bytes32))) private _signed;
    uint256 public voids;
    uint256 public restoredTrainers;
    uint256 public probedVoids;

    // ── what everybody who goes by the rules does in time ──

    function _passTo(uint256 timestamp) internal {
        for (uint256 place = 0; place < _standing.length; ++place) {
            uint256 closesAt = federation.proposalOf(_standing[place].round).closesAt;
            if (closesAt > timestamp || !_isWrong[_standing[place].modelRoot]) continue;
            _void(place, WATCHER);
            break;
        }
        Clock memory open = federation.clock();
        if (open.round != 0 && _now() < open.submissionDeadline && open.submissionDeadline <= timestamp) {
            for (uint256 who = 0; who < ACTORS; ++who) if (_isHonest(who)) _submit(who);
        }
        if (timestamp > _now()) vm.warp(timestamp);
    }

    function _maySubmit(uint256 who) internal view returns (bool) {
        Clock memory open = federation.clock();
        address account = _actor(who);
        bool awaited = _awaited[open.round][account] && !_submitted[open.round][account];
        return open.round != 0 && _now() < open.submissionDeadline && awaited;
    }

    function _submit(uint256 who) internal returns (bool) {
        if (!_maySubmit(who)) return false;
        uint32 round = federation.clock().round;
        _submitNow(who, round);
        _submitted[round][_actor(who)] = true;
        return true;
    }

    function probeSubmission(uint256 who) external {
        if (!_probing) return;
        _submitNow(who, federation.clock().round);
        revert Probed();
    }

    // ── proposals ──

    /// @dev Whoever's turn it is proposes, or another aggregator after it. What a wrong proposal says of its inputs nobody knows.
    function _propose(uint256 seed) internal returns (bool) {
        Clock memory open = federation.clock();
        address proposer = seed % 5 == 0 ? federation.aggregators()[(seed >> 8) % federation.aggregators().length] : federation.turnHolder();
        bool wrong = seed % 3 != 0 && !_isHonestAccount(proposer);
        uint32 count = wrong ? open.expectedTrainers : _inputCount(open.round);
        if (count != open.expectedTrainers) _passTo(open.submissionDeadline);
        if (proposer != federation.turnHolder()) _passTo(uint256(open.submissionDeadline) + federation.parameters().turnSeconds);
        // the time that passed may have voided what the proposal stands on
        if (federation.clock().edition != open.edition || !federation.isAggregator(proposer)) return false;
        if (!wrong) count = _inputCount(open.round);
        uint256 minimum = federation.parameters().minimumUpdates;
        if (minimum == 0) minimum = federation.clock().expectedTrainers / 2 + 1;
        if (count < minimum) return false;

        Proposal memory proposal = _proposal(open, count, wrong);
        (Attestation[] memory attestations, uint256 weight) = _attest(proposal, proposer, wrong, open.edition);
        if (weight < federation.attestationQuorum(open.round)) return false;
        vm.prank(proposer);
        federation.proposeAggregate(proposal, new address[](0), attestations, Anchor(0, 0));
        _standing.push(proposal);
        _isWrong[proposal.modelRoot] = wrong;
        _note();
        return true;
    }

    /// @dev Voids the proposal at this place. Those after it stand on it, and fall with it.
    function _void(uint256 place, address challenger) internal {
        Proposal memory proposal = _standing[place];
        uint256 proposedAt = federation.proposalOf(proposal.round).proposedAt;
        bool early = proposedAt < federation.termsOf(proposal.round).submissionDeadline;
        federation.voidProposal(proposal, challenger);
        _afterVoid(place, early);
    }

    function _afterVoid(uint256 place, bool early) internal {
        uint32 round = _standing[place].round;
        while (_standing.length > place) _standing.pop();
        _note();
        Clock memory open = federation.clock();
        require(open.round == round && open.reopened, "the round is not open again");
        uint256 deadline = _now() + (early ? federation.parameters().submissionSeconds : 0);
        require(open.submissionDeadline == deadline, "who had time left has another time");
        for (uint256 who = 0; who < ACTORS; ++who) {
            if (!_maySubmit(who)) continue;
            _mustPass(abi.encodeCall(this.probeSubmission, (who)), "who had time left may not submit");
            ++restoredTrainers;
        }
        ++voids;
    }

    function probeVoid(uint256 place, address challenger) external {
        if (!_probing) return;
        federation.voidProposal(_standing[place], challenger);
        revert Probed();
    }

    function _finalize() internal {
        uint32 round = _standing[0].round;
        _finalRoot = _standing[0].modelRoot;
        _finals.push(round);
        _proposalOf[round] = _standing[0];
        for (uint256 place = 1; place < _standing.length; ++place) _standing[place - 1] = _standing[place];
        _standing.pop();
        federation.finalizeRound(round);
        _note();
    }

    /// @dev Follows which members have left, and which round has opened.
    function _note() internal {
        Clock memory open = federation.clock();
        uint32 latest = federation.latestRound();
        for (uint256 who = 0; who < ACTORS; ++who) {
            address account = _actor(who);
            bool trains = federation.isTrainer(account);
            if (_trains[account] && !trains) {
                for (uint32 round = latest > RING ? latest - RING : 1; round <= latest; ++round) {
                    if (!_submitted[round][account]) _awaited[round][account] = false;
                }
            }
            _trains[account] = trains;
            if (open.round > _noted) (_awaited[open.round][account], _opened[open.round][account]) = (trains, trains);
        }
        if (open.round > _noted) _noted = open.round;
    }

    /// @dev The trainer's submissions to this round and to the open one count for nothing any more.
    function _discard(uint32 round, address trainer) internal {
        uint32 open = federation.clock().round;
        _awaited[round][trainer] = false;
        if (_submitted[open][trainer]) _awaited[open][trainer] = false;
    }

    function _hasMissed(uint32 round, address account) internal view returns (bool) {
        return _opened[round][account] && !_submitted[round][account];
    }

    function _isHonestAccount(address account) internal view returns (bool) {
        for (uint256 who = 0; who < ACTORS; ++who) if (_actor(who) == account) return _isHonest(who);
        return false;
    }

    // ── what must hold ──

    function _checkRounds() internal {
        Clock memory open = federation.clock();
        if (open.round != 0) require(open.expectedTrainers == _waitsFor(open.round), "the round waits for others");
        for (uint256 place = 0; place < _standing.length; ++place) {
            uint32 round = _standing[place].round;
            bool same = federation.termsOf(round).expectedTrainers == _waitsFor(round);
            require(same, "the round would wait for others");
            if (!_isWrong[_standing[place].modelRoot]) continue;
            bytes memory probe = abi.encodeCall(this.probeVoid, (place, place == 0 ? address(0) : WATCHER));
            _mustPass(probe, "a wrong proposal cannot be voided");
            ++probedVoids;
        }
        bytes32 root = _standing.length == 0 ? _finalRoot : _standing[_standing.length - 1].modelRoot;
        require(federation.baseHash() == keccak256(abi.encode(root, bytes32(0))), "another base");
    }

    function _waitsFor(uint32 round) private view returns (uint256 count) {
        for (uint256 who = 0; who < ACTORS; ++who) if (_awaited[round][_actor(who)]) ++count;
    }

    // ── internal ──

    function _submitNow(uint256 who, uint32 round) private {
        UpdateTerms terms = UpdateTerms.wrap((uint120(round) << 80) | (1 << 16) | 7);
        vm.prank(_actor(who));
        federation.submitUpdate(terms, keccak256(abi.encode(who, round)), bytes32(uint256(round)));
    }

    function _inputCount(uint32 round) private view returns (uint32 count) {
        for (uint256 who = 0; who < ACTORS; ++who) if (_counts(round, _actor(who))) ++count;
    }

    function _counts(uint32 round, address account) private view returns (bool) {
        return _submitted[round][account] && _awaited[round][account];
    }

    function _proposal(Clock memory open, uint32 count, bool wrong) private returns (Proposal memory proposal) {
        proposal.round = open.round;
        proposal.baseRound = open.baseRound;
        (proposal.inputCount, proposal.totalWeight) = (count, count);
        proposal.baseModelRoot = _standing.length == 0 ? _finalRoot : _standing[_standing.length - 1].modelRoot;
        proposal.modelRoot = MerkleTree.reduceInPlace(_modelLeaves(++_salt));
        _saltOf[proposal.modelRoot] = _salt;
        bytes memory known = abi.encode(open.round);
        for (uint256 who = 0; who < ACTORS; ++who) known = abi.encode(known, _counts(open.round, _actor(who)));
        proposal.inputsRoot = wrong ? keccak256(abi.encode(_salt)) : keccak256(known);
    }

    function _modelLeaves(uint256 salt) internal pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](2);
        (leaves[0], leaves[1]) = (keccak256(abi.encode(salt, 0)), keccak256(abi.encode(salt, 1)));
    }

    /// @dev An account that goes by the rules signs one root for each edition, and never has a reason to sign another.
    function _attest(
        Proposal memory proposal,
        address proposer,
        bool wrong,
        uint32 edition
    ) private returns (Attestation[] memory attestations, uint256 weight) {
        attestations = new Attestation[](ACTORS);
        uint256 count = 0;
        for (uint256 who = 0; who < ACTORS; ++who) {
            address account = _actor(who);
            uint256 own = federation.electorWeight(account, proposal.round);
            if (own == 0 || (wrong && _isHonest(who))) continue;
            weight += own;
            if (_isHonest(who)) {
                bytes32 before = _signed[proposal.round][edition][account];
                require(before == 0 || before == proposal.inputsRoot, "who is honest would sign twice");
                _signed[proposal.round][edition][account] = proposal.inputsRoot;
            }
            if (account == proposer) continue;
            attestations[count++] = Signers.sign(_signers[who], address(federation), proposal.round, edition, proposal.inputsRoot);
        }
        assembly ("memory-safe") {
            mstore(attestations, count)
        }
    }
}
