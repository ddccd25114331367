// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { ERC20Burnable } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { IStake, IStakeLock } from "../interfaces/IStake.sol";

contract Stake is IStake, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    struct Position {
        uint128 bondedWei;
        uint128 unbondingWei;
        uint48 releaseAt;
    }

    uint256 private constant BASIS_POINTS = 10_000;
    uint256 private constant MAX_CHALLENGER_BASIS_POINTS = 5_000;

    IERC20 public immutable token;

    /// @notice What slashes have taken that no challenger is owed, waiting to be burned.
    uint256 public slashedWei;
    mapping(address account => uint256) public owedWei;
    mapping(address federation => mapping(address account => Position)) private _positions;

    constructor(IERC20 token_) {
        require(address(token_) != address(0), ZeroAddress());
        token = token_;
    }

    function deposit(address federation, uint256 amountWei) external nonReentrant {
        _deposit(federation, amountWei);
    }

    function depositWithPermit(
        address federation,
        uint256 amountWei,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant {
        try IERC20Permit(address(token)).permit(msg.sender, address(this), amountWei, deadline, v, r, s) {}
        catch {} // front-run permits leave the allowance; a missing allowance fails in the transfer
        _deposit(federation, amountWei);
    }

    function requestUnbond(address federation, uint256 amountWei) external {
        require(amountWei != 0, ZeroAmount());
        Position storage position = _positions[federation][msg.sender];
        uint256 bonded = position.bondedWei;
        require(amountWei <= bonded, InsufficientStake(amountWei, bonded));
        uint256 required = IStakeLock(federation).requiredStakeWei(msg.sender);
        require(bonded - amountWei >= required, StakeRequired(bonded - amountWei, required));

        uint256 releaseAt = block.timestamp + IStakeLock(federation).unbondingSeconds();
        position.bondedWei = uint128(bonded - amountWei);
        position.unbondingWei += uint128(amountWei);
        position.releaseAt = uint48(releaseAt);
        emit UnbondRequested(federation, msg.sender, amountWei, releaseAt);
    }

    function withdraw(address federation) external nonReentrant {
        Position storage position = _positions[federation][msg.sender];
        uint256 amountWei = position.unbondingWei;
        require(amountWei != 0, ZeroAmount());
        require(block.timestamp >= position.releaseAt, StillUnbonding(position.releaseAt));
        require(!IStakeLock(federation).isStakeLocked(msg.sender), StakeLocked());

        position.unbondingWei = 0;
        emit StakeWithdrawn(federation, msg.sender, amountWei);
        token.safeTransfer(msg.sender, amountWei);
    }

    function slash(
        address account,
        uint256 amountWei,
        address challenger,
        uint256 challengerBasisPoints
    ) external returns (uint256 takenWei) {
        Position storage position = _positions[msg.sender][account];
        uint256 bonded = position.bondedWei;
        uint256 unbonding = position.unbondingWei;
        takenWei = amountWei < bonded + unbonding ? amountWei : bonded + unbonding;
        uint256 fromBonded = takenWei < bonded ? takenWei : bonded;
        position.bondedWei = uint128(bonded - fromBonded);
        position.unbondingWei = uint128(unbonding - (takenWei - fromBonded));

        uint256 share = challengerBasisPoints < MAX_CHALLENGER_BASIS_POINTS
            ? challengerBasisPoints
            : MAX_CHALLENGER_BASIS_POINTS;
        uint256 challengerWei = challenger == account ? 0 : (takenWei * share) / BASIS_POINTS;
        if (challengerWei != 0) owedWei[challenger] += challengerWei;
        slashedWei += takenWei - challengerWei;
        emit StakeSlashed(msg.sender, account, challenger, takenWei, challengerWei);
    }

    function claimOwed() external nonReentrant {
        uint256 amountWei = owedWei[msg.sender];
        require(amountWei != 0, NothingOwed(msg.sender));
        owedWei[msg.sender] = 0;
        emit OwedClaimed(msg.sender, amountWei);
        token.safeTransfer(msg.sender, amountWei);
    }

    function burnSlashed() external nonReentrant {
        uint256 amountWei = slashedWei;
        require(amountWei != 0, ZeroAmount());
        slashedWei = 0;
        emit SlashedBurned(amountWei);
        ERC20Burnable(address(token)).burn(amountWei);
    }

    function bondedWei(address federation, address account) external view returns (uint256) {
        return _positions[federation][account].bondedWei;
    }

    function unbondingWei(address federation, address account) external view returns (uint256) {
        return _positions[federation][account].unbondingWei;
    }

    function _deposit(address federation, uint256 amountWei) private {
        require(federation != address(0), ZeroAddress());
        require(amountWei != 0, ZeroAmount());
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amountWei);
        uint256 received = token.balanceOf(address(this)) - before;
        require(received == amountWei, TokenTookFee(amountWei, received));

        // the supply of a token fits 128 bits or the transfer above has failed
        _positions[federation][msg.sender].bondedWei += uint128(amountWei);
        emit StakeDeposited(federation, msg.sender, amountWei);
    }
}
