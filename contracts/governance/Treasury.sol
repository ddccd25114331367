// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { TimelockController } from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title Treasury: holds what slashes and grants bring, and carries out what voters have decided, after a delay
/// @notice It administers itself: only the governor proposes and cancels, anyone executes, and nobody has a key to it.
contract Treasury is TimelockController {
    /// @notice How long anyone may carry out a decision after its delay. Then it is as if nobody had ever scheduled it.
    uint256 public constant EXECUTION_SECONDS = 30 days;

    constructor(
        uint256 delaySeconds,
        address governor
    ) TimelockController(delaySeconds, _only(governor), _only(address(0)), address(0)) {}

    function getOperationState(bytes32 id) public view override returns (OperationState state) {
        state = super.getOperationState(id);
        bool late = state == OperationState.Ready && block.timestamp > getTimestamp(id) + EXECUTION_SECONDS;
        if (late) state = OperationState.Unset;
    }

    function _only(address account) private pure returns (address[] memory accounts) {
        accounts = new address[](1);
        accounts[0] = account;
    }
}
