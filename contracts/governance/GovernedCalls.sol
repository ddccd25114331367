// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { TimelockController } from "@openzeppelin/contracts/governance/TimelockController.sol";
import { GovernorPreventLateQuorum } from "@openzeppelin/contracts/governance/extensions/GovernorPreventLateQuorum.sol";
import { GovernorSettings } from "@openzeppelin/contracts/governance/extensions/GovernorSettings.sol";
import {
    GovernorVotesQuorumFraction
} from "@openzeppelin/contracts/governance/extensions/GovernorVotesQuorumFraction.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IFederationFactory } from "../interfaces/IFederationFactory.sol";
import { IGovernedCalls } from "../interfaces/IGovernedCalls.sol";
import { IPolicy } from "../interfaces/IPolicy.sol";
import { IRewards } from "../interfaces/IRewards.sol";
import { IStake } from "../interfaces/IStake.sol";
import { IVotingPower } from "../interfaces/IVotingPower.sol";
import { Parameters } from "../libraries/Parameters.sol";

contract GovernedCalls is IGovernedCalls {
    uint256 private constant MAX_DELAY_SECONDS = 30 days;

    address public immutable token;
    address public immutable stake;
    address public immutable votingPower;
    address public immutable factory;
    address public immutable timelock;
    address public immutable governor;
    /// @notice The least that the treasury's delay can become.
    uint256 public immutable minimumSeconds;

    constructor(
        address token_,
        address stake_,
        address votingPower_,
        address factory_,
        address timelock_,
        address governor_,
        uint256 minimumSeconds_
    ) {
        token = token_;
        stake = stake_;
        votingPower = votingPower_;
        factory = factory_;
        timelock = timelock_;
        governor = governor_;
        minimumSeconds = minimumSeconds_;
    }

    function requireGoverned(address target, uint256 value, bytes calldata data) external view {
        // the treasury may send the chain's own currency, but not together with a call
        if (value != 0 && data.length == 0) return;
        bytes4 selector = bytes4(data);
        bool governed = value == 0 && data.length >= 4 && _isGoverned(target, selector);
        require(governed, CallNotGoverned(target, selector));
        if (target == timelock) _requireDelay(abi.decode(data[4:], (uint256)));
        if (target == factory) _requireDeployed(abi.decode(data[4:], (bytes32)));
    }

    function _isGoverned(address target, bytes4 selector) private view returns (bool) {
        if (target == token) return selector == IERC20.transfer.selector || selector == IERC20.approve.selector;
        if (target == stake)
            return selector == IStake.setTreasuryBasisPoints.selector || selector == IStake.claimOwed.selector;
        if (target == votingPower) return selector == IVotingPower.setFundingTerms.selector;
        if (target == factory) return selector == IFederationFactory.startTask.selector;
        if (target == timelock) return selector == TimelockController.updateDelay.selector;
        if (target == governor) return _isSetting(selector);
        if (IFederationFactory(factory).isStartedPolicy(target)) return _isOfPolicy(selector);
        return IFederationFactory(factory).isStartedRewards(target) && selector == IRewards.fund.selector;
    }

    function _isSetting(bytes4 selector) private pure returns (bool) {
        return
            selector == GovernorSettings.setVotingDelay.selector ||
            selector == GovernorSettings.setVotingPeriod.selector ||
            selector == GovernorSettings.setProposalThreshold.selector ||
            selector == GovernorVotesQuorumFraction.updateQuorumNumerator.selector ||
            selector == GovernorPreventLateQuorum.setLateQuorumVoteExtension.selector;
    }

    function _isOfPolicy(bytes4 selector) private pure returns (bool) {
        return
            selector == IPolicy.setFederationParameter.selector ||
            selector == IPolicy.setRewardParameter.selector ||
            selector == IPolicy.setRule.selector ||
            selector == IPolicy.setDocument.selector ||
            selector == IPolicy.eject.selector ||
            selector == IPolicy.readmit.selector ||
            selector == IPolicy.retire.selector ||
            selector == IPolicy.restoreBalances.selector ||
            selector == IPolicy.releasePool.selector ||
            selector == IPolicy.allowPause.selector ||
            selector == IPolicy.unpause.selector ||
            selector == IPolicy.setGuardian.selector;
    }

    /// @dev A task must be deployed before a vote starts it: else its author could choose after the vote what it is.
    function _requireDeployed(bytes32 id) private view {
        address federation = IFederationFactory(factory).contractsOf(id).federation;
        require(federation.code.length != 0, IFederationFactory.NotDeployed(id));
    }

    function _requireDelay(uint256 seconds_) private view {
        Parameters.requireWithin("timelockDelay", seconds_, minimumSeconds, MAX_DELAY_SECONDS);
    }
}
