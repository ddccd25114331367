// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { FederationParameters, Proposal, ProposalRecord } from "../types/Round.sol";

/// @title For tests: what calls itself a federation, has demands of its own, and calls back while one is forfeited
contract HostileFederation {
    address private _victim;
    bytes private _call;
    uint256 public reentered;
    uint64 public dimension = 64;
    uint96 private _demandBondWei = 1e9;

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

    function requireProposal(Proposal calldata proposal) external pure returns (ProposalRecord memory record) {
        record.round = proposal.round;
    }
}
