// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { RewardFacts, RewardStatement } from "../types/Reward.sol";
import { MerkleTree } from "./MerkleTree.sol";

/// @title What a reward statement says, and what follows from it (docs/protocol.md, "Rewards")
library Statements {
    uint256 internal constant ENTRY_BYTES = 16;
    uint256 internal constant EVALUATOR_BYTES = 68;
    uint256 internal constant PAGE_ACCOUNTS = 256;

    struct Entry {
        uint256 place;
        uint256 inputIndex;
        int256 score;
        uint256 stakeGwei;
    }

    struct Evaluator {
        address account;
        bytes32 scoresRoot;
        uint256 stakeGwei;
        uint256 distance;
    }

    error WrongLength(uint256 length, uint256 multipleOf);
    error EntriesNotAscending(uint256 place);
    error EvaluatorsNotAscending(address evaluator);
    error AccountNotScored(uint256 place, uint256 scoredAccounts);
    error WrongMiddle(int16 middle);
    error WrongPages(uint256 pages, uint256 expected);

    function entryCount(RewardStatement calldata statement) internal pure returns (uint256) {
        return statement.entries.length / ENTRY_BYTES;
    }

    function evaluatorCount(RewardStatement calldata statement) internal pure returns (uint256) {
        return statement.evaluators.length / EVALUATOR_BYTES;
    }

    function entryAt(bytes calldata entries, uint256 index) internal pure returns (Entry memory entry) {
        uint256 word = uint128(bytes16(entries[ENTRY_BYTES * index:]));
        entry.place = word >> 96;
        entry.inputIndex = uint16(word >> 80);
        entry.score = int16(uint16(word >> 64));
        entry.stakeGwei = uint64(word);
    }

    function evaluatorAt(bytes calldata evaluators, uint256 index) internal pure returns (Evaluator memory evaluator) {
        uint256 start = EVALUATOR_BYTES * index;
        evaluator.account = address(bytes20(evaluators[start:]));
        evaluator.scoresRoot = bytes32(evaluators[start + 20:]);
        evaluator.stakeGwei = uint64(bytes8(evaluators[start + 52:]));
        evaluator.distance = uint64(bytes8(evaluators[start + 60:]));
    }

    /// @notice Reads the entries once: they ascend, and `middle` is their lower median.
    /// @return contribution Σ stake · score of those above zero.
    /// @return spread Σ |score − middle|.
    function readEntries(
        RewardStatement calldata statement,
        uint256 scoredAccounts
    ) internal pure returns (uint128 contribution, uint64 spread) {
        bytes calldata entries = statement.entries;
        require(entries.length % ENTRY_BYTES == 0, WrongLength(entries.length, ENTRY_BYTES));
        int256 middle = statement.middle;
        uint256 next = 0;
        uint256 below = 0;
        uint256 atOrBelow = 0;
        uint256 sum = 0;
        uint256 distances = 0;
        uint256 count = entries.length / ENTRY_BYTES;
        unchecked {
            // at most 2^32 entries of at most 2^79 each
            for (uint256 index = 0; index < count; ++index) {
                uint256 word;
                assembly ("memory-safe") {
                    word := shr(128, calldataload(add(entries.offset, shl(4, index))))
                }
                uint256 place = word >> 96;
                require(place >= next, EntriesNotAscending(place));
                next = place + 1;
                int256 score = int16(uint16(word >> 64));
                if (score > 0) sum += uint64(word) * uint256(score);
                if (score < middle) {
                    ++below;
                    distances += uint256(middle - score);
                } else {
                    distances += uint256(score - middle);
                }
                if (score <= middle) ++atOrBelow;
            }
        }
        require(next <= scoredAccounts, AccountNotScored(next - 1, scoredAccounts));
        bool right = count == 0 ? middle == 0 : 2 * below < count && 2 * atOrBelow >= count;
        require(right, WrongMiddle(statement.middle));
        return (uint128(sum), uint64(distances));
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
        for (uint256 index = 0; index < count; ++index) {
            Evaluator memory evaluator = evaluatorAt(evaluators, index);
            require(evaluator.account > last, EvaluatorsNotAscending(evaluator.account));
            last = evaluator.account;
            // products of two uint64
            agreement += uint192(evaluator.stakeGwei * agreementOf(spread, evaluator.distance));
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

    function digest(
        RewardFacts memory facts,
        RewardStatement calldata statement
    ) internal pure returns (bytes28) {
        return bytes28(keccak256(abi.encode(facts, statement)));
    }
}
