// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IFederation } from "../interfaces/IFederation.sol";
import { Commitments } from "../libraries/Commitments.sol";
import { Attendance, AttendanceLibrary } from "../types/Attendance.sol";
import { Proposal, ProposalRecord } from "../types/Round.sol";

/// @title Trainers for which rounds waited in vain
/// @dev Deployed on its own and called by `Federation` for its state.
library Waiting {
    function requireRejoinable(Attendance storage attendance) internal view {
        uint256 mayJoinAt = attendance.mayJoinAt;
        require(block.timestamp >= mayJoinAt, IFederation.TooSoonToRejoin(mayJoinAt));
    }

    /// @notice Notes that the proposal, which is final, did without the trainer's submission.
    /// @return removed Whether the trainer must be removed because this is one time too many.
    function mark(
        Attendance storage attendance,
        ProposalRecord storage record,
        uint32 finalRound,
        Proposal calldata proposal,
        address[] calldata omitted,
        address trainer
    ) external returns (bool removed) {
        uint32 round = proposal.round;
        require(round != 0 && record.round == round && round <= finalRound, IFederation.NotFinal(round));
        bytes32 digest = Commitments.proposalDigest(address(this), record.proposer, proposal);
        require(record.digest == bytes28(digest), IFederation.AnotherProposal(round));
        bool counts = round > attendance.unservedRound && Commitments.isOmitted(proposal.omittedHash, omitted, trainer);
        require(counts, IFederation.NotUnserved(trainer, round));
        uint256 marks = attendance.mark(round);
        emit IFederation.TrainerUnserved(trainer, round, uint16(marks));
        return marks >= AttendanceLibrary.MAX_UNSERVED;
    }

    /// @notice Makes the trainer wait before it may join again.
    /// @param roundSeconds How long others wait for the trainer in one round.
    function strike(Attendance storage attendance, address trainer, uint32 round, uint256 roundSeconds) external {
        uint256 mayJoinAt = attendance.strike(roundSeconds);
        emit IFederation.TrainerAbsent(trainer, round, uint40(mayJoinAt));
    }
}
