// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Governor } from "@openzeppelin/contracts/governance/Governor.sol";
import { GovernorPreventLateQuorum } from "@openzeppelin/contracts/governance/extensions/GovernorPreventLateQuorum.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Counting of votes in one slot: for, against, abstain, the quorum, and the extended deadline
/// @notice Does what OpenZeppelin's GovernorCountingSimple and GovernorPreventLateQuorum do, but counts in millionths of a token,
/// rounded down. Whoever makes a governance proposal pays for the slot and looks up the quorum, that of the second before: so every
/// vote costs the same, the first, the one that reaches the quorum, and the late ones.
abstract contract PackedCounting is GovernorPreventLateQuorum {
    using SafeCast for uint256;

    /// @dev Each count holds up to 2^56 millionths, 72,000 million tokens.
    struct Tally {
        uint56 againstMicro;
        uint56 forMicro;
        uint56 abstainMicro;
        /// The quorum, which is not zero once there is a governance proposal.
        uint56 quorumMicro;
        /// The deadline that a late quorum has extended, zero until the quorum is reached.
        uint32 extendedDeadline;
    }

    uint256 private constant WEI_PER_MICRO = 1e12;

    mapping(uint256 id => Tally) private _tallies;
    mapping(uint256 id => mapping(address account => bool)) public override hasVoted;

    constructor(uint48 lateQuorumVoteExtension_) GovernorPreventLateQuorum(lateQuorumVoteExtension_) {}

    // solhint-disable-next-line func-name-mixedcase
    function COUNTING_MODE() public pure override returns (string memory) {
        return "support=bravo&quorum=for,abstain";
    }

    function proposalVotes(
        uint256 id
    ) external view returns (uint256 againstVotes, uint256 forVotes, uint256 abstainVotes) {
        Tally memory tally = _tallies[id];
        return (tally.againstMicro * WEI_PER_MICRO, tally.forMicro * WEI_PER_MICRO, tally.abstainMicro * WEI_PER_MICRO);
    }

    /// @return How many votes must be for the governance proposal or abstain, in wei: a share of all votes in the second before it was
    /// made.
    function proposalQuorum(uint256 id) external view returns (uint256) {
        return _tallies[id].quorumMicro * WEI_PER_MICRO;
    }

    function proposalDeadline(uint256 id) public view virtual override returns (uint256) {
        return Math.max(Governor.proposalDeadline(id), _tallies[id].extendedDeadline);
    }

    function _openTally(uint256 id) internal {
        uint256 quorumMicro = Math.ceilDiv(quorum(clock() - 1), WEI_PER_MICRO);
        _tallies[id].quorumMicro = Math.max(1, quorumMicro).toUint56();
    }

    function _quorumReached(uint256 id) internal view override returns (bool) {
        return _isReached(_tallies[id]);
    }

    function _voteSucceeded(uint256 id) internal view override returns (bool) {
        return _tallies[id].forMicro > _tallies[id].againstMicro;
    }

    /// @param support 0 is against, 1 is for, 2 is abstain.
    function _countVote(
        uint256 id,
        address account,
        uint8 support,
        uint256 votesWei,
        bytes memory
    ) internal override returns (uint256) {
        require(!hasVoted[id][account], GovernorAlreadyCastVote(account));
        hasVoted[id][account] = true;
        uint56 micro = (votesWei / WEI_PER_MICRO).toUint56();
        Tally memory tally = _tallies[id];
        if (support == 0) tally.againstMicro += micro;
        else if (support == 1) tally.forMicro += micro;
        else if (support == 2) tally.abstainMicro += micro;
        else revert GovernorInvalidVoteType();
        if (tally.extendedDeadline == 0 && _isReached(tally)) _extendInPlace(id, tally);
        _tallies[id] = tally;
        return votesWei;
    }

    /// @dev Does nothing: `_countVote` has extended the deadline already.
    // solhint-disable-next-line no-empty-blocks
    function _tallyUpdated(uint256) internal virtual override {}

    /// @dev Extends the deadline, once, by the vote that reaches the quorum.
    function _extendInPlace(uint256 id, Tally memory tally) private {
        uint32 deadline = uint32(clock() + lateQuorumVoteExtension()); // good until 2106
        tally.extendedDeadline = deadline;
        if (deadline > Governor.proposalDeadline(id)) emit ProposalExtended(id, deadline);
    }

    function _isReached(Tally memory tally) private pure returns (bool) {
        return uint256(tally.forMicro) + tally.abstainMicro >= tally.quorumMicro;
    }
}
