// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Demand, Tree } from "../types/Demand.sol";
import { InputOpening, SumNode } from "../types/Evidence.sol";
import { Proposal } from "../types/Round.sol";
import { IChallenges } from "./IChallenges.sol";
import { IFederation } from "./IFederation.sol";

/// @title Openings: for proposals whose trees their proposer does not show
/// @notice Whoever holds the right tree walks down to where the posted one differs: it demands what is below a node, compares,
/// demands again, and proves the fault when it has reached the leaf. A demand that nobody answers in time refutes the
/// proposal by itself. Anyone may answer. Half of an answered demand's bond goes to the proposer and half to the answerer, so that
/// a demander that answers itself loses half of it. See docs/protocol.md, "Openings".
/// @dev Bonds are in the chain's own currency, since an answer costs its sender gas. Every wei that this contract holds is
/// somebody's bond or is owed to somebody.
interface IOpenings is IChallenges {
    event OpeningDemanded(bytes32 indexed id, Demand demand);
    event HashesOpened(bytes32 indexed id, address indexed answerer, bytes32[] nodes);
    event SumsOpened(bytes32 indexed id, address indexed answerer, SumNode[] nodes);
    event ColumnLeafOpened(bytes32 indexed id, address indexed answerer, bytes32[] leafHashes, bytes state);
    event InputsGroupOpened(
        bytes32 indexed id,
        address indexed answerer,
        uint256 weights,
        address[] trainers,
        bytes32[] updateRoots
    );
    event UpdateChunkOpened(bytes32 indexed id, address indexed answerer, bytes chunk, SumNode[] path);
    event DemandForfeited(bytes32 indexed id);
    event DemandReturned(bytes32 indexed id);
    /// @notice Nobody answered a demand that proved nothing: its bond is the treasury's.
    event BondLost(bytes32 indexed id);
    event OwedPaid(address indexed account, uint256 amountWei);

    error NothingToOpen();
    error NoSuchChunk(uint256 chunk, uint256 chunks);
    error WrongHeight(uint256 height, uint256 maximum);
    error WrongSpan(uint256 span, uint256 maximum);
    error WrongBond(uint256 bondWei, uint256 expectedWei);
    error NotInTree(bytes32 root, bytes32 expected);
    error AlreadyDemanded(bytes32 id);
    error NotDemanded(bytes32 id);
    error AnotherOpening(Tree tree, uint256 span);
    error WrongOpening(bytes32 hash, bytes32 expected);
    error AnswerLate(uint256 answerBy);
    error StillTime(uint256 answerBy);
    error StillStanding(uint256 round);
    error AnotherProposal(bytes32 proposalHash);
    error NothingOwed(address account);
    error PaymentRefused(address account);

    /// @notice Demands the nodes `span` levels below a node of the model's or the columns' tree, or, with span 0, what a
    /// column's leaf is the hash of. The bond is `bondOf` the federation and the span. A caller that has announced this very call
    /// before (`announceChallenge`) is rewarded where nobody answers: a copy from the mempool earns nothing.
    /// @param path Siblings from the node up.
    function demandHashes(
        IFederation federation,
        Proposal calldata proposal,
        Tree tree,
        uint8 height,
        uint8 span,
        uint256 index,
        bytes32 node,
        bytes32[] calldata path
    ) external payable returns (bytes32 id);

    /// @notice Demands the nodes `span` levels below a node of the inputs' tree, or, with span 0, a group's 16 entries.
    function demandInputs(
        IFederation federation,
        Proposal calldata proposal,
        uint8 height,
        uint8 span,
        uint256 index,
        SumNode calldata node,
        SumNode[] calldata path
    ) external payable returns (bytes32 id);

    /// @notice Demands a chunk of an update that the proposal takes in: a proposal may not take in an update that nobody can show.
    /// @param chunk Its number among the update's chunks. The bond is that of a leaf (span 0).
    function demandUpdate(
        IFederation federation,
        Proposal calldata proposal,
        InputOpening calldata input,
        uint256 chunk
    ) external payable returns (bytes32 id);

    /// @notice Answers several demands in one transaction.
    /// @param calls The calldata of each answer: `openHashes` and the others.
    function answer(bytes[] calldata calls) external;

    /// @notice Answers a demand for nodes of the model's or the columns' tree. Anyone may call, and is owed half of the bond; the
    /// proposer is owed the other half.
    /// @param nodes 2^span of them.
    function openHashes(Demand calldata demand, Proposal calldata proposal, bytes32[] calldata nodes) external;

    /// @notice Answers a demand for nodes of the inputs' tree, likewise.
    function openSums(Demand calldata demand, Proposal calldata proposal, SumNode[] calldata nodes) external;

    /// @notice Answers a demand for what a leaf of the columns' tree is the hash of, likewise.
    /// @param leafHashes The hashes of the group's chunks, one for each of its updates.
    /// @param state The state of the column after the group.
    function openColumnLeaf(
        Demand calldata demand,
        Proposal calldata proposal,
        bytes32[] calldata leafHashes,
        bytes calldata state
    ) external;

    /// @notice Answers a demand for a group's 16 entries, likewise.
    /// @param trainers 16, zero where there is no entry.
    function openInputsGroup(
        Demand calldata demand,
        Proposal calldata proposal,
        uint256 weights,
        address[] calldata trainers,
        bytes32[] calldata updateRoots
    ) external;

    /// @notice Answers a demand for a chunk of an update, likewise.
    /// @param chunk 128 bytes.
    /// @param path Siblings from the chunk's leaf up to the update's root.
    function openUpdateChunk(
        Demand calldata demand,
        Proposal calldata proposal,
        bytes calldata chunk,
        SumNode[] calldata path
    ) external;

    /// @notice Where nobody has answered in time: voids the proposal and slashes its proposer, returns the demander's bond, and
    /// rewards the demander if it had announced the demand. Anyone may call.
    function forfeit(Demand calldata demand, Proposal calldata proposal) external;

    /// @notice Returns the bond of a demand that nobody has answered and whose proposal was proven wrong meanwhile, or fell by another
    /// demand before this one's time was over. A demand that was overdue by then, or when the proposal became final, proved nothing:
    /// its bond goes to the treasury, so that a flood of demands costs its sender the bonds.
    function reclaim(Demand calldata demand) external;

    /// @notice Pays the caller what this contract owes it.
    function claimOwed() external;

    /// @return What bonds and forfeits have brought the account and it has not claimed yet.
    function owedWei(address account) external view returns (uint256);

    /// @return The bond, in wei, of a demand with this span.
    function bondOf(IFederation federation, uint256 span) external view returns (uint256);
}
