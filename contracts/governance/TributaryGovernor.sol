// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Governor } from "@openzeppelin/contracts/governance/Governor.sol";
import { TimelockController } from "@openzeppelin/contracts/governance/TimelockController.sol";
import { GovernorSettings } from "@openzeppelin/contracts/governance/extensions/GovernorSettings.sol";
import { GovernorTimelockControl } from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import { GovernorVotes } from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {
    GovernorVotesQuorumFraction
} from "@openzeppelin/contracts/governance/extensions/GovernorVotesQuorumFraction.sol";
import { IVotes } from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import { Time } from "@openzeppelin/contracts/utils/types/Time.sol";
import { IGovernedCalls } from "../interfaces/IGovernedCalls.sol";
import { Parameters } from "../libraries/Parameters.sol";
import { PackedCounting } from "./PackedCounting.sol";
import { VotingBounds } from "./VotingBounds.sol";

/// @notice How votes are held. Times are in seconds.
struct VotingSettings {
    /// How long after a governance proposal the snapshot is, at which an account's votes are taken and voting begins.
    uint48 votingDelay;
    uint32 votingPeriod;
    /// The number of votes that an account needs to make a governance proposal.
    uint256 proposalThreshold;
    /// The percentage of all votes that must be for a governance proposal or abstain.
    uint256 quorumNumerator;
    /// How long others can still vote, at least, after the vote that reached the quorum.
    uint48 lateQuorumVoteExtension;
    /// The least value that delay, period and extension can get.
    uint32 minimumSeconds;
}

/// @title Governance proposals and votes on what is governed, and on nothing else
contract TributaryGovernor is
    VotingBounds,
    Governor,
    GovernorSettings,
    PackedCounting,
    GovernorVotes,
    GovernorVotesQuorumFraction,
    GovernorTimelockControl
{
    /// @notice How long after the vote anyone may queue what it decided.
    uint256 public constant QUEUE_SECONDS = 30 days;

    IGovernedCalls public immutable governedCalls;

    constructor(
        IVotes votingPower,
        TimelockController timelock_,
        IGovernedCalls governedCalls_,
        VotingSettings memory settings,
        uint256 maxProposalThreshold_
    )
        VotingBounds(settings.minimumSeconds, maxProposalThreshold_)
        Governor("Tributary")
        GovernorVotes(votingPower)
        GovernorTimelockControl(timelock_)
        GovernorSettings(settings.votingDelay, settings.votingPeriod, settings.proposalThreshold)
        GovernorVotesQuorumFraction(settings.quorumNumerator)
        PackedCounting(settings.lateQuorumVoteExtension)
    {
        governedCalls = governedCalls_;
    }

    /// @dev A decision is carried out in time or never: nobody can keep it back for a better moment.
    function state(
        uint256 id
    ) public view override(Governor, GovernorTimelockControl) returns (ProposalState current) {
        current = super.state(id);
        bool neverQueued = current == ProposalState.Succeeded && clock() > proposalDeadline(id) + QUEUE_SECONDS;
        // its author can cancel only before voting begins: a queued proposal reads as canceled once the treasury has let it expire
        bool neverExecuted = current == ProposalState.Canceled && proposalEta(id) != 0;
        if (neverQueued || neverExecuted) current = ProposalState.Expired;
    }

    function proposalDeadline(
        uint256 id
    ) public view override(Governor, PackedCounting) returns (uint256) {
        return super.proposalDeadline(id);
    }

    /// @dev The clock is that of `VotingPower`, computed here without a call, because every vote reads it.
    function clock() public view override(Governor, GovernorVotes) returns (uint48) {
        return Time.timestamp();
    }

    function proposalThreshold() public view override(Governor, GovernorSettings) returns (uint256) {
        return super.proposalThreshold();
    }

    function proposalNeedsQueuing(
        uint256 id
    ) public view override(Governor, GovernorTimelockControl) returns (bool) {
        return super.proposalNeedsQueuing(id);
    }

    function _propose(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        string memory description,
        address proposer
    ) internal override returns (uint256 id) {
        // comes first, because it checks the number of calls
        id = super._propose(targets, values, calldatas, description, proposer);
        _openTally(id);
        for (uint256 index = 0; index < targets.length; ++index) {
            governedCalls.requireGoverned(targets[index], values[index], calldatas[index]);
        }
    }

    // ── bounds of its own settings ──

    function _setVotingDelay(uint48 seconds_) internal override {
        Parameters.requireWithin("votingDelay", seconds_, minimumSeconds, MAX_SECONDS);
        super._setVotingDelay(seconds_);
    }

    function _setVotingPeriod(uint32 seconds_) internal override {
        Parameters.requireWithin("votingPeriod", seconds_, minimumSeconds, MAX_SECONDS);
        super._setVotingPeriod(seconds_);
    }

    function _setProposalThreshold(uint256 votes) internal override {
        Parameters.requireWithin("proposalThreshold", votes, 1, maxProposalThreshold);
        super._setProposalThreshold(votes);
    }

    function _updateQuorumNumerator(uint256 percent) internal override {
        Parameters.requireWithin("quorumNumerator", percent, 1, MAX_QUORUM_PERCENT);
        super._updateQuorumNumerator(percent);
    }

    function _setLateQuorumVoteExtension(uint48 seconds_) internal override {
        Parameters.requireWithin("lateQuorumVoteExtension", seconds_, minimumSeconds, MAX_SECONDS);
        super._setLateQuorumVoteExtension(seconds_);
    }

    function _tallyUpdated(uint256 id) internal override(Governor, PackedCounting) {
        super._tallyUpdated(id);
    }

    // ── carried out by the treasury ──

    function _queueOperations(
        uint256 id,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint48) {
        return super._queueOperations(id, targets, values, calldatas, descriptionHash);
    }

    function _executeOperations(
        uint256 id,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) {
        super._executeOperations(id, targets, values, calldatas, descriptionHash);
    }

    function _cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint256) {
        return super._cancel(targets, values, calldatas, descriptionHash);
    }

    function _executor() internal view override(Governor, GovernorTimelockControl) returns (address) {
        return super._executor();
    }
}
