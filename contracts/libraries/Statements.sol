// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { RewardFacts, RewardStatement } from "../types/Reward.sol";
import { MerkleTree } from "./MerkleTree.sol";
import { Scores } from "./Scores.sol";

/// @title What a reward statement says, and what follows from it (docs/protocol.md, "Rewards")
library Statements {
    uint256 internal constant ENTRY_BYTES = 16;
    uint256 internal constant EVALUATOR_BYTES = 68;
    uint256 private constant SCORE_BYTES = 2;
    uint256 internal constant PAGE_ACCOUNTS = 256;
    uint256 internal constant MAX_BYTES = 120 * 1024;
    /// @dev The page roots of so many accounts take a quarter of a reward statement at most.
    uint256 internal constant MAX_ACCOUNTS = 960 * PAGE_ACCOUNTS;

    struct Entry {
        uint256 place;
        uint256 inputIndex;
        int256 score;
        uint256 stakeTokens;
    }

    struct Evaluator {
        address account;
        bytes32 scoresRoot;
        uint256 stakeTokens;
        uint256 distance;
    }

    error StatementTooLong(uint256 bytes_, uint256 maximum);
    error NotInStatement(uint256 index, uint256 count);
    error WrongLength(uint256 length, uint256 multipleOf);
    error EntriesNotAscending();
    error EvaluatorsNotAscending(address evaluator);
    error AccountNotScored(uint256 place, uint256 scoredAccounts);
    error WrongMiddle(int16 middle);
    error WrongPages(uint256 pages, uint256 expected);

    /// @notice Reverts for a reward statement that is too long for a challenger to bring again, with its proofs, in one transaction of
    /// 128 KiB.
    function requireRefutable(RewardStatement calldata statement) internal pure {
        // proofs bring a word of each evaluator's scores with its path, or all the scores of one evaluator
        uint256 proof = evaluatorCount(statement) * (128 + 32 * Scores.depthOf(entryCount(statement)));
        if (proof < SCORE_BYTES * entryCount(statement)) proof = SCORE_BYTES * entryCount(statement);
        uint256 length = statement.entries.length + statement.evaluators.length + 32 * statement.pageRoots.length;
        require(length + proof <= MAX_BYTES, StatementTooLong(length + proof, MAX_BYTES));
    }

    function entryCount(RewardStatement calldata statement) internal pure returns (uint256) {
        return statement.entries.length / ENTRY_BYTES;
    }

    function evaluatorCount(RewardStatement calldata statement) internal pure returns (uint256) {
        return statement.evaluators.length / EVALUATOR_BYTES;
    }

    function entryAt(bytes calldata entries, uint256 index) internal pure returns (Entry memory entry) {
        _requireIndex(index, entries.length / ENTRY_BYTES);
        uint256 word = uint128(bytes16(entries[ENTRY_BYTES * index:]));
        entry.place = word >> 96;
        entry.inputIndex = uint16(word >> 80);
        entry.score = int16(uint16(word >> 64));
        entry.stakeTokens = uint64(word);
    }

    function evaluatorAt(bytes calldata evaluators, uint256 index) internal pure returns (Evaluator memory evaluator) {
        _requireIndex(index, evaluators.length / EVALUATOR_BYTES);
        uint256 start = EVALUATOR_BYTES * index;
        evaluator.account = address(bytes20(evaluators[start:]));
        evaluator.scoresRoot = bytes32(evaluators[start + 20:]);
        evaluator.stakeTokens = uint64(bytes8(evaluators[start + 52:]));
        evaluator.distance = uint64(bytes8(evaluators[start + 60:]));
    }

    /// @notice Reads the entries once, and reverts unless they ascend and `middle` is their lower median.
    /// @return contribution Σ stake · score of the entries with a score above zero.
    /// @return spread Σ |score − middle|.
    function readEntries(
        RewardStatement calldata statement,
        uint256 scoredAccounts
    ) internal pure returns (uint128 contribution, uint64 spread) {
        bytes calldata entries = statement.entries;
        require(entries.length % ENTRY_BYTES == 0, WrongLength(entries.length, ENTRY_BYTES));
        uint256 count = entries.length / ENTRY_BYTES;
        int256 middle = statement.middle;
        (uint256 sum, uint256 distances, uint256 counts) = _sumEntries(entries, middle);
        if (count != 0) {
            uint256 last = entryAt(entries, count - 1).place;
            require(last < scoredAccounts, AccountNotScored(last, scoredAccounts));
        }
        (uint256 below, uint256 atOrBelow) = (uint64(counts), counts >> 64);
        bool right = count == 0 ? middle == 0 : 2 * below < count && 2 * atOrBelow >= count;
        require(right, WrongMiddle(statement.middle));
        return (uint128(sum), uint64(distances));
    }

    /// @dev A slice beyond the end would be zeros, which are nobody's.
    function _requireIndex(uint256 index, uint256 count) private pure {
        require(index < count, NotInStatement(index, count));
    }

    /// @return sum Σ stake · score of the entries with a score above zero.
    /// @return distances Σ |score − middle|.
    /// @return counts How many scores are below the middle, in the lowest 64 bits, and how many are at or below it, in the bits above.
    function _sumEntries(
        bytes calldata entries,
        int256 middle
    ) private pure returns (uint256 sum, uint256 distances, uint256 counts) {
        uint256 disorder = 0;
        // there are at most 2^32 entries of at most 2^79 each: no sum overflows
        assembly ("memory-safe") {
            let least := 0
            let end := add(entries.offset, entries.length)
            for { let from := entries.offset } lt(from, end) { from := add(from, 16) } {
                let word := calldataload(from)
                let place := shr(224, word)
                disorder := or(disorder, lt(place, least))
                least := add(place, 1)
                let score := signextend(1, shr(192, word))
                let stakes := and(shr(128, word), 0xffffffffffffffff)
                sum := add(sum, mul(stakes, mul(score, sgt(score, 0))))
                score := sub(score, middle)
                let below := slt(score, 0)
                counts := add(counts, add(below, shl(64, slt(score, 1))))
                distances := add(distances, mul(score, sub(1, shl(1, below))))
            }
        }
        require(disorder == 0, EntriesNotAscending());
    }

    /// @return agreement Σ stake · agreement.
    function readEvaluators(
        RewardStatement calldata statement,
        uint64 spread
    ) internal pure returns (uint192 agreement) {
        bytes calldata evaluators = statement.evaluators;
        require(evaluators.length % EVALUATOR_BYTES == 0, WrongLength(evaluators.length, EVALUATOR_BYTES));
        address last = address(0);
        uint256 count = evaluators.length / EVALUATOR_BYTES;
        for (uint256 index = 0; index < count; ) {
            address account;
            uint256 numbers;
            assembly ("memory-safe") {
                let start := add(evaluators.offset, mul(EVALUATOR_BYTES, index))
                account := shr(96, calldataload(start))
                numbers := shr(128, calldataload(add(start, 52)))
                index := add(index, 1)
            }
            require(account > last, EvaluatorsNotAscending(account));
            last = account;
            unchecked {
                // sums products of two uint64
                agreement += uint192((numbers >> 64) * agreementOf(spread, uint64(numbers)));
            }
        }
    }

    /// @return How much better an evaluator knew the scores than the best constant does.
    function agreementOf(uint256 spread, uint256 distance) internal pure returns (uint256) {
        return spread > distance ? spread - distance : 0;
    }

    function pagesOf(uint256 accounts) internal pure returns (uint256) {
        return accounts == 0 ? 1 : (accounts + PAGE_ACCOUNTS - 1) / PAGE_ACCOUNTS;
    }

    function balancesRoot(bytes32[] calldata pageRoots, uint256 accounts) internal pure returns (bytes32) {
        uint256 pages = pagesOf(accounts);
        require(pageRoots.length == pages, WrongPages(pageRoots.length, pages));
        bytes32[] memory nodes = new bytes32[](1 << MerkleTree.depthOf(pages));
        for (uint256 page = 0; page < pages; ++page) nodes[page] = pageRoots[page];
        return MerkleTree.reduceInPlace(nodes);
    }

    /// @return The digest of the facts of a round that hold whatever its reward statement says.
    function roundDigest(RewardFacts memory facts) internal pure returns (bytes32) {
        bytes memory known = abi.encode(
            facts.round,
            facts.aggregator,
            facts.proposedAt,
            facts.challengeSeconds,
            facts.inputCount,
            facts.inputsRoot,
            facts.scoredAccounts
        );
        return keccak256(known);
    }

    function digest(
        RewardFacts memory facts,
        RewardStatement calldata statement
    ) internal pure returns (bytes28) {
        return bytes28(keccak256(abi.encode(facts, statement)));
    }
}
