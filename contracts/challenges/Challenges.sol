// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IChallenges } from "../interfaces/IChallenges.sol";
import { IFederation } from "../interfaces/IFederation.sol";
import { Proposal } from "../types/Round.sol";

/// @title What all challenge contracts share: who is paid for a proof
/// @dev Challenge contracts know no federation: a federation names, once and for all, the challenge contracts whose
/// decisions it carries out, and they ask it for every fact.
abstract contract Challenges is IChallenges {
    uint256 public constant ANNOUNCED_SECONDS = 120;
    /// @notice How long after one time in which unannounced challenges wait no other begins: so nobody can keep them away for ever.
    uint256 public constant PAUSE_SECONDS = 1200;

    mapping(bytes32 announcement => uint256 blockNumber) private _announcedAt;
    mapping(IFederation federation => mapping(uint32 round => uint256 until)) private _announcedUntil;

    function announceChallenge(IFederation federation, uint32 round, bytes32 announcement) external {
        // the first announcement counts: whoever repeats another's does not make it young again
        if (_announcedAt[announcement] == 0) _announcedAt[announcement] = block.number;
        if (block.timestamp >= _announcedUntil[federation][round] + PAUSE_SECONDS) {
            _announcedUntil[federation][round] = block.timestamp + ANNOUNCED_SECONDS;
        }
        emit ChallengeAnnounced(federation, round, msg.sender, announcement);
    }

    function announcementOf(address challenger, bytes calldata challenge) public pure returns (bytes32) {
        return keccak256(abi.encode(challenger, keccak256(challenge)));
    }

    function _void(IFederation federation, Proposal calldata proposal) internal {
        address rewarded = _rewarded(federation, proposal.round);
        emit ProposalRefuted(federation, proposal.round, msg.sender, msg.sig);
        federation.voidProposal(proposal, rewarded);
    }

    function _slashTrainer(IFederation federation, address trainer, uint32 round) internal {
        address rewarded = _rewarded(federation, round);
        emit FaultProven(federation, round, trainer, msg.sender, msg.sig);
        federation.slashTrainer(trainer, round, rewarded);
    }

    function _slashSigner(IFederation federation, address signer, uint32 round) internal {
        address rewarded = _rewarded(federation, round);
        emit FaultProven(federation, round, signer, msg.sender, msg.sig);
        federation.slashSigner(signer, round, rewarded);
    }

    /// @return True if the sender announced this very call in an earlier block.
    function _isAnnounced() internal view returns (bool) {
        uint256 announcedAt = _announcedAt[announcementOf(msg.sender, msg.data)];
        return announcedAt != 0 && announcedAt < block.number;
    }

    /// @return The sender, if it announced this very challenge in an earlier block; else nobody.
    function _rewarded(IFederation federation, uint32 round) internal view returns (address) {
        if (_isAnnounced()) return msg.sender;
        uint256 until = _announcedUntil[federation][round];
        require(block.timestamp >= until, ChallengeIsAnnounced(until));
        return address(0);
    }
}
