// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Governor } from "@openzeppelin/contracts/governance/Governor.sol";

/// @title For, against and abstain in one slot
/// @notice As OpenZeppelin's GovernorCountingSimple, but in gwei (1e-9 token, rounded down): 2^80 of them are more than there can
/// be. Whoever proposes pays for the slot, so that the first vote costs no more than the others.
abstract contract PackedCounting is Governor {
    struct Tally {
        bool opened;
        uint80 againstGwei;
        uint80 forGwei;
        uint80 abstainGwei;
    }

    uint256 private constant WEI_PER_GWEI = 1e9;

    mapping(uint256 id => Tally) private _tallies;
    mapping(uint256 id => mapping(address account => bool)) public override hasVoted;

    // solhint-disable-next-line func-name-mixedcase
    function COUNTING_MODE() public pure override returns (string memory) {
        return "support=bravo&quorum=for,abstain";
    }

    function proposalVotes(
        uint256 id
    ) external view returns (uint256 againstVotes, uint256 forVotes, uint256 abstainVotes) {
        Tally memory tally = _tallies[id];
        return (tally.againstGwei * WEI_PER_GWEI, tally.forGwei * WEI_PER_GWEI, tally.abstainGwei * WEI_PER_GWEI);
    }

    function _openTally(uint256 id) internal {
        _tallies[id].opened = true;
    }

    function _quorumReached(uint256 id) internal view override returns (bool) {
        Tally memory tally = _tallies[id];
        uint256 counted = (uint256(tally.forGwei) + tally.abstainGwei) * WEI_PER_GWEI;
        return counted >= quorum(proposalSnapshot(id));
    }

    function _voteSucceeded(uint256 id) internal view override returns (bool) {
        return _tallies[id].forGwei > _tallies[id].againstGwei;
    }

    /// @param support 0 against, 1 for, 2 abstain.
    function _countVote(
        uint256 id,
        address account,
        uint8 support,
        uint256 votesWei,
        bytes memory
    ) internal override returns (uint256) {
        require(!hasVoted[id][account], GovernorAlreadyCastVote(account));
        hasVoted[id][account] = true;
        uint80 gwei_ = uint80(votesWei / WEI_PER_GWEI);
        Tally memory tally = _tallies[id];
        if (support == 0) tally.againstGwei += gwei_;
        else if (support == 1) tally.forGwei += gwei_;
        else if (support == 2) tally.abstainGwei += gwei_;
        else revert GovernorInvalidVoteType();
        _tallies[id] = tally;
        return votesWei;
    }
}
