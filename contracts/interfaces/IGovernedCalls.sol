// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title GovernedCalls: what a vote can do, and nothing else
interface IGovernedCalls {
    error CallNotGoverned(address target, bytes4 selector);

    /// @notice Reverts unless a vote may make this call. Governed are: the policies of started tasks; transfers, approvals
    /// and claims of the treasury and its funding of rewards; the treasury's share of slashes; starting a task; what
    /// funding gives in votes; the settings of the governor and the delay of the treasury. A task that is to be started must
    /// be deployed: what it is cannot be chosen any more.
    function requireGoverned(address target, uint256 value, bytes calldata data) external view;
}
