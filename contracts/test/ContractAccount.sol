// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC1271 } from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title For tests: an account that is a contract, signs by its owner's key, and is not always glad to be paid
contract ContractAccount is IERC1271 {
    address private immutable _owner;
    bool private _refuses;
    address private _victim;
    bytes private _call;
    /// @notice The number of calls that it made while it was being paid and that went through.
    uint256 public reentered;

    error Refused();
    error CallFailed(bytes answer);

    constructor() {
        _owner = msg.sender;
    }

    receive() external payable {
        require(!_refuses, Refused());
        if (_victim == address(0)) return;
        // solhint-disable-next-line avoid-low-level-calls
        (bool done, ) = _victim.call(_call);
        if (done) ++reentered;
    }

    function refuse(bool refuses) external {
        _refuses = refuses;
    }

    function reenter(address victim, bytes calldata call) external {
        (_victim, _call) = (victim, call);
    }

    function execute(address to, bytes calldata data) external payable {
        // solhint-disable-next-line avoid-low-level-calls
        (bool done, bytes memory answer) = to.call{ value: msg.value }(data);
        require(done, CallFailed(answer));
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        (address signer, , ) = ECDSA.tryRecover(hash, signature);
        return signer == _owner ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}
