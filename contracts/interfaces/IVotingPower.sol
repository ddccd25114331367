// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC5805 } from "@openzeppelin/contracts/interfaces/IERC5805.sol";

/// @title VotingPower: who has how many votes
/// @notice An account's votes are those of the tokens that it holds or was delegated (`TributaryToken`), of those that are
/// bonded (`Stake`: staked tokens still vote), and those earned by funding rewards, which expire. Each source has its own
/// delegation; only held tokens need one (ERC20Votes). Data providers earn votes by contributing: rewards are paid in the
/// token. The quorum is a share of the token's supply and of what funding has earned. Times in seconds (ERC-6372).
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

    /// @notice Puts the caller's tokens into the pool of a registered federation's rewards, and gives it votes for them,
    /// for `votesSeconds`: fewer, or none, where funding has given half as many as the token's supply already. Needs an
    /// allowance; whole gwei.
    function fund(address rewards, uint256 amountWei) external;

    /// @notice Takes the votes of a funding that are over. Anyone may call.
    function expire(address funder, uint256 index) external;

    /// @notice By vote: what a funded token gives, and for how long. Earlier fundings keep their terms.
    /// @param votesBasisPoints Of the amount, at most 10000.
    function setFundingTerms(uint16 votesBasisPoints, uint32 votesSeconds) external;

    function fundingTerms() external view returns (uint16 votesBasisPoints, uint32 votesSeconds);

    /// @return votesWei Zero once expired.
    function fundingOf(address funder, uint256 index) external view returns (uint208 votesWei, uint48 expiresAt);

    function fundingCount(address funder) external view returns (uint256);
}
