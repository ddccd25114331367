// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title For tests: many calls in one transaction
contract Batch {
    error CallFailed(uint256 index);

    receive() external payable {}

    function run(address to, bytes[] calldata calls) external {
        for (uint256 index = 0; index < calls.length; ++index) {
            // solhint-disable-next-line avoid-low-level-calls
            (bool done, ) = to.call(calls[index]);
            require(done, CallFailed(index));
        }
    }
}
