// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title For tests: many views in one call
contract Views {
    /// @return answers Empty where a view reverts.
    function read(address[] calldata targets, bytes[] calldata calls) external view returns (bytes[] memory answers) {
        answers = new bytes[](calls.length);
        for (uint256 index = 0; index < calls.length; ++index) {
            // solhint-disable-next-line avoid-low-level-calls
            (bool answered, bytes memory answer) = targets[index].staticcall(calls[index]);
            if (answered) answers[index] = answer;
        }
    }
}
