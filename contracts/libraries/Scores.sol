// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { MerkleTree } from "./MerkleTree.sol";

/// @title An evaluator's scores under one root (docs/protocol.md, "Scores")
/// @notice Each score is an int16, big-endian, 16 to a word, and a tree stands over the words. The root binds the number of scores,
/// and its salt hides them.
library Scores {
    uint8 internal constant WORD_DOMAIN = 7;
    uint8 internal constant SCORES_DOMAIN = 8;
    uint256 internal constant SCORES_PER_WORD = 16;

    error WrongScoresLength(uint256 bytes_);

    function commitment(
        address rewards,
        uint256 round,
        address evaluator,
        bytes32 scoresRoot
    ) internal view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, rewards, round, evaluator, scoresRoot));
    }

    function rootOf(bytes32 salt, uint256 count, bytes32 treeRoot) internal pure returns (bytes32) {
        // there are never 2^32 scores
        return keccak256(abi.encodePacked(SCORES_DOMAIN, salt, uint32(count), treeRoot));
    }

    function wordHash(bytes32 word) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(WORD_DOMAIN, word));
    }

    function depthOf(uint256 count) internal pure returns (uint256) {
        return MerkleTree.depthOf((count + SCORES_PER_WORD - 1) / SCORES_PER_WORD);
    }

    /// @param scores Two bytes each, an int16.
    function treeRootOf(bytes calldata scores) internal pure returns (bytes32) {
        require(scores.length % 2 == 0, WrongScoresLength(scores.length));
        uint256 words = (scores.length + 31) / 32;
        if (words == 0) return 0;
        bytes32[] memory nodes = new bytes32[](1 << MerkleTree.depthOf(words));
        for (uint256 index = 0; index < words; ++index) {
            uint256 end = 32 * index + 32;
            // the last word is filled with zeros
            nodes[index] = wordHash(bytes32(scores[32 * index:end < scores.length ? end : scores.length]));
        }
        return MerkleTree.reduceInPlace(nodes);
    }

    function scoreIn(bytes32 word, uint256 index) internal pure returns (int16) {
        return int16(uint16(uint256(word) >> (240 - 16 * (index % SCORES_PER_WORD))));
    }
}
