// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IRewards } from "../interfaces/IRewards.sol";
import { Balances } from "../libraries/Balances.sol";
import { MerkleTree } from "../libraries/MerkleTree.sol";
import { ProposalRecord } from "../types/Round.sol";
import { RewardFacts, RewardRecord, RewardStatement } from "../types/Reward.sol";
import { AttackRounds } from "./AttackRounds.t.sol";
import { vm } from "./Vm.t.sol";

/// @title For tests: reward statements, right and wrong, that give the aggregators their fees and the trainers nothing
abstract contract AttackRewards is AttackRounds {
    uint256 internal constant WEI_PER_GWEI = 1e9;

    /// @dev The reward statements in flight, oldest first.
    uint32[] internal _stated;
    mapping(uint32 round => RewardFacts) internal _facts;
    mapping(uint32 round => RewardStatement) internal _statements;
    mapping(uint32 round => bool) internal _isWrongStatement;
    /// @dev What a reward statement makes of the accounts, by place.
    mapping(uint32 round => uint64[ACTORS]) private _earnedGwei;
    uint32 private _number;
    uint32 internal _finalStatement;
    uint32[] private _finalStatements;
    /// @dev The reward statement whose balances are final; voters may have restored an earlier one.
    uint32 private _balancesOf;
    uint64[ACTORS] private _claimedGwei;
    uint256 internal _paidGwei;
    uint256 internal _fundedGwei;
    uint256 internal _finalGwei;
    uint256 public voidedStatements;
    uint256 public refusedClaims;

    function _fund(uint256 amountGwei) internal {
        rewards.fund(amountGwei * WEI_PER_GWEI);
        _fundedGwei += amountGwei;
    }

    /// @return round The next final round that has no statement and can have one.
    function _nextToState() internal view returns (uint32 round, bool voided) {
        (uint32 stated, , ) = rewards.rewardHead();
        for (uint256 place = 0; place < _finals.length; ++place) {
            round = _finals[place];
            if (round <= stated) continue;
            voided = _facts[round].round == round && _isVoidOf(round) && _facts[round].previousRound == stated;
            if (voided) return (round, true);
            ProposalRecord memory record = federation.proposalOf(round);
            if (record.round == round && _follows(record.baseRound, stated)) return (round, false);
        }
        return (0, false);
    }

    function _state(uint256 seed, bool wrong) internal returns (bool) {
        (uint32 round, bool voided) = _nextToState();
        if (round == 0) return false;
        address aggregator = _statingAggregator(wrong);
        if (aggregator == address(0)) return false;
        if (!voided) _passTo(uint256(federation.proposalOf(round).closesAt) + federation.parameters().turnSeconds);
        (uint32 next, bool still) = _nextToState();
        if (next != round || still != voided || !federation.isAggregator(aggregator)) return false;
        RewardFacts memory known = _facts[round];
        RewardStatement memory statement = _settle(round, voided, seed, wrong);
        vm.prank(aggregator);
        if (voided) rewards.restateRewards(known, statement);
        else rewards.proposeRewards(_proposalOf[round], statement);
        _stated.push(round);
        _isWrongStatement[round] = wrong;
        return true;
    }

    function _voidStatement(uint256 place, address challenger) internal {
        uint32 round = _stated[place];
        rewards.voidRewards(_facts[round], _statements[round], challenger);
        while (_stated.length > place) _stated.pop();
        ++voidedStatements;
        _note();
    }

    function probeVoidOfStatement(uint256 place, address challenger) external {
        if (!_probing) return;
        rewards.voidRewards(_facts[_stated[place]], _statements[_stated[place]], challenger);
        revert Probed();
    }

    /// @dev Finalises a wrong reward statement too, where nobody has looked.
    function _finalizeStatement() internal {
        uint32 round = _stated[0];
        _passTo(rewards.rewardOf(round).closesAt);
        _finalGwei = rewards.rewardOf(round).allocatedGwei;
        rewards.finalizeRewards(round);
        for (uint256 place = 1; place < _stated.length; ++place) _stated[place - 1] = _stated[place];
        _stated.pop();
        (_finalStatement, _balancesOf) = (round, round);
        _finalStatements.push(round);
    }

    /// @dev Claims all that a final balance says, as far as it was allocated.
    function _claim(uint256 who) internal returns (bool) {
        address account = _actor(who);
        uint64 earned = _earnedGwei[_balancesOf][who];
        if (_balancesOf == 0 || earned <= _claimedGwei[who]) return false;
        uint64 amount = earned - _claimedGwei[who];
        bytes memory call = abi.encodeCall(rewards.claim, (account, earned, 0, _path(_balancesOf, who)));
        vm.prank(account);
        // solhint-disable-next-line avoid-low-level-calls
        (bool done, bytes memory answer) = address(rewards).call(call);
        if (_paidGwei + amount > _finalGwei) {
            require(!done && bytes4(answer) == IRewards.MoreThanAllocated.selector, "more was paid than allocated");
            ++refusedClaims;
            return false;
        }
        require(done, "an allocated reward was not paid");
        _claimedGwei[who] = earned;
        _paidGwei += amount;
        return true;
    }

    /// @notice Votes that an earlier final reward statement holds again, and that the pool covers some of what was taken.
    function _restore(uint256 seed) internal returns (bool) {
        if (_finalStatements.length == 0) return false;
        uint32 round = _finalStatements[seed % _finalStatements.length];
        if (rewards.rewardOf(round).round != round) return false;
        uint256 coverGwei = (seed >> 8) % (_fundedGwei - _finalGwei + 1);
        policy.restoreBalances(round, uint64(coverGwei));
        delete _stated;
        _balancesOf = round;
        _finalGwei += coverGwei;
        return true;
    }

    // ── what must hold ──

    function _checkRewards() internal {
        (uint64 funded, uint64 allocated) = rewards.pool();
        require(funded == _fundedGwei, "funded");
        require(_paidGwei <= _finalGwei, "more is paid than final");
        require(_finalGwei <= allocated && allocated <= funded, "more is final than funded");
        require(token.balanceOf(address(rewards)) == (_fundedGwei - _paidGwei) * WEI_PER_GWEI, "pool");
        for (uint256 place = 0; place < _stated.length; ++place) {
            address challenger = place == 0 ? address(0) : WATCHER;
            bytes memory probe = abi.encodeCall(this.probeVoidOfStatement, (place, challenger));
            _mustPass(probe, "a statement cannot be voided");
        }
    }

    // ── internal ──

    /// @return True where the base round is the last stated one, or the federation has forgotten it and nobody stated it.
    function _follows(uint32 baseRound, uint32 stated) private view returns (bool) {
        if (baseRound <= stated) return baseRound == stated;
        return federation.proposalOf(baseRound).round == 0 && _facts[baseRound].round == 0;
    }

    function _isVoidOf(uint32 round) private view returns (bool) {
        for (uint256 place = 0; place < _stated.length; ++place) if (_stated[place] == round) return false;
        return round > _finalStatement;
    }

    function _statingAggregator(bool wrong) private view returns (address) {
        address[] memory accounts = federation.aggregators();
        for (uint256 place = 0; place < accounts.length; ++place) {
            if (_isHonestAccount(accounts[place]) != wrong) return accounts[place];
        }
        return address(0);
    }

    function _settle(
        uint32 round,
        bool voided,
        uint256 seed,
        bool wrong
    ) private returns (RewardStatement memory statement) {
        RewardFacts memory facts = _facts[round];
        (uint32 stated, uint32 final_, bytes32 finalRoot) = rewards.rewardHead();
        facts.number = ++_number;
        (facts.round, facts.previousRound) = (round, stated);
        RewardRecord memory previous = rewards.rewardOf(stated);
        (, uint32 finalAccounts) = rewards.finalBalances();
        facts.previousAccounts = stated == final_ ? finalAccounts : previous.accounts;
        statement.previousBalancesRoot = stated == final_ ? finalRoot : previous.balancesRoot;
        if (!voided) {
            ProposalRecord memory record = federation.proposalOf(round);
            (facts.aggregator, facts.proposedAt) = (record.proposer, record.proposedAt);
            facts.challengeSeconds = record.closesAt - record.proposedAt;
            (facts.inputCount, facts.inputsRoot) = (_proposalOf[round].inputCount, _proposalOf[round].inputsRoot);
        }
        facts.accounts = uint32(ACTORS);
        (, uint64 allocated) = rewards.pool();
        uint64 funded = rewards.fundedGweiBefore(facts.proposedAt + 50);
        uint64 wanted = rewards.rewardParameters().rewardGwei;
        uint64 available = funded > allocated ? funded - allocated : 0;
        statement.round = round;
        statement.accounts = uint32(ACTORS);
        statement.paidGwei = available < wanted ? available : wanted;
        facts.feeGwei = statement.paidGwei / 10;
        uint32 base = stated == final_ ? _balancesOf : stated;
        for (uint256 who = 0; who < ACTORS; ++who) {
            uint64 earned = _earnedGwei[base][who];
            // a wrong reward statement gives attackers what it likes
            if (wrong && !_isHonest(who)) earned += uint64(seed % (4 * uint256(wanted)));
            if (!wrong && _actor(who) == facts.aggregator) earned += facts.feeGwei;
            _earnedGwei[round][who] = earned;
        }
        statement.pageRoots = new bytes32[](1);
        statement.pageRoots[0] = MerkleTree.reduceInPlace(_leaves(round));
        (_facts[round], _statements[round]) = (facts, statement);
    }

    /// @dev Accounts enrolled by index, so an account's place is its index.
    function _leaves(uint32 round) private view returns (bytes32[] memory nodes) {
        nodes = new bytes32[](256);
        for (uint256 who = 0; who < ACTORS; ++who) nodes[who] = Balances.leafHash(who, _earnedGwei[round][who], 0);
    }

    function _path(uint32 round, uint256 place) private view returns (bytes32[] memory path) {
        path = new bytes32[](8);
        for (uint256 height = 0; height < 8; ++height) {
            bytes32[] memory subtree = new bytes32[](1 << height);
            uint256 first = ((place >> height) ^ 1) << height;
            bytes32[] memory leaves = _leaves(round);
            for (uint256 rank = 0; rank < subtree.length; ++rank) subtree[rank] = leaves[first + rank];
            path[height] = MerkleTree.reduceInPlace(subtree);
        }
    }
}
