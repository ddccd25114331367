// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The cheat codes that the Solidity tests use
interface Vm {
    function prank(address sender) external;

    function warp(uint256 timestamp) external;

    function deal(address account, uint256 balanceWei) external;

    /// @notice The clock, where the compiler might read `block.timestamp` again after a warp.
    function getBlockTimestamp() external view returns (uint256);

    function getNonce(address account) external view returns (uint64);

    function computeCreateAddress(address deployer, uint256 nonce) external pure returns (address);

    /// @notice What creates the contract, as the build has made it.
    function getCode(string calldata artifact) external view returns (bytes memory);

    function addr(uint256 privateKey) external pure returns (address);

    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
}

Vm constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
