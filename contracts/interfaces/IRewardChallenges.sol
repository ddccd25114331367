// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { InputOpening } from "../types/Evidence.sol";
import { RewardFacts, RewardStatement } from "../types/Reward.sol";
import { IChallenges } from "./IChallenges.sol";
import { IRewards } from "./IRewards.sol";

/// @title What can be proven of a reward statement
/// @notice Each challenge holds in its one transaction or reverts with the check that failed. A reward statement that is refuted
/// is void together with those after it, and the aggregator that made it is slashed.
interface IRewardChallenges is IChallenges {
    event RewardsRefuted(IRewards indexed rewards, uint32 indexed round, address indexed challenger, bytes4 proof);

    error EntryIsRight(uint256 entry);
    error AnotherInput(uint256 index, uint256 expected);
    error NotScored(address trainer);
    error IsListed(address account);
    error EvaluatorIsRight(address evaluator);
    error DoesNotCount(address evaluator);
    error OtherScoresRoot(address evaluator);
    error ScoreIsRight(uint256 entry);
    error DistanceIsRight(address evaluator);
    error WrongPageLength(uint256 bytes_, uint256 expected);
    error NotThePage(bytes32 root, bytes32 balancesRoot);
    error BalancesAreRight(uint256 page);

    /// @notice An entry is not of the trainer at its input, not to be scored, or quotes another stake.
    /// @param input The round's input that the entry names; it is not read where the entry names an input that the round does not have.
    function refuteEntry(
        IRewards rewards,
        RewardFacts calldata facts,
        RewardStatement calldata statement,
        uint256 entry,
        InputOpening calldata input
    ) external;

    /// @notice A trainer that took part and has an account has no entry.
    function refuteMissingEntry(
        IRewards rewards,
        RewardFacts calldata facts,
        RewardStatement calldata statement,
        InputOpening calldata input
    ) external;

    /// @notice A listed evaluator has not shown these scores, quotes another stake, or has scored another number of trainers.
    /// @param salt `salt`, `count` and `treeRoot` hash to the evaluator's scores root; they are read only where the number of scores
    /// is wrong.
    function refuteEvaluator(
        IRewards rewards,
        RewardFacts calldata facts,
        RewardStatement calldata statement,
        uint256 index,
        bytes32 salt,
        uint32 count,
        bytes32 treeRoot
    ) external;

    /// @notice An evaluator whose scores count is not listed.
    function refuteMissingEvaluator(
        IRewards rewards,
        RewardFacts calldata facts,
        RewardStatement calldata statement,
        address evaluator,
        bytes32 salt,
        bytes32 treeRoot
    ) external;

    /// @notice A score is not the stake-weighted lower median of the evaluators' scores.
    /// @param words For each listed evaluator the word of its scores that holds the entry's score, with its path, and the salt.
    function refuteScore(
        IRewards rewards,
        RewardFacts calldata facts,
        RewardStatement calldata statement,
        uint256 entry,
        bytes32[] calldata words,
        bytes32[][] calldata paths,
        bytes32[] calldata salts
    ) external;

    /// @notice An evaluator's distance is not Σ |its score − the median|.
    function refuteDistance(
        IRewards rewards,
        RewardFacts calldata facts,
        RewardStatement calldata statement,
        uint256 index,
        bytes32 salt,
        bytes calldata scores
    ) external;

    /// @notice A page of balances does not follow from the balances before and the statement.
    /// @param balances The page before, 10 bytes an account: what it had earned in gwei (8) and its reputation (2).
    /// @param path The siblings from that page's root up to the root of the balances before.
    function refuteBalances(
        IRewards rewards,
        RewardFacts calldata facts,
        RewardStatement calldata statement,
        uint256 page,
        bytes calldata balances,
        bytes32[] calldata path
    ) external;
}
