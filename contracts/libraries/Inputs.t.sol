// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { InputOpening, SumNode } from "../types/Evidence.sol";
import { Inputs } from "./Inputs.sol";
import { MerkleTree } from "./MerkleTree.sol";

/// @title The inputs' tree against its definition
contract InputsTest {
    function test_groups() external pure {
        require(Inputs.groupsOf(1) == 1 && Inputs.groupsOf(16) == 1 && Inputs.groupsOf(17) == 2, "groups");
        require(Inputs.sizeOf(0, 17) == 16 && Inputs.sizeOf(1, 17) == 1 && Inputs.sizeOf(2, 17) == 0, "sizes");
        require(Inputs.depthOf(16) == 0 && Inputs.depthOf(17) == 1 && Inputs.depthOf(65_535) == 12, "depths");
    }

    function testFuzz_weights(uint256 weights) external pure {
        uint256 sum = 0;
        for (uint256 place = 0; place < 16; ++place) {
            uint256 weight = uint16(bytes2(bytes32(weights) << (16 * place)));
            require(Inputs.weightAt(weights, place) == weight, "weight");
            sum += weight;
        }
        require(Inputs.sumOf(weights) == sum, "sum");
    }

    function testFuzz_onlyTheLastGroupIsNotFull(uint16 count) external pure {
        uint256 groups = Inputs.groupsOf(count);
        for (uint256 group = 0; group < groups; ++group) {
            uint256 size = Inputs.sizeOf(group, count);
            require(group + 1 == groups || size == 16, "full");
            require(group + 1 < groups || size == uint256(count) - 16 * group, "the rest");
        }
        require(Inputs.sizeOf(groups, count) == 0, "behind the last");
    }

    function testFuzz_anEntryLeadsToTheRoot(bytes32 seed, uint256 weights, uint8 place) external view {
        bytes32[] memory entries = new bytes32[](16);
        uint256 size = 1 + (uint256(seed) % 16);
        for (uint256 i = 0; i < size; ++i) entries[i] = _entry(seed, i);
        SumNode memory sibling = SumNode(keccak256(abi.encode(seed)), 5);
        InputOpening memory opening;
        opening.index = 16 + (place % 16);
        if (place % 16 < size) (opening.trainer, opening.updateRoot) = _input(seed, place % 16);
        opening.weights = weights;
        opening.entryPath = new bytes32[](4);
        opening.groupPath = new SumNode[](1);
        opening.groupPath[0] = sibling;
        bytes32[] memory level = entries;
        for (uint256 height = 0; height < 4; ++height) {
            opening.entryPath[height] = level[((place % 16) >> height) ^ 1];
            level = _parents(level);
        }
        bytes32 group = keccak256(bytes.concat(bytes1(0x04), bytes32(weights), level[0]));
        bytes memory top = abi.encodePacked(
            bytes1(0x01),
            sibling.hash,
            uint64(5),
            group,
            uint64(Inputs.sumOf(weights))
        );
        require(this.rootOf(opening) == keccak256(top), "root");
    }

    function test_refusesOtherLengthsAndPlaces() external view {
        InputOpening memory opening;
        opening.entryPath = new bytes32[](4);
        _expect(opening, bytes4(0));
        opening.index = 16;
        _expect(opening, MerkleTree.IndexOutsideTree.selector);
        opening.index = 1 << 255;
        _expect(opening, MerkleTree.IndexOutsideTree.selector);
        opening.index = 0;
        opening.entryPath = new bytes32[](3);
        _expect(opening, MerkleTree.WrongPathLength.selector);
        opening.entryPath = new bytes32[](5);
        _expect(opening, MerkleTree.WrongPathLength.selector);
    }

    function rootOf(InputOpening calldata opening) external pure returns (bytes32) {
        return Inputs.rootOf(opening);
    }

    /// @param selector Zero where it is accepted.
    function _expect(InputOpening memory opening, bytes4 selector) private view {
        // solhint-disable-next-line avoid-low-level-calls
        (bool ok, bytes memory answer) = address(this).staticcall(abi.encodeCall(this.rootOf, (opening)));
        require(ok == (selector == 0), "accepted, or refused");
        require(ok || bytes4(answer) == selector, "another error");
    }

    function _input(bytes32 seed, uint256 i) private pure returns (address trainer, bytes32 updateRoot) {
        updateRoot = keccak256(abi.encode(seed, i));
        trainer = address(uint160(uint256(updateRoot)));
    }

    function _entry(bytes32 seed, uint256 i) private pure returns (bytes32) {
        (address trainer, bytes32 updateRoot) = _input(seed, i);
        return keccak256(bytes.concat(bytes1(0x05), bytes20(trainer), updateRoot));
    }

    function _parents(bytes32[] memory nodes) private pure returns (bytes32[] memory parents) {
        parents = new bytes32[](nodes.length / 2);
        for (uint256 i = 0; i < parents.length; ++i) {
            (bytes32 left, bytes32 right) = (nodes[2 * i], nodes[2 * i + 1]);
            if (left != 0 || right != 0) parents[i] = keccak256(bytes.concat(bytes1(0x03), left, right));
        }
    }
}
