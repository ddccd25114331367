// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Deploys the contracts of one task, one after the other: their addresses follow from its own and from their order
contract TaskDeployer {
    error NotTheFactory(address account);
    error DeploymentFailed();

    address private immutable _factory = msg.sender;

    function deploy(bytes calldata creation) external returns (address made) {
        require(msg.sender == _factory, NotTheFactory(msg.sender));
        bytes memory code = creation;
        assembly ("memory-safe") {
            made := create(0, add(code, 32), mload(code))
            if iszero(made) {
                let size := returndatasize()
                if size {
                    let data := mload(64)
                    returndatacopy(data, 0, size)
                    revert(data, size)
                }
            }
        }
        // where no code was made this reverts, so that no nonce is spent and the later addresses stay right
        require(made != address(0), DeploymentFailed());
    }
}
