// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IVotes } from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import { Votes } from "@openzeppelin/contracts/governance/utils/Votes.sol";
import { IERC6372 } from "@openzeppelin/contracts/interfaces/IERC6372.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { Time } from "@openzeppelin/contracts/utils/types/Time.sol";
import { IFederationFactory } from "../interfaces/IFederationFactory.sol";
import { IRewards } from "../interfaces/IRewards.sol";
import { IVotingPower } from "../interfaces/IVotingPower.sol";
import { Parameters } from "../libraries/Parameters.sol";

contract VotingPower is IVotingPower, Votes, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    /// @dev Fits one slot.
    struct Funding {
        uint208 votesWei;
        uint48 expiresAt;
    }

    uint256 private constant BASIS_POINTS = 10_000;
    uint256 private constant MAX_VOTES_SECONDS = 4 * 365 days;
    /// @dev All that funding gives is at most one part in so many of the token's supply. That is a third of all votes, also where an
    /// account earns its own funding back and puts it in again.
    uint256 private constant MOST_OF_SUPPLY = 2;

    address public immutable token;
    address public immutable stake;
    IFederationFactory public immutable factory;
    address public immutable owner;

    uint16 private _votesBasisPoints;
    uint32 private _votesSeconds;
    mapping(address funder => uint256) private _units;
    mapping(address funder => Funding[]) private _fundings;

    constructor(
        address token_,
        address stake_,
        IFederationFactory factory_,
        address owner_,
        uint256 votesBasisPoints,
        uint256 votesSeconds
    ) EIP712("VotingPower", "1") {
        bool named = token_ != address(0) && stake_ != address(0) && address(factory_) != address(0);
        require(named && owner_ != address(0), ZeroAddress());
        token = token_;
        stake = stake_;
        factory = factory_;
        owner = owner_;
        _setFundingTerms(votesBasisPoints, votesSeconds);
    }

    function fund(address rewards, uint256 amountWei) external nonReentrant {
        require(factory.isStartedRewards(rewards), NotRewards(rewards));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amountWei);
        IERC20(token).forceApprove(rewards, amountWei);
        IRewards(rewards).fund(amountWei);

        uint256 votesWei = _votesFor(amountWei);
        uint48 expiresAt = clock() + _votesSeconds;
        uint256 index = _fundings[msg.sender].length;
        _fundings[msg.sender].push(Funding(votesWei.toUint208(), expiresAt));
        if (delegates(msg.sender) == address(0)) _delegate(msg.sender, msg.sender);
        _units[msg.sender] += votesWei;
        _transferVotingUnits(address(0), msg.sender, votesWei);
        emit PoolFundedForVotes(msg.sender, rewards, index, amountWei, votesWei, expiresAt);
    }

    function expire(address funder, uint256 index) external {
        Funding storage funding = _fundings[funder][index];
        require(block.timestamp >= funding.expiresAt, NotYetExpired(funding.expiresAt));
        uint256 votesWei = funding.votesWei;
        require(votesWei != 0, AlreadyExpired(funder, index));
        funding.votesWei = 0;
        _units[funder] -= votesWei;
        _transferVotingUnits(funder, address(0), votesWei);
        emit FundingVotesExpired(funder, index, votesWei);
    }

    function setFundingTerms(uint16 votesBasisPoints, uint32 votesSeconds) external {
        require(msg.sender == owner, NotTheOwner(msg.sender));
        _setFundingTerms(votesBasisPoints, votesSeconds);
    }

    // ── votes ──

    function getVotes(address account) public view override(IVotes, Votes) returns (uint256) {
        return super.getVotes(account) + IVotes(token).getVotes(account) + IVotes(stake).getVotes(account);
    }

    function getPastVotes(address account, uint256 timepoint) public view override(IVotes, Votes) returns (uint256) {
        uint256 earned = super.getPastVotes(account, timepoint);
        uint256 held = IVotes(token).getPastVotes(account, timepoint);
        return earned + held + IVotes(stake).getPastVotes(account, timepoint);
    }

    /// @dev The token's supply includes what is staked.
    function getPastTotalSupply(uint256 timepoint) public view override(IVotes, Votes) returns (uint256) {
        return super.getPastTotalSupply(timepoint) + IVotes(token).getPastTotalSupply(timepoint);
    }

    function clock() public view override(IERC6372, Votes) returns (uint48) {
        return Time.timestamp();
    }

    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override(IERC6372, Votes) returns (string memory) {
        return "mode=timestamp";
    }

    // ── reading ──

    function fundingTerms() external view returns (uint16 votesBasisPoints, uint32 votesSeconds) {
        return (_votesBasisPoints, _votesSeconds);
    }

    function fundingOf(address funder, uint256 index) external view returns (uint208 votesWei, uint48 expiresAt) {
        return (_fundings[funder][index].votesWei, _fundings[funder][index].expiresAt);
    }

    function fundingCount(address funder) external view returns (uint256) {
        return _fundings[funder].length;
    }

    // ── internal ──

    function _votesFor(uint256 amountWei) private view returns (uint256) {
        uint256 most = IERC20(token).totalSupply() / MOST_OF_SUPPLY;
        uint256 given = _getTotalSupply();
        return Math.min((amountWei * _votesBasisPoints) / BASIS_POINTS, most > given ? most - given : 0);
    }

    function _setFundingTerms(uint256 votesBasisPoints, uint256 votesSeconds) private {
        Parameters.requireWithin("fundingVotesBasisPoints", votesBasisPoints, 0, BASIS_POINTS);
        Parameters.requireWithin("fundingVotesSeconds", votesSeconds, 1, MAX_VOTES_SECONDS);
        // both casts are of values within the bounds above
        (_votesBasisPoints, _votesSeconds) = (uint16(votesBasisPoints), uint32(votesSeconds));
        emit FundingTermsSet(_votesBasisPoints, _votesSeconds);
    }

    function _getVotingUnits(address account) internal view override returns (uint256) {
        return _units[account];
    }
}
