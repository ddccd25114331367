// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Votes } from "@openzeppelin/contracts/governance/utils/Votes.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { ERC20Burnable } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { Checkpoints } from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import { Time } from "@openzeppelin/contracts/utils/types/Time.sol";
import { IStake, IStakeLock } from "../interfaces/IStake.sol";

contract Stake is IStake, Votes, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;
    using Checkpoints for Checkpoints.Trace208;

    struct Position {
        uint128 bondedWei;
        uint128 unbondingWei;
        uint48 releaseAt;
        /// Stake that is unbonding answers for the rounds up to this one.
        uint32 vouchedRound;
    }

    uint256 private constant BASIS_POINTS = 10_000;
    uint256 private constant MAX_CHALLENGER_BASIS_POINTS = 5_000;

    IERC20 public immutable token;
    address public immutable treasury;

    /// @dev All that slashes have ever taken and no challenger is owed, plus one, and all of that which was ever settled, plus one: so a
    /// slash never pays for filling an empty slot.
    uint256 private _takenWei = 1;
    uint256 private _settledWei = 1;
    mapping(address account => uint256) public owedWei;
    mapping(address federation => mapping(address account => Position)) private _positions;
    /// @dev What was bonded, by the second. A slash writes nothing here, so that a challenge costs less: see `checkpoint`.
    mapping(address federation => mapping(address account => Checkpoints.Trace208)) private _bondedHistory;
    /// @dev All that the histories of an account say it has bonded, which are its votes.
    mapping(address account => uint256) private _votingUnits;
    uint256 public treasuryBasisPoints;

    constructor(
        IERC20 token_,
        address treasury_,
        uint256 treasuryBasisPoints_
    ) EIP712("Stake", "1") {
        require(address(token_) != address(0) && treasury_ != address(0), ZeroAddress());
        token = token_;
        treasury = treasury_;
        _setTreasuryBasisPoints(treasuryBasisPoints_);
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
        // a permit that somebody front-ran has left the allowance; where the allowance is missing, the transfer fails
        // solhint-disable-next-line no-empty-blocks
        try IERC20Permit(address(token)).permit(msg.sender, address(this), amountWei, deadline, v, r, s) {} catch {}
        _deposit(federation, amountWei);
    }

    function requestUnbond(address federation, uint256 amountWei) external {
        require(amountWei != 0, ZeroAmount());
        Position storage position = _positions[federation][msg.sender];
        uint256 bonded = position.bondedWei;
        require(amountWei <= bonded, InsufficientStake(bonded, amountWei));
        uint256 required = IStakeLock(federation).requiredStakeWei(msg.sender);
        require(bonded - amountWei >= required, StakeRequired(bonded - amountWei, required));

        uint256 releaseAt = block.timestamp + IStakeLock(federation).unbondingSeconds();
        // both casts are of at most what is bonded, which has 128 bits
        position.bondedWei = uint128(bonded - amountWei);
        position.unbondingWei += uint128(amountWei);
        position.releaseAt = releaseAt.toUint48();
        position.vouchedRound = IStakeLock(federation).vouchedRound(msg.sender);
        _writeHistory(federation, msg.sender);
        emit UnbondRequested(federation, msg.sender, amountWei, releaseAt);
    }

    function withdraw(address federation) external nonReentrant {
        Position storage position = _positions[federation][msg.sender];
        uint256 amountWei = position.unbondingWei;
        require(amountWei != 0, ZeroAmount());
        require(block.timestamp >= position.releaseAt, StillUnbonding(position.releaseAt));
        uint256 settled = IStakeLock(federation).settledRound();
        require(settled >= position.vouchedRound, StakeLocked(position.vouchedRound, settled));

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
        unchecked {
            // adds two amounts of 128 bits, and subtracts no more than there is
            uint256 held = bonded + unbonding;
            takenWei = amountWei < held ? amountWei : held;
            if (takenWei <= bonded) {
                position.bondedWei = uint128(bonded - takenWei);
            } else {
                position.bondedWei = 0;
                position.unbondingWei = uint128(held - takenWei);
            }
        }

        uint256 share = challengerBasisPoints < MAX_CHALLENGER_BASIS_POINTS
            ? challengerBasisPoints
            : MAX_CHALLENGER_BASIS_POINTS;
        bool rewarded = challenger != address(0) && challenger != account;
        uint256 challengerWei = rewarded ? (takenWei * share) / BASIS_POINTS : 0;
        if (challengerWei != 0) owedWei[challenger] += challengerWei;
        _takenWei += takenWei - challengerWei;
        emit StakeSlashed(msg.sender, account, challenger, takenWei, challengerWei);
    }

    function checkpoint(address federation, address account) public {
        if (_bondedHistory[federation][account].latest() == _positions[federation][account].bondedWei) return;
        _writeHistory(federation, account);
    }

    function requireStake(address account, uint256 requiredWei) external {
        uint256 bonded = _positions[msg.sender][account].bondedWei;
        require(bonded >= requiredWei, InsufficientStake(bonded, requiredWei));
        checkpoint(msg.sender, account);
    }

    function claimOwed() external nonReentrant {
        uint256 amountWei = owedWei[msg.sender];
        require(amountWei != 0, NothingOwed(msg.sender));
        owedWei[msg.sender] = 0;
        emit OwedClaimed(msg.sender, amountWei);
        token.safeTransfer(msg.sender, amountWei);
    }

    function settleSlashed() external nonReentrant {
        uint256 amountWei = slashedWei();
        require(amountWei != 0, ZeroAmount());
        _settledWei += amountWei;
        uint256 treasuryWei = (amountWei * treasuryBasisPoints) / BASIS_POINTS;
        if (treasuryWei != 0) owedWei[treasury] += treasuryWei;
        emit SlashedSettled(treasuryWei, amountWei - treasuryWei);
        if (treasuryWei != amountWei) ERC20Burnable(address(token)).burn(amountWei - treasuryWei);
    }

    function setTreasuryBasisPoints(uint256 basisPoints) external {
        require(msg.sender == treasury, NotTheTreasury(msg.sender));
        _setTreasuryBasisPoints(basisPoints);
    }

    function clock() public view override returns (uint48) {
        return Time.timestamp();
    }

    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    function slashedWei() public view returns (uint256) {
        return _takenWei - _settledWei;
    }

    function bondedWei(address federation, address account) external view returns (uint256) {
        return _positions[federation][account].bondedWei;
    }

    function bondedWeiAt(address federation, address account, uint256 timestamp) external view returns (uint256) {
        require(timestamp < block.timestamp, NotYetPast(timestamp));
        // the cast is of a time before the clock's, which has 48 bits
        return _bondedHistory[federation][account].upperLookupRecent(uint48(timestamp));
    }

    function unbondingWei(address federation, address account) external view returns (uint256) {
        return _positions[federation][account].unbondingWei;
    }

    function _deposit(address federation, uint256 amountWei) private {
        require(federation != address(0), ZeroAddress());
        require(amountWei != 0, ZeroAmount());
        _requireFederation(federation);
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amountWei);
        uint256 received = token.balanceOf(address(this)) - before;
        require(received == amountWei, TokenTookFee(amountWei, received));

        _positions[federation][msg.sender].bondedWei += amountWei.toUint128();
        _writeHistory(federation, msg.sender);
        emit StakeDeposited(federation, msg.sender, amountWei);
    }

    /// @dev Writes the history, and moves votes with it: staked tokens still vote, by default for whoever staked them.
    function _writeHistory(address federation, address account) private {
        uint128 bonded = _positions[federation][account].bondedWei;
        (uint208 before, ) = _bondedHistory[federation][account].push(clock(), bonded);
        if (delegates(account) == address(0)) _delegate(account, account);
        _votingUnits[account] = _votingUnits[account] - before + bonded;
        if (bonded > before) _moveDelegateVotes(address(0), delegates(account), bonded - before);
        else _moveDelegateVotes(delegates(account), address(0), before - bonded);
    }

    function _getVotingUnits(address account) internal view override returns (uint256) {
        return _votingUnits[account];
    }

    function _setTreasuryBasisPoints(uint256 basisPoints) private {
        require(basisPoints <= BASIS_POINTS, BasisPointsTooHigh(basisPoints, BASIS_POINTS));
        treasuryBasisPoints = basisPoints;
        emit TreasuryBasisPointsSet(basisPoints);
    }

    /// @dev Reverts for an address that does not answer as a federation: stake deposited for it could never be unbonded.
    function _requireFederation(address federation) private view {
        // solhint-disable-next-line avoid-low-level-calls
        (bool answered, bytes memory answer) = federation.staticcall(abi.encodeCall(IStakeLock.unbondingSeconds, ()));
        require(answered && answer.length == 32, NotAFederation(federation));
    }
}
