// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { RewardChallenges } from "../challenges/RewardChallenges.sol";
import { IRewardChallenges } from "../interfaces/IRewardChallenges.sol";
import { Policy } from "../governance/Policy.sol";
import { Balances } from "../libraries/Balances.sol";
import { MerkleTree } from "../libraries/MerkleTree.sol";
import { Scores } from "../libraries/Scores.sol";
import { Rewards } from "../rewards/Rewards.sol";
import { Stake } from "../staking/Stake.sol";
import { TributaryToken } from "../token/TributaryToken.sol";
import { Documents } from "../types/Policy.sol";
import { RewardFacts, RewardParameters, RewardStatement } from "../types/Reward.sol";
import { FederationParameters, Proposal, Rule } from "../types/Round.sol";
import { Deploy } from "./Deploy.t.sol";
import { ScriptedFederation } from "./ScriptedFederation.sol";
import { vm } from "./Vm.t.sol";

/// @title For tests: what Rewards must come to, computed a second time, from reward statements that say anything
abstract contract RewardBooks {
    enum Shown {
        Nothing,
        Committed,
        Revealed,
        Demanded,
        Published,
        Forfeited
    }

    struct Funded {
        uint256 timestamp;
        uint64 totalGwei;
    }

    /// @dev What a statement made of the accounts, by place.
    struct Book {
        uint64[] earnedGwei;
        uint16[] reputations;
        uint64 allocatedGwei;
        bytes32 root;
    }

    uint256 internal constant ACTORS = 8;
    uint256 internal constant AGGREGATORS = 2;
    /// @dev What comes after the ring is full is tested in test/contracts/rewards/ring.test.ts.
    uint32 internal constant ROUNDS = 63;
    uint32 internal constant SCORING = 20;
    uint32 internal constant REVEALING = 10;
    uint32 internal constant PUBLISHING = 10;
    uint32 internal constant CHALLENGING = 50;
    uint64 internal constant REWARD_GWEI = 1_000_003;
    uint96 internal constant BOND_WEI = 1e15;
    uint256 internal constant WEI_PER_GWEI = 1e9;

    bytes32 internal constant SALT = keccak256("salt");

    TributaryToken public immutable token;
    Stake public immutable stake;
    ScriptedFederation public immutable federation;
    RewardChallenges private immutable _challenges;
    Rewards public immutable rewards;

    Funded[] internal _funded;
    uint32 internal _proposed;
    uint32 internal _stated;
    uint32 internal _statements;
    address[] internal _enrolled;
    mapping(uint32 round => uint32) internal _proposedAt;
    /// @dev How many accounts there were when the scoring of the round was opened.
    mapping(uint32 round => uint32) internal _scored;
    mapping(address evaluator => uint256) internal _joinedAt;
    mapping(uint32 round => mapping(address evaluator => Shown)) internal _shown;
    mapping(uint32 round => Book) internal _books;
    mapping(uint32 round => RewardFacts) internal _facts;
    mapping(uint32 round => RewardStatement) internal _statementOf;

    constructor() {
        token = Deploy.token(address(this), 1e30);
        stake = Deploy.stake(token, address(this), 5_000);
        federation = Deploy.scriptedFederation(CHALLENGING);
        _challenges = Deploy.rewardChallenges();
        address expected = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        Policy policy = Deploy.policy(
            address(this),
            address(this),
            address(federation),
            expected,
            FederationParameters(
                100,
                1000,
                100,
                10,
                CHALLENGING,
                210,
                2,
                10,
                1000,
                Rule.Mean,
                0,
                8,
                5000,
                5000,
                1,
                10_000
            ),
            RewardParameters(100e18, REWARD_GWEI, SCORING, REVEALING, PUBLISHING, 100, 128, 1_000, 2_000, 1_000, BOND_WEI),
            Documents(bytes32(uint256(1)), 0, 0)
        );
        rewards = Deploy.rewards(policy, stake, token, address(this));
        token.approve(address(rewards), type(uint256).max);
        for (uint256 index = 0; index < ACTORS; ++index) {
            address account = actor(index);
            token.transfer(account, 10_000e18);
            vm.prank(account);
            token.approve(address(stake), 10_000e18);
            vm.prank(account);
            stake.deposit(address(rewards), 10_000e18);
            if (index < AGGREGATORS) federation.appoint(account);
        }
    }

    function actor(uint256 index) public pure returns (address) {
        return address(uint160(0xACC0 + (index % ACTORS)));
    }

    // ── scores ──

    /// @return An evaluator that may commit to scores of the newest round and has not.
    function _uncommitted(uint256 who) internal view returns (address, bool) {
        for (uint256 step = 0; step < ACTORS; ++step) {
            address account = actor((who % ACTORS) + step);
            bool may = rewards.isEvaluator(account) && _joinedAt[account] < _proposedAt[_proposed];
            bool open = _now() < _proposedAt[_proposed] + SCORING;
            if (may && open && _shown[_proposed][account] == Shown.Nothing) return (account, true);
        }
        return (address(0), false);
    }

    /// @return An evaluator whose scores of the newest round are in that state, where no more than so many seconds are over.
    function _who(uint256 who, Shown shown, uint256 seconds_) internal view returns (address, bool) {
        if (_now() >= _proposedAt[_proposed] + seconds_) return (address(0), false);
        for (uint256 step = 0; step < ACTORS; ++step) {
            address account = actor((who % ACTORS) + step);
            if (_shown[_proposed][account] == shown) return (account, true);
        }
        return (address(0), false);
    }

    /// @return The commitment to scores of the newest round, with the time of its proposal.
    function _commitmentOf(address evaluator) internal view returns (bytes32) {
        uint256 commitment = uint256(Scores.commitment(address(rewards), _proposed, evaluator, _scoresRoot()));
        uint256 without = commitment & ~(uint256(type(uint32).max) << 188);
        return bytes32(without | (uint256(_proposedAt[_proposed]) << 188));
    }

    function _scoresRoot() internal pure returns (bytes32) {
        return Scores.rootOf(SALT, 1, Scores.wordHash(bytes32(uint256(5) << 240)));
    }

    // ── statements ──

    /// @dev Makes any well-formed reward statement: only the reward challenges look at what it says of scores and stake.
    function _settle(
        uint32 round,
        uint256 seed
    ) internal returns (RewardFacts memory facts, RewardStatement memory statement) {
        facts.number = _statements + 1;
        facts.round = round;
        facts.previousRound = round - 1;
        facts.previousAccounts = uint32(_books[round - 1].earnedGwei.length);
        statement.previousBalancesRoot = _books[round - 1].root;
        facts.aggregator = actor(0);
        facts.proposedAt = _proposedAt[round];
        facts.challengeSeconds = CHALLENGING;
        facts.inputCount = 1;
        facts.scoredAccounts = _scored[round];
        facts.accounts = uint32(_enrolled.length);

        statement.round = round;
        statement.accounts = facts.accounts;
        _listTrainers(facts, statement, seed);
        _listEvaluators(facts, statement, seed);
        _allot(facts, statement);
        _credit(facts, statement);
        statement.pageRoots = new bytes32[](1);
        statement.pageRoots[0] = _books[round].root;
    }

    function _listTrainers(RewardFacts memory facts, RewardStatement memory statement, uint256 seed) private pure {
        int16[] memory sorted = new int16[](facts.scoredAccounts);
        uint256 count = 0;
        for (uint256 place = 0; place < facts.scoredAccounts; ++place) {
            uint256 random = _random(seed, place);
            if (random % 4 == 0) continue;
            (int16 score, uint64 stakeTokens) = (int16(int256((random >> 8) % 41)) - 20, uint64((random >> 16) % 1000));
            statement.entries = abi.encodePacked(statement.entries, uint32(place), uint16(0), score, stakeTokens);
            if (score > 0) facts.contribution += uint128(stakeTokens * uint16(score));
            uint256 rank = count++;
            for (; rank != 0 && sorted[rank - 1] > score; --rank) sorted[rank] = sorted[rank - 1];
            sorted[rank] = score;
        }
        if (count != 0) statement.middle = sorted[(count - 1) / 2];
        for (uint256 rank = 0; rank < count; ++rank) {
            int256 difference = int256(sorted[rank]) - statement.middle;
            facts.spread += uint64(uint256(difference < 0 ? -difference : difference));
        }
    }

    function _listEvaluators(RewardFacts memory facts, RewardStatement memory statement, uint256 seed) private pure {
        for (uint256 index = 0; index < ACTORS; ++index) {
            uint256 random = _random(seed, ACTORS + index);
            if (random % 2 == 0) continue;
            (uint64 stakeTokens, uint64 distance) = (uint64((random >> 8) % 1000), uint64((random >> 24) % 90));
            bytes memory listed = abi.encodePacked(actor(index), bytes32(random), stakeTokens, distance);
            statement.evaluators = abi.encodePacked(statement.evaluators, listed);
            if (facts.spread > distance) facts.agreement += uint192(stakeTokens) * (facts.spread - distance);
        }
    }

    function _allot(RewardFacts memory facts, RewardStatement memory statement) private view {
        uint64 funded = 0;
        uint256 settledAt = facts.proposedAt + SCORING + REVEALING + 2 * PUBLISHING;
        for (uint256 rank = 0; rank < _funded.length && _funded[rank].timestamp < settledAt; ++rank) funded = _funded[rank].totalGwei;
        uint64 allocated = _books[facts.previousRound].allocatedGwei;
        uint64 left = funded > allocated ? funded - allocated : 0;
        uint64 paid = left < REWARD_GWEI ? left : REWARD_GWEI;
        (uint64 fee, uint64 pot) = (paid / 10, paid / 5);
        if (rewards.accountOf(facts.aggregator).number != 0) facts.feeGwei = fee;
        if (facts.contribution != 0) facts.trainerPotGwei = paid - fee - pot;
        if (facts.agreement != 0) facts.evaluatorPotGwei = pot;
        statement.paidGwei = paid;
    }

    function _credit(RewardFacts memory facts, RewardStatement memory statement) private {
        Book memory book = _books[facts.previousRound];
        Book storage next = _books[facts.round];
        (next.earnedGwei, next.reputations) = (new uint64[](facts.accounts), new uint16[](facts.accounts));
        for (uint256 place = 0; place < facts.previousAccounts; ++place) {
            (next.earnedGwei[place], next.reputations[place]) = (book.earnedGwei[place], book.reputations[place]);
        }
        for (uint256 from = 0; from < statement.entries.length; from += 16) {
            uint256 word = _word(statement.entries, from) >> 128;
            (uint256 place, int16 score) = (word >> 96, int16(uint16(word >> 64)));
            if (score > 0 && facts.contribution != 0) {
                uint256 part = uint256(uint64(word)) * uint16(score);
                next.earnedGwei[place] += uint64((facts.trainerPotGwei * part) / facts.contribution);
            }
            next.reputations[place] = Balances.reputationAfter(next.reputations[place], score, statement.middle);
        }
        for (uint256 from = 0; from < statement.evaluators.length; from += 68) {
            uint256 number = rewards.accountOf(address(uint160(_word(statement.evaluators, from) >> 96))).number;
            uint256 numbers = _word(statement.evaluators, from + 52) >> 128;
            (uint256 stakeTokens, uint256 distance) = (numbers >> 64, uint64(numbers));
            if (number == 0 || facts.spread <= distance || facts.agreement == 0) continue;
            uint256 part = stakeTokens * (facts.spread - distance);
            next.earnedGwei[number - 1] += uint64((facts.evaluatorPotGwei * part) / facts.agreement);
        }
        if (facts.feeGwei != 0) next.earnedGwei[rewards.accountOf(facts.aggregator).number - 1] += facts.feeGwei;
        uint64 pots = facts.trainerPotGwei + facts.evaluatorPotGwei + facts.feeGwei;
        next.allocatedGwei = book.allocatedGwei + pots;
        next.root = MerkleTree.reduceInPlace(_leaves(facts.round));
    }

    /// @dev The reward challenges come to the same balances.
    function _requireBalancesRight(uint32 round) internal {
        bytes memory balances = "";
        Book memory before = _books[round - 1];
        for (uint256 place = 0; place < before.earnedGwei.length; ++place) {
            balances = abi.encodePacked(balances, before.earnedGwei[place], before.reputations[place]);
        }
        bytes memory call = abi.encodeCall(
            _challenges.refuteBalances,
            (rewards, _facts[round], _statementOf[round], 0, balances, new bytes32[](0))
        );
        _mustFailAt(address(_challenges), actor(0), call, IRewardChallenges.BalancesAreRight.selector);
    }

    /// @return True where the round has a reward statement that does not stand.
    function _isVoided(uint32 round) internal view returns (bool) {
        return round <= _proposed && _facts[round].round == round;
    }

    // ── balances ──

    function _earnedGwei(uint32 round, uint256 place) internal view returns (uint64) {
        Book storage book = _books[round];
        return place < book.earnedGwei.length ? book.earnedGwei[place] : 0;
    }

    function _reputation(uint32 round, uint256 place) internal view returns (uint16) {
        Book storage book = _books[round];
        return place < book.reputations.length ? book.reputations[place] : 0;
    }

    function _claimOf(address account, uint32 round, uint256 place) internal view returns (bytes memory) {
        bytes32[] memory path = _path(round, place);
        return abi.encodeCall(rewards.claim, (account, _earnedGwei(round, place), _reputation(round, place), path));
    }

    function _leaves(uint32 round) private view returns (bytes32[] memory nodes) {
        Book memory book = _books[round];
        nodes = new bytes32[](256);
        for (uint256 place = 0; place < book.earnedGwei.length; ++place) {
            nodes[place] = Balances.leafHash(place, book.earnedGwei[place], book.reputations[place]);
        }
    }

    /// @return path The roots of the subtrees beside the way up.
    function _path(uint32 round, uint256 place) internal view returns (bytes32[] memory path) {
        bytes32[] memory leaves = _leaves(round);
        path = new bytes32[](8);
        for (uint256 height = 0; height < 8; ++height) {
            bytes32[] memory subtree = new bytes32[](1 << height);
            uint256 first = ((place >> height) ^ 1) << height;
            for (uint256 rank = 0; rank < subtree.length; ++rank) subtree[rank] = leaves[first + rank];
            path[height] = MerkleTree.reduceInPlace(subtree);
        }
    }

    // ── internal ──

    function _account(uint256 who) internal view returns (address, bool) {
        if (_enrolled.length == 0) return (address(0), false);
        return (_enrolled[who % _enrolled.length], true);
    }

    function _fundedGwei() internal view returns (uint64) {
        return _funded.length == 0 ? 0 : _funded[_funded.length - 1].totalGwei;
    }

    function _proposal(uint32 round) internal pure returns (Proposal memory proposal) {
        (proposal.round, proposal.baseRound, proposal.inputCount) = (round, round - 1, 1);
        proposal.modelRoot = bytes32(uint256(round));
    }

    function _random(uint256 seed, uint256 index) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, index)));
    }

    function _word(bytes memory from, uint256 start) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(from, 0x20), start))
        }
    }

    function _now() internal view returns (uint256) {
        return vm.getBlockTimestamp();
    }

    function _passTo(uint256 timestamp) internal {
        if (timestamp > _now()) vm.warp(timestamp);
    }

    function _mustFail(address sender, bytes memory call, bytes4 refusal) internal {
        _mustFailAt(address(rewards), sender, call, refusal);
    }

    function _mustFailAt(address target, address sender, bytes memory call, bytes4 refusal) private {
        vm.prank(sender);
        // solhint-disable-next-line avoid-low-level-calls
        (bool done, bytes memory answer) = target.call(call);
        require(!done && bytes4(answer) == refusal, "was not refused, or for another reason");
    }
}
