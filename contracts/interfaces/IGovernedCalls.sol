// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title GovernedCalls: what a vote can do, and nothing else
interface IGovernedCalls {
    error CallNotGoverned(address target, bytes4 selector);

    /// @notice Reverts unless a vote may make this call. A vote may call: the policies of started tasks; transfers, approvals
    /// and claims of the treasury and its funding of rewards; the treasury's share of slashes; the start of a task; the votes that
    /// funding gives; the settings of the governor and the delay of the treasury. A task that a vote would start must be
    /// deployed, so that its author can no longer choose what it is.
    function requireGoverned(address target, uint256 value, bytes calldata data) external view;
}
