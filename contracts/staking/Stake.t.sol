// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Deploy } from "../test/Deploy.t.sol";
import { SlashingFederation } from "../test/SlashingFederation.sol";
import { vm } from "../test/Vm.t.sol";
import { TributaryToken } from "../token/TributaryToken.sol";
import { Stake } from "./Stake.sol";

/// @title Acts on Stake as six accounts in two federations and as the treasury, and keeps its own books
contract StakeHandler {
    enum Action {
        Deposit,
        DepositWithPermit,
        RequestUnbond,
        Withdraw,
        Slash,
        Checkpoint,
        RequireStake,
        ClaimOwed,
        SettleSlashed,
        SetTreasuryBasisPoints,
        Transfer,
        PassTime,
        Refuse
    }

    enum Holding {
        Bonded,
        Unbonding,
        OutOfDate
    }

    struct Book {
        uint256 bondedWei;
        uint256 unbondingWei;
        /// What the history says of the present second.
        uint256 writtenWei;
        uint256 releaseAt;
        uint32 vouchedRound;
    }

    struct Memory {
        address federation;
        address account;
        uint256 timestamp;
        uint256 bondedWei;
    }

    uint256 public constant ACTORS = 6;
    uint256 private constant FEDERATIONS = 2;
    bytes32 private constant PERMIT =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");

    TributaryToken public immutable token;
    Stake public immutable stake;
    SlashingFederation[FEDERATIONS] public federations;
    address[ACTORS + 1] private _actors;

    uint256 public inWei;
    uint256 public outWei;
    uint256 public burnedWei;
    uint256 public transferredWei;
    uint256 public slashedWei;
    uint256 public treasuryBasisPoints = 5_000;
    mapping(address account => uint256) public owedWei;
    mapping(address federation => mapping(address account => Book)) public books;
    Memory[] private _memories;
    /// @notice How often each action had its effect.
    mapping(Action => uint256) public actions;

    constructor() {
        for (uint256 index = 0; index <= ACTORS; ++index) _actors[index] = vm.addr(_privateKey(index));
        token = Deploy.token(address(this), 1e30);
        stake = Deploy.stake(token, treasury(), treasuryBasisPoints);
        federations = [Deploy.slashingFederation(), Deploy.slashingFederation()];
    }

    /// @return The account, or for `ACTORS` the treasury.
    function actor(uint256 index) public view returns (address) {
        return _actors[index % (ACTORS + 1)];
    }

    function treasury() public view returns (address) {
        return _actors[ACTORS];
    }

    // ── actions ──

    function deposit(uint256 who, uint256 where, uint256 amountWei) external {
        amountWei = _amount(amountWei);
        (address federation, address account) = _position(who, where);
        token.transfer(account, amountWei);
        vm.prank(account);
        token.approve(address(stake), amountWei);
        vm.prank(account);
        stake.deposit(federation, amountWei);
        _deposited(federation, account, amountWei);
        ++actions[Action.Deposit];
    }

    function depositWithPermit(uint256 who, uint256 where, uint256 amountWei) external {
        amountWei = _amount(amountWei);
        (address federation, address account) = _position(who, where);
        token.transfer(account, amountWei);
        (uint8 v, bytes32 r, bytes32 s) = _permit(who % ACTORS, amountWei);
        vm.prank(account);
        stake.depositWithPermit(federation, amountWei, type(uint256).max, v, r, s);
        _deposited(federation, account, amountWei);
        ++actions[Action.DepositWithPermit];
    }

    function requestUnbond(uint256 who, uint256 where, uint256 part, uint32 vouchedRound) external {
        (address federation, address account, bool found) = _find(who, where, Holding.Bonded);
        if (!found) return;
        Book storage book = books[federation][account];
        uint256 amountWei = 1 + (part % book.bondedWei);
        SlashingFederation(federation).vouch(account, vouchedRound);
        vm.prank(account);
        stake.requestUnbond(federation, amountWei);

        book.bondedWei -= amountWei;
        book.unbondingWei += amountWei;
        book.writtenWei = book.bondedWei;
        book.releaseAt = block.timestamp + SlashingFederation(federation).unbondingSeconds();
        book.vouchedRound = vouchedRound;
        ++actions[Action.RequestUnbond];
    }

    function withdraw(uint256 who, uint256 where) external {
        (address federation, address account, bool found) = _find(who, where, Holding.Unbonding);
        if (!found) return;
        Book storage book = books[federation][account];
        if (SlashingFederation(federation).settledRound() < book.vouchedRound) {
            if (block.timestamp >= book.releaseAt) _mustFail(account, abi.encodeCall(stake.withdraw, (federation)));
            SlashingFederation(federation).settle(book.vouchedRound);
        }
        if (block.timestamp < book.releaseAt) {
            _mustFail(account, abi.encodeCall(stake.withdraw, (federation)));
            _passTo(book.releaseAt);
        }
        vm.prank(account);
        stake.withdraw(federation);
        outWei += book.unbondingWei;
        book.unbondingWei = 0;
        ++actions[Action.Withdraw];
    }

    function slash(uint256 who, uint256 where, uint256 amountWei, uint256 challenger, uint256 basisPoints) external {
        (address federation, address account, bool found) = _find(who, where, Holding.Bonded);
        if (!found) (federation, account, found) = _find(who, where, Holding.Unbonding);
        if (!found) return;
        Book storage book = books[federation][account];
        uint256 held = book.bondedWei + book.unbondingWei;
        // an amount of up to twice what is there
        amountWei = 1 + (amountWei % (2 * held));
        address to = challenger % 9 == 8 ? address(0) : actor(challenger % 9);
        basisPoints %= 20_000;
        uint256 taken = SlashingFederation(federation).slash(stake, account, amountWei, to, basisPoints);

        require(taken == (amountWei < held ? amountWei : held), "took what it should not");
        uint256 left = held - taken;
        // the slash takes what is bonded first
        if (left < book.unbondingWei) book.unbondingWei = left;
        book.bondedWei = left - book.unbondingWei;
        uint256 shareWei = (taken * (basisPoints > 5_000 ? 5_000 : basisPoints)) / 10_000;
        if (to == address(0) || to == account) shareWei = 0;
        else owedWei[to] += shareWei;
        slashedWei += taken - shareWei;
        ++actions[Action.Slash];
    }

    function checkpoint(uint256 who, uint256 where) external {
        (address federation, address account, bool found) = _find(who, where, Holding.OutOfDate);
        stake.checkpoint(federation, account);
        books[federation][account].writtenWei = books[federation][account].bondedWei;
        if (found) ++actions[Action.Checkpoint];
    }

    function requireStake(uint256 who, uint256 where, uint256 requiredWei) external {
        (address federation, address account, bool found) = _find(who, where, Holding.OutOfDate);
        Book storage book = books[federation][account];
        _mustFail(federation, abi.encodeCall(stake.requireStake, (account, book.bondedWei + 1)));
        vm.prank(federation);
        stake.requireStake(account, requiredWei % (book.bondedWei + 1));
        book.writtenWei = book.bondedWei;
        if (found) ++actions[Action.RequireStake];
    }

    function claimOwed(uint256 who) external {
        for (uint256 index = 0; index <= ACTORS; ++index) {
            address account = actor((who % (ACTORS + 1)) + index);
            uint256 amountWei = owedWei[account];
            if (amountWei == 0) continue;
            uint256 before = token.balanceOf(account);
            vm.prank(account);
            stake.claimOwed();
            require(token.balanceOf(account) == before + amountWei, "paid what is not owed");
            outWei += amountWei;
            owedWei[account] = 0;
            ++actions[Action.ClaimOwed];
            return;
        }
    }

    function settleSlashed() external {
        if (slashedWei == 0) return;
        stake.settleSlashed();
        uint256 shareWei = (slashedWei * treasuryBasisPoints) / 10_000;
        owedWei[treasury()] += shareWei;
        burnedWei += slashedWei - shareWei;
        slashedWei = 0;
        ++actions[Action.SettleSlashed];
    }

    function setTreasuryBasisPoints(uint256 who, uint256 basisPoints) external {
        basisPoints %= 10_001;
        _mustFail(actor(who % ACTORS), abi.encodeCall(stake.setTreasuryBasisPoints, (basisPoints)));
        _mustFail(treasury(), abi.encodeCall(stake.setTreasuryBasisPoints, (10_001 + basisPoints)));
        vm.prank(treasury());
        stake.setTreasuryBasisPoints(basisPoints);
        treasuryBasisPoints = basisPoints;
        ++actions[Action.SetTreasuryBasisPoints];
    }

    /// @notice Tokens that nobody deposits: Stake keeps them, and no account has them.
    function transfer(uint256 amountWei) external {
        amountWei = _amount(amountWei);
        token.transfer(address(stake), amountWei);
        transferredWei += amountWei;
        ++actions[Action.Transfer];
    }

    function passTime(uint256 seconds_) external {
        _passTo(block.timestamp + 1 + (seconds_ % 700));
        ++actions[Action.PassTime];
    }

    /// @notice What nobody may do.
    function refuse(uint256 who, uint256 where, uint256 excessWei) external {
        (address federation, address account) = _position(who, where);
        Book storage book = books[federation][account];
        excessWei = 1 + (excessWei % 1e30);
        _mustFail(account, abi.encodeCall(stake.requestUnbond, (federation, book.bondedWei + excessWei)));
        _mustFail(account, abi.encodeCall(stake.requestUnbond, (federation, 0)));
        _mustFail(account, abi.encodeCall(stake.deposit, (federation, excessWei)));
        _mustFail(account, abi.encodeCall(stake.deposit, (actor(who), excessWei)));
        if (book.unbondingWei == 0) _mustFail(account, abi.encodeCall(stake.withdraw, (federation)));
        if (owedWei[account] == 0) _mustFail(account, abi.encodeCall(stake.claimOwed, ()));
        if (slashedWei == 0) _mustFail(account, abi.encodeCall(stake.settleSlashed, ()));
        // for a federation of its own
        vm.prank(account);
        require(stake.slash(account, excessWei, actor(where), 5_000) == 0, "who is no federation slashed");
        ++actions[Action.Refuse];
    }

    // ── what must hold ──

    function checkMoney() external view {
        uint256 held = token.balanceOf(address(stake));
        require(inWei + transferredWei == outWei + burnedWei + held, "a wei is lost or made");
        require(token.totalSupply() == 1e30 - burnedWei, "supply");
        require(stake.slashedWei() == slashedWei, "slashed");
        uint256 accountedWei = slashedWei;
        for (uint256 index = 0; index <= ACTORS; ++index) {
            require(stake.owedWei(_actors[index]) == owedWei[_actors[index]], "owed");
            accountedWei += owedWei[_actors[index]];
        }
        for (uint256 place = 0; place < ACTORS * FEDERATIONS; ++place) {
            (address federation, address account) = _position(place, place / ACTORS);
            Book storage book = books[federation][account];
            require(stake.bondedWei(federation, account) == book.bondedWei, "bonded");
            require(stake.unbondingWei(federation, account) == book.unbondingWei, "unbonding");
            accountedWei += book.bondedWei + book.unbondingWei;
        }
        require(held == accountedWei + transferredWei, "held is not what is accounted for");
    }

    // ── internal ──

    /// @dev Whenever a second ends, the history knows what was bonded then, and nothing that it knew before has changed.
    function _passTo(uint256 timestamp) private {
        uint256 ended = vm.getBlockTimestamp();
        vm.warp(timestamp);
        for (uint256 place = 0; place < ACTORS * FEDERATIONS; ++place) {
            (address federation, address account) = _position(place, place / ACTORS);
            uint256 written = books[federation][account].writtenWei;
            require(stake.bondedWeiAt(federation, account, ended) == written, "the second that ended");
            require(stake.bondedWeiAt(federation, account, timestamp - 1) == written, "the last second");
            if (place == ended % (ACTORS * FEDERATIONS)) _memories.push(Memory(federation, account, ended, written));
        }
        Memory memory old = _memories[(ended * 31) % _memories.length];
        require(stake.bondedWeiAt(old.federation, old.account, old.timestamp) == old.bondedWei, "the past changed");
        _mustFail(address(this), abi.encodeCall(stake.bondedWeiAt, (old.federation, old.account, timestamp)));
    }

    function _deposited(address federation, address account, uint256 amountWei) private {
        Book storage book = books[federation][account];
        book.bondedWei += amountWei;
        book.writtenWei = book.bondedWei;
        inWei += amountWei;
    }

    function _mustFail(address sender, bytes memory call) private {
        vm.prank(sender);
        // solhint-disable-next-line avoid-low-level-calls
        (bool done, ) = address(stake).call(call);
        require(!done, "was not refused");
    }

    function _permit(uint256 who, uint256 amountWei) private view returns (uint8, bytes32, bytes32) {
        address owner = _actors[who];
        bytes32 message = keccak256(
            abi.encode(PERMIT, owner, stake, amountWei, token.nonces(owner), type(uint256).max)
        );
        return vm.sign(_privateKey(who), keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), message)));
    }

    /// @return The next position from this one that has such a thing, or this one and false.
    function _find(uint256 who, uint256 where, Holding holding) private view returns (address, address, bool) {
        for (uint256 step = 0; step < ACTORS * FEDERATIONS; ++step) {
            (address federation, address account) = _position((who % ACTORS) + step, (where % FEDERATIONS) + step / ACTORS);
            Book storage book = books[federation][account];
            if (holding == Holding.Bonded && book.bondedWei != 0) return (federation, account, true);
            if (holding == Holding.Unbonding && book.unbondingWei != 0) return (federation, account, true);
            if (holding == Holding.OutOfDate && book.writtenWei != book.bondedWei) return (federation, account, true);
        }
        (address federation_, address account_) = _position(who, where);
        return (federation_, account_, false);
    }

    function _position(uint256 who, uint256 where) private view returns (address federation, address account) {
        return (address(federations[where % FEDERATIONS]), _actors[who % ACTORS]);
    }

    /// @return From one wei to 100 tokens, small ones as often as large ones.
    function _amount(uint256 amountWei) private pure returns (uint256) {
        return 1 + (amountWei % 10 ** (uint256(keccak256(abi.encode(amountWei))) % 21));
    }

    function _privateKey(uint256 index) private pure returns (uint256) {
        return uint256(keccak256(abi.encode("actor", index)));
    }
}

/// @title In = out + burned + held, and the history is right, whatever anyone does
contract StakeInvariants {
    StakeHandler private _handler;

    function setUp() external {
        _handler = StakeHandler(Deploy.handler("contracts/staking/Stake.t.sol:StakeHandler", 0));
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// hardhat-config: default.invariant.runs = 8
    /// hardhat-config: default.invariant.depth = 512
    function invariant_inIsOutAndBurnedAndHeld() external view {
        _handler.checkMoney();
    }

    /// @dev At the end of each run: what the invariant held over has happened.
    function afterInvariant() external view {
        for (uint256 action = 0; action <= uint256(type(StakeHandler.Action).max); ++action) {
            require(_handler.actions(StakeHandler.Action(action)) != 0, "an action never happened");
        }
    }
}
