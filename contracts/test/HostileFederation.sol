// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { FederationParameters, Proposal, ProposalRecord, RoundTerms } from "../types/Round.sol";

/// @title For tests: a contract that calls itself a federation, has demands of its own, and calls back while one is forfeited
contract HostileFederation {
    address private _victim;
    bytes private _call;
    uint256 public reentered;
    uint64 public dimension = 64;
    uint96 private _demandBondWei = 1e9;
    /// @dev The record that it gives for every proposal.
    ProposalRecord private _record;
    uint32 public finalRound;

    function aim(address victim, bytes calldata call) external {
        (_victim, _call) = (victim, call);
    }

    function setDemandBondWei(uint96 bondWei) external {
        _demandBondWei = bondWei;
    }

    function voidProposal(Proposal calldata, address) external {
        // solhint-disable-next-line avoid-low-level-calls
        (bool done, ) = _victim.call(_call);
        if (done) ++reentered;
    }

    function holdProposal(Proposal calldata) external view returns (uint256) {
        return block.timestamp;
    }

    function parameters() external view returns (FederationParameters memory p) {
        p.demandBondWei = _demandBondWei;
    }

    /// @notice Says of its proposals what another federation says of one of its own.
    function repeat(ProposalRecord calldata record) external {
        _record = record;
    }

    function finalize(uint32 round) external {
        finalRound = round;
    }

    function requireProposal(Proposal calldata proposal) external view returns (ProposalRecord memory record) {
        record = _record;
        if (record.round == 0) record.round = proposal.round;
    }

    function proposalOf(uint32) external view returns (ProposalRecord memory) {
        return _record;
    }

    /// @dev This federation forgets no round.
    function termsOf(uint32 round) external pure returns (RoundTerms memory terms) {
        terms.round = round;
    }

    /// @dev This federation is its own stake contract, and treasury.
    function stake() external view returns (address) {
        return address(this);
    }

    function treasury() external view returns (address) {
        return address(this);
    }
}
