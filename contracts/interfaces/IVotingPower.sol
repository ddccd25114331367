// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC5805 } from "@openzeppelin/contracts/interfaces/IERC5805.sol";

/// @title VotingPower: who has how many votes
/// @notice An account's votes are those of the tokens that it holds or was delegated (`TributaryToken`), of those that are
/// bonded (`Stake`: staked tokens still vote), and those earned by funding rewards, which expire. Each source has its own
/// delegation; only held tokens need one (ERC20Votes). Data providers earn votes by contributing: rewards are paid in the
/// token. The quorum is a share of the token's supply and of what funding has earned. Times are in seconds (ERC-6372).
interface IVotingPower is IERC5805 {
    event PoolFundedForVotes(
        address indexed funder,
        address indexed rewards,
        uint256 index,
        uint256 amountWei,
        uint256 votesWei,
        uint48 expiresAt
    );
    event FundingVotesExpired(address indexed funder, uint256 index, uint256 votesWei);
    event FundingTermsSet(uint16 votesBasisPoints, uint32 votesSeconds);

    error ZeroAddress();
    error NotTheOwner(address account);
    error NotRewards(address account);
    error NotYetExpired(uint256 expiresAt);
    error AlreadyExpired(address funder, uint256 index);

    /// @notice Puts the caller's tokens into the pool of a started task's rewards, and gives the caller votes for them, for
    /// `votesSeconds`. It gives fewer votes, or none, where all that funding gives would be more than half of the token's supply. The
    /// call needs an allowance, and takes whole gwei only.
    function fund(address rewards, uint256 amountWei) external;

    /// @notice Takes the votes of a funding whose time is over. Anyone may call.
    function expire(address funder, uint256 index) external;

    /// @notice Sets how many votes a funded token gives, and for how long. Earlier fundings keep their terms. Only a vote may call.
    /// @param votesBasisPoints The share of the amount that counts as votes, at most 10000.
    function setFundingTerms(uint16 votesBasisPoints, uint32 votesSeconds) external;

    /// @return votesBasisPoints The share of an amount that counts as votes.
    /// @return votesSeconds How long it counts.
    function fundingTerms() external view returns (uint16 votesBasisPoints, uint32 votesSeconds);

    /// @return votesWei The votes of the funding, zero once somebody has taken them by `expire`.
    function fundingOf(address funder, uint256 index) external view returns (uint208 votesWei, uint48 expiresAt);

    /// @return The number of the funder's fundings: their indices begin at zero.
    function fundingCount(address funder) external view returns (uint256);
}
