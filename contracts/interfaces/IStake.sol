// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Stake: what trainers, aggregators and evaluators put at risk
/// @notice Stake is held for one federation at a time, and only that federation can slash it. A federation is whatever address
/// stake is deposited for: evaluators stake at the address of a `Rewards` contract. Depositors trust the
/// federation they name: a federation is code, and decides when stake is locked and when it is slashed.
/// What came in equals what went out, what burned and what is held, always. Tokens leave only by `withdraw`, `claimOwed` and
/// `settleSlashed`, which somebody must call.
/// @dev Assumes a token that can be burned, without fees on transfer and without rebasing; a deposit that brings less than
/// it says reverts. A token that can stop transfers can stop withdrawals.
interface IStake {
    event StakeDeposited(address indexed federation, address indexed account, uint256 amountWei);
    event UnbondRequested(address indexed federation, address indexed account, uint256 amountWei, uint256 releaseAt);
    event StakeWithdrawn(address indexed federation, address indexed account, uint256 amountWei);
    event StakeSlashed(
        address indexed federation,
        address indexed account,
        address indexed challenger,
        uint256 amountWei,
        uint256 challengerWei
    );
    event OwedClaimed(address indexed account, uint256 amountWei);
    event SlashedSettled(uint256 treasuryWei, uint256 burnedWei);
    event TreasuryBasisPointsSet(uint256 basisPoints);

    error ZeroAmount();
    error ZeroAddress();
    error NotAFederation(address account);
    error TokenTookFee(uint256 expectedWei, uint256 receivedWei);
    error InsufficientStake(uint256 bondedWei, uint256 requiredWei);
    error StakeRequired(uint256 remainingWei, uint256 requiredWei);
    error StillUnbonding(uint256 releaseAt);
    error StakeLocked(uint256 vouchedRound, uint256 settledRound);
    error NothingOwed(address account);
    error NotYetPast(uint256 timestamp);
    error NotTheTreasury(address account);
    error BasisPointsTooHigh(uint256 basisPoints, uint256 maximum);

    /// @notice Deposits for the caller. The call needs an allowance.
    function deposit(address federation, uint256 amountWei) external;

    /// @notice Deposits with an EIP-2612 permit in place of an allowance. A permit that someone else has already
    /// submitted is no failure as long as the allowance is there.
    function depositWithPermit(
        address federation,
        uint256 amountWei,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice Begins to unbond. The amount stays slashable until it is withdrawn. A further request starts the delay
    /// anew for everything that is unbonding. For rounds that the account vouches for after the request, what is still bonded answers.
    function requestUnbond(address federation, uint256 amountWei) external;

    /// @notice Pays out what has unbonded, once the delay is over and every round that the caller had vouched for when it
    /// asked is settled.
    function withdraw(address federation) external;

    /// @notice Takes up to `amountWei` of the account's stake, bonded first, then unbonding. The call only keeps books and transfers
    /// nothing. The caller is the federation that the stake was deposited for.
    /// @param challenger Who is owed a share; nobody where it is zero or the account itself.
    /// @param challengerBasisPoints The challenger's share, at most half (5000), rounded down; the rest waits for
    /// `settleSlashed`.
    /// @return takenWei What the slash has taken: as much of `amountWei` as there was.
    function slash(
        address account,
        uint256 amountWei,
        address challenger,
        uint256 challengerBasisPoints
    ) external returns (uint256 takenWei);

    /// @notice Writes what the account has bonded now into the history, which a slash leaves as it was. Anyone may call.
    function checkpoint(address federation, address account) external;

    /// @notice Reverts where the account has less than `requiredWei` bonded for the caller, and writes the history as `checkpoint`.
    function requireStake(address account, uint256 requiredWei) external;

    /// @notice Pays the caller what slashes have earned it, as a challenger or as the treasury.
    function claimOwed() external;

    /// @notice Shares what slashes have taken and no challenger is owed: the treasury is owed its present share, rounded down, and the
    /// rest burns. Anyone may call.
    function settleSlashed() external;

    /// @notice Sets the treasury's share of what is not settled yet and of all later slashes. Only the treasury may call.
    /// @param basisPoints At most 10000, with which nothing burns.
    function setTreasuryBasisPoints(uint256 basisPoints) external;

    /// @return Who gets a share of what slashes take.
    function treasury() external view returns (address);

    /// @return The treasury's share of what slashes take and no challenger is owed.
    function treasuryBasisPoints() external view returns (uint256);

    /// @return What slashes have taken, no challenger is owed, and `settleSlashed` has not shared yet.
    function slashedWei() external view returns (uint256);

    /// @return The account's stake for the federation, without what it has asked to unbond.
    function bondedWei(address federation, address account) external view returns (uint256);

    /// @notice What the account had bonded at the end of a second that is over.
    /// Warning: a slash counts from the next deposit, request, `checkpoint` or `requireStake` of the account.
    function bondedWeiAt(address federation, address account, uint256 timestamp) external view returns (uint256);

    /// @return What the account has asked to unbond and not withdrawn: it stays slashable until then.
    function unbondingWei(address federation, address account) external view returns (uint256);

    /// @return What slashes have earned the account and it has not claimed yet.
    function owedWei(address account) external view returns (uint256);
}

/// @notice What Stake asks of a federation.
interface IStakeLock {
    /// @return The stake that the account must keep bonded for the roles it holds.
    function requiredStakeWei(address account) external view returns (uint256);

    /// @return The newest round that the account vouched for (submitted to, or proposed) and that is not settled, or 0.
    function vouchedRound(address account) external view returns (uint32);

    /// @return The round up to which all are settled: final, skipped or void. Never goes back.
    function settledRound() external view returns (uint32);

    /// @return How long stake stays slashable after the request to unbond it.
    function unbondingSeconds() external view returns (uint256);
}
