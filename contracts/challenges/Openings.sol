// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { IFederation } from "../interfaces/IFederation.sol";
import { IOpenings } from "../interfaces/IOpenings.sol";
import { Columns } from "../libraries/Columns.sol";
import { Inputs } from "../libraries/Inputs.sol";
import { MerkleTree } from "../libraries/MerkleTree.sol";
import { SumTree } from "../libraries/SumTree.sol";
import { Demand, Tree } from "../types/Demand.sol";
import { InputOpening, SumNode } from "../types/Evidence.sol";
import { Proposal, ProposalRecord } from "../types/Round.sol";
import { Challenges } from "./Challenges.sol";

contract Openings is IOpenings, Challenges {
    /// @dev An answer has at most 2048 hashes, which fit a transaction of 128 KiB.
    uint256 public constant MAX_SPAN = 11;
    /// @dev The number of nodes whose bond a demand for a leaf's opening costs.
    uint256 private constant LEAF_NODES = 32;
    /// @dev A node of the inputs' tree has twice as many bytes.
    uint256 public constant MAX_SUMS_SPAN = 10;

    enum State {
        None,
        Open,
        /// Its demander had announced it, and is rewarded if the demand is forfeited.
        OpenAnnounced
    }

    mapping(bytes32 id => State) private _stateOf;
    /// @dev When a proposal became void because nobody answered a demand.
    mapping(IFederation federation => mapping(bytes32 proposalHash => uint256)) private _forfeitedAt;
    mapping(address account => uint256) public owedWei;

    function demandHashes(
        IFederation federation,
        Proposal calldata proposal,
        Tree tree,
        uint8 height,
        uint8 span,
        uint256 index,
        bytes32 node,
        bytes32[] calldata path
    ) external payable returns (bytes32 id) {
        require(tree != Tree.Inputs, AnotherOpening(tree, span));
        // nobody needs to open a leaf of the model: a challenge shows the right one
        require(span != 0 || tree == Tree.Columns, AnotherOpening(tree, span));
        MerkleTree.requireLength(path.length + height, _depthOf(federation, proposal, tree));
        bytes32 root = MerkleTree.rootOf(node, index, path);
        bytes32 expected = tree == Tree.Model ? proposal.modelRoot : proposal.columnsRoot;
        require(root == expected, NotInTree(root, expected));
        return _demand(federation, proposal, tree, height, span, index, SumNode(node, 0));
    }

    function demandInputs(
        IFederation federation,
        Proposal calldata proposal,
        uint8 height,
        uint8 span,
        uint256 index,
        SumNode calldata node,
        SumNode[] calldata path
    ) external payable returns (bytes32 id) {
        MerkleTree.requireLength(path.length + height, Inputs.depthOf(proposal.inputCount));
        SumNode memory root = SumTree.rootOf(node, index, path);
        require(root.hash == proposal.inputsRoot, NotInTree(root.hash, proposal.inputsRoot));
        return _demand(federation, proposal, Tree.Inputs, height, span, index, node);
    }

    function demandUpdate(
        IFederation federation,
        Proposal calldata proposal,
        InputOpening calldata input,
        uint256 chunk
    ) external payable returns (bytes32 id) {
        Inputs.requireInput(proposal, input);
        uint256 chunks = Columns.chunksOf(federation.dimension());
        require(chunk < chunks, NoSuchChunk(chunk, chunks));
        return _demand(federation, proposal, Tree.Update, 0, 0, chunk, SumNode(input.updateRoot, 0));
    }

    function answer(bytes[] calldata calls) external {
        for (uint256 index = 0; index < calls.length; ++index) {
            // this function takes no payment, so no call in it can spend a payment twice
            // solhint-disable-next-line avoid-low-level-calls
            Address.functionDelegateCall(address(this), calls[index]);
        }
    }

    function openHashes(Demand calldata demand, Proposal calldata proposal, bytes32[] calldata nodes) external {
        bytes32 id = _answer(demand, proposal);
        require(demand.span != 0 && demand.tree != Tree.Inputs, AnotherOpening(demand.tree, demand.span));
        MerkleTree.requireLength(nodes.length, 1 << demand.span);
        bytes32[] memory copies = nodes;
        _requireOpening(demand, MerkleTree.reduceInPlace(copies));
        emit HashesOpened(id, msg.sender, nodes);
    }

    function openSums(Demand calldata demand, Proposal calldata proposal, SumNode[] calldata nodes) external {
        bytes32 id = _answer(demand, proposal);
        require(demand.span != 0 && demand.tree == Tree.Inputs, AnotherOpening(demand.tree, demand.span));
        MerkleTree.requireLength(nodes.length, 1 << demand.span);
        SumNode[] memory copies = nodes;
        for (uint256 i = 0; i < copies.length; ++i) {
            // a sum is of at most 65,535 weights of at most 65,535: a node that claims more cannot be opened
            require(copies[i].sum <= type(uint32).max, SumTree.SumTooLarge(copies[i].sum));
        }
        _requireOpening(demand, SumTree.reduceInPlace(copies).hash);
        emit SumsOpened(id, msg.sender, nodes);
    }

    function openColumnLeaf(
        Demand calldata demand,
        Proposal calldata proposal,
        bytes32[] calldata leafHashes,
        bytes calldata state
    ) external {
        bytes32 id = _answer(demand, proposal);
        require(demand.span == 0 && demand.tree == Tree.Columns, AnotherOpening(demand.tree, demand.span));
        // what has other lengths is no leaf, and cannot be opened
        uint256 group = demand.index & ((1 << Inputs.depthOf(proposal.inputCount)) - 1);
        MerkleTree.requireLength(leafHashes.length, Inputs.sizeOf(group, proposal.inputCount));
        uint256 stateBytes = Columns.stateBytes(proposal.rule);
        require(state.length == stateBytes, Columns.WrongStateLength(state.length, stateBytes));
        _requireOpening(demand, Columns.leafHash(keccak256(abi.encodePacked(leafHashes)), state));
        emit ColumnLeafOpened(id, msg.sender, leafHashes, state);
    }

    function openInputsGroup(
        Demand calldata demand,
        Proposal calldata proposal,
        uint256 weights,
        address[] calldata trainers,
        bytes32[] calldata updateRoots
    ) external {
        bytes32 id = _answer(demand, proposal);
        require(demand.span == 0 && demand.tree == Tree.Inputs, AnotherOpening(demand.tree, demand.span));
        MerkleTree.requireLength(trainers.length, Inputs.GROUP_SIZE);
        MerkleTree.requireLength(updateRoots.length, Inputs.GROUP_SIZE);
        bytes32[] memory entries = new bytes32[](Inputs.GROUP_SIZE);
        for (uint256 place = 0; place < Inputs.GROUP_SIZE; ++place) {
            entries[place] = Inputs.entryHash(trainers[place], updateRoots[place]);
        }
        _requireOpening(demand, Inputs.groupNode(weights, MerkleTree.reduceInPlace(entries)).hash);
        emit InputsGroupOpened(id, msg.sender, weights, trainers, updateRoots);
    }

    function openUpdateChunk(
        Demand calldata demand,
        Proposal calldata proposal,
        bytes calldata chunk,
        SumNode[] calldata path
    ) external {
        bytes32 id = _answer(demand, proposal);
        require(demand.tree == Tree.Update, AnotherOpening(demand.tree, demand.span));
        MerkleTree.requireLength(chunk.length, Columns.UPDATE_CHUNK_BYTES);
        MerkleTree.requireLength(path.length, MerkleTree.depthOf(Columns.chunksOf(demand.federation.dimension())));
        SumNode memory leaf = SumNode(Columns.updateLeafHash(chunk), Columns.squaredNormOf(chunk));
        _requireOpening(demand, SumTree.rootOf(leaf, demand.index, path).hash);
        emit UpdateChunkOpened(id, msg.sender, chunk, path);
    }

    function forfeit(Demand calldata demand, Proposal calldata proposal) external {
        (bytes32 id, State state) = _close(demand);
        require(block.timestamp > demand.answerBy, StillTime(demand.answerBy));
        _requireProposalOf(demand, proposal);
        _forfeitedAt[demand.federation][demand.proposalHash] = block.timestamp;
        owedWei[demand.demander] += demand.bondWei;
        emit DemandForfeited(id);
        emit ProposalRefuted(demand.federation, demand.round, demand.demander, msg.sig);
        address rewarded = state == State.OpenAnnounced ? demand.demander : address(0);
        demand.federation.voidProposal(proposal, rewarded);
    }

    function reclaim(Demand calldata demand) external {
        (bytes32 id, ) = _close(demand);
        // the proposal is void or replaced (not known any more), or it is final
        bool known = hashOf(demand.federation.proposalOf(demand.round)) == demand.proposalHash;
        bool isFinal = demand.federation.finalRound() >= demand.round;
        require(!known || isFinal, StillStanding(demand.round));
        // a bond is lost where its demand proved nothing: the proposal stood all the same, or fell by another demand after this one was due
        uint256 forfeitedAt = _forfeitedAt[demand.federation][demand.proposalHash];
        // it is lost too where the demander has waited until the federation has forgotten the round
        bool forgotten = demand.federation.termsOf(demand.round).round != demand.round;
        bool lost = forfeitedAt == 0 ? known || forgotten : forfeitedAt > demand.answerBy;
        if (lost) {
            owedWei[demand.federation.stake().treasury()] += demand.bondWei;
            emit BondLost(id);
        } else {
            owedWei[demand.demander] += demand.bondWei;
            emit DemandReturned(id);
        }
    }

    function claimOwed() external {
        uint256 amountWei = owedWei[msg.sender];
        require(amountWei != 0, NothingOwed(msg.sender));
        owedWei[msg.sender] = 0;
        emit OwedPaid(msg.sender, amountWei);
        // solhint-disable-next-line avoid-low-level-calls
        (bool paid, ) = msg.sender.call{ value: amountWei }("");
        require(paid, PaymentRefused(msg.sender));
    }

    /// @return The hash that binds a demand to this proposal, by this proposer, made at this time.
    function hashOf(ProposalRecord memory record) public pure returns (bytes32) {
        return keccak256(abi.encode(record.digest, record.proposer, record.proposedAt));
    }

    function bondOf(IFederation federation, uint256 span) public view returns (uint256) {
        return uint256(federation.parameters().demandBondWei) * (span == 0 ? LEAF_NODES : 1 << span);
    }

    // ── internal ──

    function _demand(
        IFederation federation,
        Proposal calldata proposal,
        Tree tree,
        uint8 height,
        uint8 span,
        uint256 index,
        SumNode memory node
    ) private returns (bytes32 id) {
        require(node.hash != 0, NothingToOpen());
        uint256 maxSpan = tree == Tree.Inputs ? MAX_SUMS_SPAN : MAX_SPAN;
        if (height < maxSpan) maxSpan = height;
        require(span <= maxSpan, WrongSpan(span, maxSpan));
        require(span != 0 || height == 0, WrongHeight(height, 0));
        uint256 bondWei = bondOf(federation, span);
        require(msg.value == bondWei, WrongBond(msg.value, bondWei));
        Demand memory demand = Demand({
            federation: federation,
            round: proposal.round,
            proposalHash: hashOf(federation.requireProposal(proposal)),
            demander: msg.sender,
            bondWei: uint96(bondWei), // equals msg.value: there are not 2^96 wei
            answerBy: uint40(federation.holdProposal(proposal)),
            tree: tree,
            height: height,
            span: span,
            index: index,
            node: node
        });
        id = keccak256(abi.encode(demand));
        require(_stateOf[id] == State.None, AlreadyDemanded(id));
        _stateOf[id] = _isAnnounced() ? State.OpenAnnounced : State.Open;
        emit OpeningDemanded(id, demand);
    }

    function _answer(Demand calldata demand, Proposal calldata proposal) private returns (bytes32 id) {
        (id, ) = _close(demand);
        require(block.timestamp <= demand.answerBy, AnswerLate(demand.answerBy));
        address proposer = _requireProposalOf(demand, proposal);
        uint256 halfWei = demand.bondWei / 2;
        owedWei[proposer] += halfWei;
        owedWei[msg.sender] += demand.bondWei - halfWei;
    }

    function _requireProposalOf(
        Demand calldata demand,
        Proposal calldata proposal
    ) private view returns (address proposer) {
        ProposalRecord memory record = demand.federation.requireProposal(proposal);
        bytes32 hash = hashOf(record);
        require(hash == demand.proposalHash, AnotherProposal(hash));
        return record.proposer;
    }

    function _requireOpening(Demand calldata demand, bytes32 hash) private pure {
        require(hash == demand.node.hash, WrongOpening(hash, demand.node.hash));
    }

    function _close(Demand calldata demand) private returns (bytes32 id, State state) {
        id = keccak256(abi.encode(demand));
        state = _stateOf[id];
        require(state != State.None, NotDemanded(id));
        _stateOf[id] = State.None;
    }

    function _depthOf(
        IFederation federation,
        Proposal calldata proposal,
        Tree tree
    ) private view returns (uint256 depth) {
        depth = MerkleTree.depthOf(Columns.chunksOf(federation.dimension()));
        if (tree == Tree.Columns) depth += Inputs.depthOf(proposal.inputCount);
    }
}
