// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title For tests: a token that misbehaves in one way at a time
contract HostileToken is ERC20 {
    enum Behaviour {
        Honest,
        TakesFee,
        ReturnsFalse,
        Reverts,
        Reenters,
        ReturnsNothing
    }

    error Refused();

    Behaviour public behaviour;
    address public victim;
    bytes public call;
    /// @notice What the call into the victim returned.
    bytes public answer;

    constructor() ERC20("Hostile", "HOST") {
        _mint(msg.sender, 10 ** 60);
    }

    function behave(Behaviour behaviour_, address victim_, bytes calldata call_) external {
        (behaviour, victim, call) = (behaviour_, victim_, call_);
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return _answer(_misbehave() && super.transfer(to, amount));
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return _answer(_misbehave() && super.transferFrom(from, to, amount));
    }

    function burn(uint256 amount) external {
        if (_misbehave()) _burn(msg.sender, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (behaviour == Behaviour.TakesFee && from != address(0) && to != address(0)) {
            super._update(from, address(this), amount / 100);
            amount -= amount / 100;
        }
        super._update(from, to, amount);
    }

    function _misbehave() private returns (bool) {
        if (behaviour == Behaviour.Reverts) revert Refused();
        if (behaviour == Behaviour.Reenters) {
            // solhint-disable-next-line avoid-low-level-calls
            (, answer) = victim.call(call);
        }
        return behaviour != Behaviour.ReturnsFalse;
    }
    function _answer(bool done) private view returns (bool) {
        if (behaviour == Behaviour.ReturnsNothing) {
            assembly ("memory-safe") {
                return(0, 0)
            }
        }
        return done;
    }
}
