// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SlashingFederation } from "../test/SlashingFederation.sol";
import { vm } from "../test/Vm.sol";
import { TributaryToken } from "../token/TributaryToken.sol";
import { Stake } from "./Stake.sol";

/// @title Acts on Stake as four accounts in two federations, and keeps its own books
contract StakeHandler {
    uint256 private constant ACTORS = 4;

    TributaryToken public immutable token;
    Stake public immutable stake;
    SlashingFederation[2] public federations;

    uint256 public depositedWei;
    uint256 public withdrawnWei;
    uint256 public claimedWei;
    uint256 public burnedWei;
    /// @notice Actions that had an effect: deposit, unbond, withdraw, slash, claim, burn.
    uint256[6] public actions;

    constructor() {
        token = new TributaryToken(address(this), 1e30);
        stake = new Stake(token);
        federations = [new SlashingFederation(), new SlashingFederation()];
    }

    function actor(uint256 index) public pure returns (address) {
        return address(uint160(0xACC0 + (index % ACTORS)));
    }

    function deposit(uint256 who, uint256 where, uint256 amountWei) external {
        amountWei = 1 + (amountWei % 1e20);
        address account = actor(who);
        token.transfer(account, amountWei);
        vm.prank(account);
        token.approve(address(stake), amountWei);
        vm.prank(account);
        stake.deposit(_federation(where), amountWei);
        depositedWei += amountWei;
        ++actions[0];
    }

    function requestUnbond(uint256 who, uint256 where, uint256 amountWei) external {
        uint256 bonded = stake.bondedWei(_federation(where), actor(who));
        if (bonded == 0) return;
        vm.prank(actor(who));
        stake.requestUnbond(_federation(where), 1 + (amountWei % bonded));
        ++actions[1];
    }

    function withdraw(uint256 who, uint256 where) external {
        uint256 unbonding = stake.unbondingWei(_federation(where), actor(who));
        if (unbonding == 0) return;
        vm.warp(block.timestamp + 1000);
        vm.prank(actor(who));
        stake.withdraw(_federation(where));
        withdrawnWei += unbonding;
        ++actions[2];
    }

    function slash(uint256 who, uint256 where, uint256 amountWei, uint256 challenger, uint256 basisPoints) external {
        address federation = _federation(where);
        uint256 held = stake.bondedWei(federation, actor(who)) + stake.unbondingWei(federation, actor(who));
        // up to twice what is there
        amountWei = amountWei % (2 * held + 1);
        uint256 taken = SlashingFederation(federation).slash(
            stake,
            actor(who),
            amountWei,
            actor(challenger),
            basisPoints % 20_000
        );
        require(taken == (amountWei < held ? amountWei : held), "took what it should not");
        if (taken != 0) ++actions[3];
    }

    function claimOwed(uint256 who) external {
        uint256 owed = stake.owedWei(actor(who));
        if (owed == 0) return;
        vm.prank(actor(who));
        stake.claimOwed();
        claimedWei += owed;
        ++actions[4];
    }

    function burnSlashed() external {
        uint256 slashed = stake.slashedWei();
        if (slashed == 0) return;
        stake.burnSlashed();
        burnedWei += slashed;
        ++actions[5];
    }

    /// @return wei_ What Stake says it holds: bonded, unbonding, owed and to be burned.
    function accountedWei() external view returns (uint256 wei_) {
        wei_ = stake.slashedWei();
        for (uint256 index = 0; index < ACTORS; ++index) {
            wei_ += stake.owedWei(actor(index));
            for (uint256 where = 0; where < 2; ++where) {
                wei_ += stake.bondedWei(_federation(where), actor(index));
                wei_ += stake.unbondingWei(_federation(where), actor(index));
            }
        }
    }

    function _federation(uint256 where) private view returns (address) {
        return address(federations[where % 2]);
    }
}

/// @title In = out + burned + held, whatever anyone does
contract StakeInvariants {
    StakeHandler private _handler;
    uint256 private _supplyWei;

    function setUp() external {
        _handler = new StakeHandler();
        _supplyWei = _handler.token().totalSupply();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_inIsOutAndBurnedAndHeld() external view {
        uint256 held = _handler.token().balanceOf(address(_handler.stake()));
        uint256 gone = _handler.withdrawnWei() + _handler.claimedWei() + _handler.burnedWei();
        require(_handler.depositedWei() == gone + held, "a wei is lost or made");
        require(held == _handler.accountedWei(), "held is not what is accounted for");
        require(_handler.token().totalSupply() == _supplyWei - _handler.burnedWei(), "supply");
    }

    /// @dev At the end of each run: what the invariant held over has happened.
    function afterInvariant() external view {
        require(_handler.actions(0) != 0, "nobody deposited");
        require(_handler.actions(1) + _handler.actions(3) != 0, "nobody unbonded or was slashed");
    }

    /// @notice One sequence in which every action takes effect, for any amounts.
    function testFuzz_everyActionHappens(uint96 amountWei, uint256 part, uint256 slashed, uint16 share) external {
        _handler.deposit(0, 0, amountWei);
        _handler.deposit(1, 1, part);
        _handler.requestUnbond(0, 0, part);
        _handler.slash(1, 1, 1 + (slashed % 2), 2, 5_000);
        _handler.deposit(1, 1, 100);
        _handler.slash(1, 1, type(uint256).max - slashed, 2, share);
        _handler.slash(0, 0, slashed, 3, share);
        _handler.claimOwed(2);
        _handler.burnSlashed();
        _handler.withdraw(0, 0);
        require(_handler.actions(0) == 3 && _handler.actions(1) == 1 && _handler.actions(3) != 0, "an action did nothing");
        StakeInvariants(this).invariant_inIsOutAndBurnedAndHeld();
    }
}
