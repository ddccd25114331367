// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IRewardChallenges } from "../interfaces/IRewardChallenges.sol";
import { IRewards } from "../interfaces/IRewards.sol";
import { Balances } from "../libraries/Balances.sol";
import { Inputs } from "../libraries/Inputs.sol";
import { MerkleTree } from "../libraries/MerkleTree.sol";
import { Scores } from "../libraries/Scores.sol";
import { Statements } from "../libraries/Statements.sol";
import { InputOpening } from "../types/Evidence.sol";
import { RewardFacts, RewardStatement } from "../types/Reward.sol";
import { Challenges } from "./Challenges.sol";

contract RewardChallenges is IRewardChallenges, Challenges {
    uint256 private constant WEI_PER_TOKEN = 1e18;
    uint256 private constant BALANCE_BYTES = 10;

    function refuteEntry(
        IRewards rewards,
        RewardFacts calldata facts,
        RewardStatement calldata statement,
        uint256 entry,
        InputOpening calldata input
    ) external {
        Statements.Entry memory posted = Statements.entryAt(statement.entries, entry);
        if (posted.inputIndex < facts.inputCount) {
            require(input.index == posted.inputIndex, AnotherInput(input.index, posted.inputIndex));
            _requireInput(facts, input);
            uint256 number = rewards.accountOf(input.trainer).number;
            bool right = number == posted.place + 1 &&
                posted.stakeTokens == _stakeTokens(rewards, address(rewards.federation()), input.trainer, facts);
            require(!right, EntryIsRight(entry));
        }
        _void(rewards, facts, statement);
    }

    function refuteMissingEntry(
        IRewards rewards,
        RewardFacts calldata facts,
        RewardStatement calldata statement,
        InputOpening calldata input
    ) external {
        _requireInput(facts, input);
        uint256 number = rewards.accountOf(input.trainer).number;
        require(number != 0 && number <= facts.scoredAccounts, NotScored(input.trainer));
        uint256 count = Statements.entryCount(statement);
        for (uint256 index = 0; index < count; ++index) {
            uint256 place = Statements.entryAt(statement.entries, index).place;
            require(place + 1 != number, IsListed(input.trainer));
        }
        _void(rewards, facts, statement);
    }

    function refuteEvaluator(
        IRewards rewards,
        RewardFacts calldata facts,
        RewardStatement calldata statement,
        uint256 index,
        bytes32 salt,
        uint32 count,
        bytes32 treeRoot
    ) external {
        Statements.Evaluator memory posted = Statements.evaluatorAt(statement.evaluators, index);
        bool miscounted = Scores.rootOf(salt, count, treeRoot) == posted.scoresRoot &&
            count != Statements.entryCount(statement);
        bool right = !miscounted &&
            rewards.counts(facts.round, facts.proposedAt, posted.account, posted.scoresRoot) &&
            posted.stakeTokens == _stakeTokens(rewards, address(rewards), posted.account, facts);
        require(!right, EvaluatorIsRight(posted.account));
        _void(rewards, facts, statement);
    }

    function refuteMissingEvaluator(
        IRewards rewards,
        RewardFacts calldata facts,
        RewardStatement calldata statement,
        address evaluator,
        bytes32 salt,
        bytes32 treeRoot
    ) external {
        bytes32 scoresRoot = Scores.rootOf(salt, Statements.entryCount(statement), treeRoot);
        bool counted = rewards.counts(facts.round, facts.proposedAt, evaluator, scoresRoot);
        require(counted, DoesNotCount(evaluator));
        uint256 count = Statements.evaluatorCount(statement);
        for (uint256 index = 0; index < count; ++index) {
            address listed = Statements.evaluatorAt(statement.evaluators, index).account;
            require(listed != evaluator, IsListed(evaluator));
        }
        _void(rewards, facts, statement);
    }

    function refuteScore(
        IRewards rewards,
        RewardFacts calldata facts,
        RewardStatement calldata statement,
        uint256 entry,
        bytes32[] calldata words,
        bytes32[][] calldata paths,
        bytes32[] calldata salts
    ) external {
        int256 score = Statements.entryAt(statement.entries, entry).score;
        uint256 count = Statements.evaluatorCount(statement);
        MerkleTree.requireLength(words.length, count);
        MerkleTree.requireLength(paths.length, count);
        MerkleTree.requireLength(salts.length, count);
        uint256 total = 0;
        uint256 below = 0;
        uint256 atOrBelow = 0;
        for (uint256 index = 0; index < count; ++index) {
            Statements.Evaluator memory evaluator = Statements.evaluatorAt(statement.evaluators, index);
            _requireWord(statement, evaluator, entry, words[index], paths[index], salts[index]);
            int256 given = Scores.scoreIn(words[index], entry);
            total += evaluator.stakeTokens;
            if (given < score) below += evaluator.stakeTokens;
            if (given <= score) atOrBelow += evaluator.stakeTokens;
        }
        bool right = total == 0 ? score == 0 : 2 * below < total && 2 * atOrBelow >= total;
        require(!right, ScoreIsRight(entry));
        _void(rewards, facts, statement);
    }

    function refuteDistance(
        IRewards rewards,
        RewardFacts calldata facts,
        RewardStatement calldata statement,
        uint256 index,
        bytes32 salt,
        bytes calldata scores
    ) external {
        Statements.Evaluator memory posted = Statements.evaluatorAt(statement.evaluators, index);
        uint256 count = Statements.entryCount(statement);
        MerkleTree.requireLength(scores.length, 2 * count);
        bytes32 scoresRoot = Scores.rootOf(salt, count, Scores.treeRootOf(scores));
        require(scoresRoot == posted.scoresRoot, OtherScoresRoot(posted.account));
        uint256 distance = 0;
        for (uint256 entry = 0; entry < count; ++entry) {
            int256 given = int16(uint16(bytes2(scores[2 * entry:])));
            int256 score = Statements.entryAt(statement.entries, entry).score;
            distance += uint256(given > score ? given - score : score - given);
        }
        require(distance != posted.distance, DistanceIsRight(posted.account));
        _void(rewards, facts, statement);
    }

    function refuteBalances(
        IRewards rewards,
        RewardFacts calldata facts,
        RewardStatement calldata statement,
        uint256 page,
        bytes calldata balances,
        bytes32[] calldata path
    ) external {
        uint256 first = page * Statements.PAGE_ACCOUNTS;
        uint256 old = _accountsIn(first, facts.previousAccounts);
        require(balances.length == BALANCE_BYTES * old, WrongPageLength(balances.length, BALANCE_BYTES * old));
        uint64[] memory earned = new uint64[](Statements.PAGE_ACCOUNTS);
        uint16[] memory reputations = new uint16[](Statements.PAGE_ACCOUNTS);
        for (uint256 index = 0; index < old; ++index) {
            uint256 start = BALANCE_BYTES * index;
            earned[index] = uint64(bytes8(balances[start:]));
            reputations[index] = uint16(bytes2(balances[start + 8:]));
        }
        if (old != 0) {
            bytes32 root = MerkleTree.rootOf(_pageRoot(first, old, earned, reputations), page, path);
            require(root == statement.previousBalancesRoot, NotThePage(root, statement.previousBalancesRoot));
        }
        _creditTrainers(facts, statement, first, earned, reputations);
        _creditEvaluators(rewards, facts, statement, first, earned);
        uint256 aggregator = rewards.accountOf(facts.aggregator).number;
        if (_isIn(first, aggregator)) earned[aggregator - 1 - first] += facts.feeGwei;

        bytes32 right = _pageRoot(first, _accountsIn(first, facts.accounts), earned, reputations);
        require(right != statement.pageRoots[page], BalancesAreRight(page));
        _void(rewards, facts, statement);
    }

    // ── internal ──

    function _void(IRewards rewards, RewardFacts calldata facts, RewardStatement calldata statement) private {
        address rewarded = _rewarded(rewards.federation(), facts.round);
        emit RewardsRefuted(rewards, facts.round, msg.sender, msg.sig);
        rewards.voidRewards(facts, statement, rewarded);
    }

    function _requireInput(RewardFacts calldata facts, InputOpening calldata input) private pure {
        MerkleTree.requireLength(input.groupPath.length, Inputs.depthOf(facts.inputCount));
        require(Inputs.rootOf(input) == facts.inputsRoot, Inputs.NotAnInput(input.index, facts.inputsRoot));
        // an empty place of the inputs' tree is nobody's
        require(input.trainer != address(0), Inputs.NotAnInput(input.index, facts.inputsRoot));
    }

    function _stakeTokens(
        IRewards rewards,
        address stakedFor,
        address account,
        RewardFacts calldata facts
    ) private view returns (uint256) {
        return rewards.stake().bondedWeiAt(stakedFor, account, facts.proposedAt) / WEI_PER_TOKEN;
    }

    function _requireWord(
        RewardStatement calldata statement,
        Statements.Evaluator memory evaluator,
        uint256 entry,
        bytes32 word,
        bytes32[] calldata path,
        bytes32 salt
    ) private pure {
        uint256 count = Statements.entryCount(statement);
        MerkleTree.requireLength(path.length, Scores.depthOf(count));
        bytes32 treeRoot = MerkleTree.rootOf(Scores.wordHash(word), entry / Scores.SCORES_PER_WORD, path);
        bytes32 scoresRoot = Scores.rootOf(salt, count, treeRoot);
        require(scoresRoot == evaluator.scoresRoot, OtherScoresRoot(evaluator.account));
    }

    function _creditTrainers(
        RewardFacts calldata facts,
        RewardStatement calldata statement,
        uint256 first,
        uint64[] memory earned,
        uint16[] memory reputations
    ) private pure {
        uint256 count = Statements.entryCount(statement);
        for (uint256 index = 0; index < count; ++index) {
            Statements.Entry memory entry = Statements.entryAt(statement.entries, index);
            if (!_isIn(first, entry.place + 1)) continue;
            uint256 place = entry.place - first;
            // the contribution is zero where nobody with a positive score has stake
            if (entry.score > 0 && facts.contribution != 0) {
                uint256 share = uint256(facts.trainerPotGwei) * entry.stakeTokens * uint256(entry.score);
                earned[place] += uint64(share / facts.contribution); // at most the pot, a uint64
            }
            reputations[place] = Balances.reputationAfter(reputations[place], entry.score, statement.middle);
        }
    }

    function _creditEvaluators(
        IRewards rewards,
        RewardFacts calldata facts,
        RewardStatement calldata statement,
        uint256 first,
        uint64[] memory earned
    ) private view {
        uint256 count = Statements.evaluatorCount(statement);
        for (uint256 index = 0; index < count; ++index) {
            Statements.Evaluator memory evaluator = Statements.evaluatorAt(statement.evaluators, index);
            uint256 number = rewards.accountOf(evaluator.account).number;
            uint256 agreement = Statements.agreementOf(facts.spread, evaluator.distance);
            if (agreement == 0 || facts.agreement == 0 || !_isIn(first, number)) continue;
            uint256 share = uint256(facts.evaluatorPotGwei) * evaluator.stakeTokens * agreement;
            earned[number - 1 - first] += uint64(share / facts.agreement); // at most the pot, a uint64
        }
    }

    /// @param number One more than an account's place, zero for an address without an account.
    function _isIn(uint256 first, uint256 number) private pure returns (bool) {
        return number > first && number <= first + Statements.PAGE_ACCOUNTS;
    }

    function _accountsIn(uint256 first, uint256 accounts) private pure returns (uint256) {
        uint256 rest = accounts > first ? accounts - first : 0;
        return rest < Statements.PAGE_ACCOUNTS ? rest : Statements.PAGE_ACCOUNTS;
    }

    function _pageRoot(
        uint256 first,
        uint256 accounts,
        uint64[] memory earned,
        uint16[] memory reputations
    ) private pure returns (bytes32) {
        bytes32[] memory nodes = new bytes32[](Statements.PAGE_ACCOUNTS);
        for (uint256 index = 0; index < accounts; ++index) {
            nodes[index] = Balances.leafHash(first + index, earned[index], reputations[index]);
        }
        return MerkleTree.reduceInPlace(nodes);
    }
}
