// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { TimelockController } from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title Treasury: holds what slashes and grants bring, and carries out what was voted for, after a delay
/// @notice It administers itself: only the governor proposes and cancels, anyone executes, and nobody has a key to it.
contract Treasury is TimelockController {
    constructor(
        uint256 delaySeconds,
        address governor
    ) TimelockController(delaySeconds, _only(governor), _only(address(0)), address(0)) {}

    function _only(address account) private pure returns (address[] memory accounts) {
        accounts = new address[](1);
        accounts[0] = account;
    }
}
