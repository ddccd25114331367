// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IAggregateChallenges } from "../interfaces/IAggregateChallenges.sol";
import { IFederation } from "../interfaces/IFederation.sol";
import { Columns } from "../libraries/Columns.sol";
import { Inputs } from "../libraries/Inputs.sol";
import { MerkleTree } from "../libraries/MerkleTree.sol";
import { ModelStep } from "../libraries/ModelStep.sol";
import { SumTree } from "../libraries/SumTree.sol";
import {
    ColumnLeaf,
    ColumnStep,
    DirectInput,
    InputOpening,
    ModelChunk,
    SumNode,
    UpdateLeaf
} from "../types/Evidence.sol";
import { Proposal, Rule } from "../types/Round.sol";
import { Challenges } from "./Challenges.sol";

contract AggregateChallenges is IAggregateChallenges, Challenges {
    function refuteModelChunk(
        IFederation federation,
        Proposal calldata proposal,
        ModelChunk calldata model,
        ColumnLeaf calldata column
    ) external {
        uint256 dimension = federation.dimension();
        uint256 last = Inputs.groupsOf(proposal.inputCount) - 1;
        require(column.group == last, NotTheLastGroup(column.group, last));
        require(column.chunk == model.chunk, AnotherChunk(column.chunk, model.chunk));
        _requireColumn(proposal, column, dimension);
        _requireWrongModel(proposal, model, column.state, dimension);
        _void(federation, proposal);
    }

    function refuteModelDirectly(
        IFederation federation,
        Proposal calldata proposal,
        ModelChunk calldata model,
        DirectInput[] calldata inputs,
        bytes calldata cuts
    ) external {
        uint256 dimension = federation.dimension();
        uint256 count = inputs.length;
        require(count == proposal.inputCount, TooFewUpdates(count, proposal.inputCount));
        uint256 cutBytes = proposal.rule == Rule.Mean ? 0 : 256;
        require(cuts.length == cutBytes, Columns.WrongStateLength(cuts.length, cutBytes));
        bytes memory state = Columns.emptyState(proposal.rule, cuts);
        _foldInputsInPlace(state, proposal, model.chunk, inputs, dimension);
        if (proposal.rule != Rule.Mean) {
            require(!Columns.hasWrongCut(state, _trimOf(proposal)), CutsAreRight());
        }
        _requireWrongModel(proposal, model, state, dimension);
        _void(federation, proposal);
    }

    function refuteColumnState(
        IFederation federation,
        Proposal calldata proposal,
        ColumnLeaf calldata column,
        ColumnStep calldata step
    ) external {
        _requireColumn(proposal, column, federation.dimension());
        uint256 size = Inputs.sizeOf(column.group, proposal.inputCount) * Columns.UPDATE_CHUNK_BYTES;
        require(step.chunks.length == size, Columns.WrongChunksLength(step.chunks.length, size));
        _requireGroupHash(column, Columns.groupHashOf(step.chunks));
        bytes memory state = _stateBefore(proposal, column, step);
        if (proposal.rule == Rule.Mean) {
            uint256 depth = Inputs.depthOf(proposal.inputCount);
            MerkleTree.requireLength(step.groupPath.length, depth);
            bytes32 root = Inputs.rootOfGroup(step.weights, step.entriesRoot, column.group, step.groupPath);
            require(root == proposal.inputsRoot, NotInTree(root, proposal.inputsRoot));
            Columns.foldMeanInPlace(state, step.chunks, step.weights);
        } else {
            Columns.foldCutsInPlace(state, step.chunks);
        }
        require(keccak256(state) != keccak256(column.state), StateIsRight());
        _void(federation, proposal);
    }

    function refuteColumnEntry(
        IFederation federation,
        Proposal calldata proposal,
        ColumnLeaf calldata column,
        bytes32[] calldata leafHashes,
        InputOpening calldata input,
        UpdateLeaf calldata update
    ) external {
        uint256 dimension = federation.dimension();
        _requireColumn(proposal, column, dimension);
        MerkleTree.requireLength(leafHashes.length, Inputs.sizeOf(column.group, proposal.inputCount));
        _requireGroupHash(column, keccak256(abi.encodePacked(leafHashes)));
        uint256 place = input.index % Inputs.GROUP_SIZE;
        require(
            input.index / Inputs.GROUP_SIZE == column.group && place < leafHashes.length,
            AnotherGroup(input.index, column.group)
        );
        Inputs.requireInput(proposal, input);
        _requireUpdateLeaf(input.updateRoot, column.chunk, update.leaf, update.path, dimension);
        require(leafHashes[place] != update.leaf.hash, LeafIsRight(update.leaf.hash));
        _void(federation, proposal);
    }

    function refuteCuts(IFederation federation, Proposal calldata proposal, ColumnLeaf calldata column) external {
        require(proposal.rule != Rule.Mean, RuleHasNoCuts());
        uint256 last = Inputs.groupsOf(proposal.inputCount) - 1;
        require(column.group == last, NotTheLastGroup(column.group, last));
        _requireColumn(proposal, column, federation.dimension());
        require(Columns.hasWrongCut(column.state, _trimOf(proposal)), CutsAreRight());
        _void(federation, proposal);
    }

    function refuteColumnShape(
        IFederation federation,
        Proposal calldata proposal,
        uint256 index,
        bytes32 leaf,
        bytes32[] calldata path
    ) external {
        uint256 groups = Inputs.groupsOf(proposal.inputCount);
        uint256 groupDepth = MerkleTree.depthOf(groups);
        uint256 chunks = Columns.chunksOf(federation.dimension());
        MerkleTree.requireLength(path.length, MerkleTree.depthOf(chunks) + groupDepth);
        bytes32 root = MerkleTree.rootOf(leaf, index, path);
        require(root == proposal.columnsRoot, NotInTree(root, proposal.columnsRoot));
        bool inside = index >> groupDepth < chunks && index & ((1 << groupDepth) - 1) < groups;
        require(inside == (leaf == 0), ShapeIsRight());
        _void(federation, proposal);
    }

    function refuteModelShape(
        IFederation federation,
        Proposal calldata proposal,
        uint256 index,
        bytes32 leaf,
        bytes32[] calldata path
    ) external {
        uint256 chunks = Columns.chunksOf(federation.dimension());
        MerkleTree.requireLength(path.length, MerkleTree.depthOf(chunks));
        bytes32 root = MerkleTree.rootOf(leaf, index, path);
        require(root == proposal.modelRoot, NotInTree(root, proposal.modelRoot));
        require(index >= chunks && leaf != 0, ShapeIsRight());
        _void(federation, proposal);
    }

    // ── what the checks share ──

    function _trimOf(Proposal calldata proposal) private pure returns (uint256) {
        return Columns.trimOf(proposal.rule, proposal.trimBasisPoints, proposal.inputCount);
    }

    /// @dev Reverts unless the columns root holds this leaf; its index is chunk ‖ group.
    function _requireColumn(
        Proposal calldata proposal,
        ColumnLeaf calldata column,
        uint256 dimension
    ) private pure {
        uint256 groups = Inputs.groupsOf(proposal.inputCount);
        uint256 chunks = Columns.chunksOf(dimension);
        require(column.chunk < chunks, ChunkOutsideModel(column.chunk, chunks));
        require(column.group < groups, GroupOutsideRound(column.group, groups));
        uint256 stateBytes = Columns.stateBytes(proposal.rule);
        require(column.state.length == stateBytes, Columns.WrongStateLength(column.state.length, stateBytes));
        uint256 groupDepth = MerkleTree.depthOf(groups);
        MerkleTree.requireLength(column.path.length, MerkleTree.depthOf(chunks) + groupDepth);
        bytes32 root = MerkleTree.rootOf(
            Columns.leafHash(column.groupHash, column.state),
            (column.chunk << groupDepth) | column.group,
            column.path
        );
        require(root == proposal.columnsRoot, NotInTree(root, proposal.columnsRoot));
    }

    function _requireGroupHash(ColumnLeaf calldata column, bytes32 groupHash) private pure {
        require(groupHash == column.groupHash, SumTree.WrongNode(groupHash, column.groupHash));
    }

    /// @dev Gives the posted state before the group: that of the leaf before, whose path meets the column's own. Its cut values
    /// go into the recomputed state, so that a state with other cut values than the group before is wrong too.
    function _stateBefore(
        Proposal calldata proposal,
        ColumnLeaf calldata column,
        ColumnStep calldata step
    ) private pure returns (bytes memory) {
        if (column.group == 0) return Columns.emptyState(proposal.rule, column.state);
        uint256 stateBytes = Columns.stateBytes(proposal.rule);
        uint256 length = step.previousState.length;
        require(length == stateBytes, Columns.WrongStateLength(length, stateBytes));
        uint256 meeting = 0;
        while ((column.group >> meeting) & 1 == 0) ++meeting;
        MerkleTree.requireLength(step.previousPath.length, meeting);
        bytes32 node = MerkleTree.rootOf(
            Columns.leafHash(step.previousGroupHash, step.previousState),
            (column.group - 1) & ((1 << meeting) - 1),
            step.previousPath
        );
        require(node == column.path[meeting], NotInTree(node, column.path[meeting]));
        return step.previousState;
    }

    function _requireUpdateLeaf(
        bytes32 updateRoot,
        uint256 chunk,
        SumNode memory leaf,
        SumNode[] calldata path,
        uint256 dimension
    ) private pure {
        MerkleTree.requireLength(path.length, MerkleTree.depthOf(Columns.chunksOf(dimension)));
        bytes32 root = SumTree.rootOf(leaf, chunk, path).hash;
        require(root == updateRoot, NotInTree(root, updateRoot));
    }

    /// @dev Folds the chunks of all inputs, in order, into the state. Reverts unless the inputs make the proposal's tree.
    function _foldInputsInPlace(
        bytes memory state,
        Proposal calldata proposal,
        uint256 chunk,
        DirectInput[] calldata inputs,
        uint256 dimension
    ) private pure {
        uint256 groups = Inputs.groupsOf(inputs.length);
        SumNode[] memory nodes = new SumNode[](1 << MerkleTree.depthOf(groups));
        for (uint256 group = 0; group < groups; ++group) {
            nodes[group] = _groupNodeOf(inputs, group);
            uint256 end = group * Inputs.GROUP_SIZE + Inputs.sizeOf(group, inputs.length);
            for (uint256 index = group * Inputs.GROUP_SIZE; index < end; ++index) {
                _foldInputInPlace(state, proposal.rule, chunk, inputs[index], dimension);
            }
        }
        bytes32 root = SumTree.reduceInPlace(nodes).hash;
        require(root == proposal.inputsRoot, NotInTree(root, proposal.inputsRoot));
    }

    function _groupNodeOf(DirectInput[] calldata inputs, uint256 group) private pure returns (SumNode memory) {
        bytes32[] memory entries = new bytes32[](Inputs.GROUP_SIZE);
        uint256 weights = 0;
        uint256 size = Inputs.sizeOf(group, inputs.length);
        for (uint256 place = 0; place < size; ++place) {
            DirectInput calldata input = inputs[group * Inputs.GROUP_SIZE + place];
            require(input.weight <= type(uint16).max, SumTree.SumTooLarge(input.weight));
            weights |= input.weight << (240 - 16 * place);
            entries[place] = Inputs.entryHash(input.trainer, input.updateRoot);
        }
        return Inputs.groupNode(weights, MerkleTree.reduceInPlace(entries));
    }

    function _foldInputInPlace(
        bytes memory state,
        Rule rule,
        uint256 chunk,
        DirectInput calldata input,
        uint256 dimension
    ) private pure {
        uint256 length = input.chunk.length;
        uint256 expected = Columns.UPDATE_CHUNK_BYTES;
        require(length == expected, Columns.WrongChunksLength(length, expected));
        SumNode memory leaf = SumNode(Columns.updateLeafHash(input.chunk), input.squaredNorm);
        _requireUpdateLeaf(input.updateRoot, chunk, leaf, input.path, dimension);
        if (rule == Rule.Mean) Columns.foldMeanInPlace(state, input.chunk, input.weight << 240);
        else Columns.foldCutsInPlace(state, input.chunk);
    }

    /// @dev Reverts if the posted leaf is the hash of the chunk that follows from the last model and the final state.
    function _requireWrongModel(
        Proposal calldata proposal,
        ModelChunk calldata model,
        bytes memory state,
        uint256 dimension
    ) private pure {
        uint256 chunks = Columns.chunksOf(dimension);
        uint256 depth = MerkleTree.depthOf(chunks);
        require(model.chunk < chunks, ChunkOutsideModel(model.chunk, chunks));
        MerkleTree.requireLength(model.basePath.length, depth);
        MerkleTree.requireLength(model.path.length, depth);
        bytes memory next = model.baseChunk;
        uint256 expected = ModelStep.MODEL_CHUNK_BYTES;
        require(next.length == expected, ModelStep.WrongModelChunkLength(next.length, expected));
        bytes32 root = MerkleTree.rootOf(ModelStep.leafHash(next), model.chunk, model.basePath);
        require(root == proposal.baseModelRoot, NotInTree(root, proposal.baseModelRoot));
        root = MerkleTree.rootOf(model.leaf, model.chunk, model.path);
        require(root == proposal.modelRoot, NotInTree(root, proposal.modelRoot));

        uint256 trim = _trimOf(proposal);
        uint256 divisor = proposal.rule == Rule.Mean ? proposal.totalWeight : proposal.inputCount - 2 * trim;
        uint256 first = model.chunk * Columns.CHUNK_COORDINATES;
        for (uint256 c = 0; c < Columns.CHUNK_COORDINATES && first + c < dimension; ++c) {
            int256 sum = Columns.biasedSumAt(proposal.rule, state, c, trim);
            require(sum >= 0, UndefinedSum(c));
            ModelStep.stepInPlace(next, c, ModelStep.roundedStep(uint256(sum), divisor));
        }
        bytes32 leaf = ModelStep.leafHash(next);
        require(leaf != model.leaf, LeafIsRight(leaf));
    }
}
