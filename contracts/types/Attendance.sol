// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What a trainer has missed, in one slot.
struct Attendance {
    /// How often the trainer was removed because it was absent or did not serve, until that is forgotten.
    uint16 strikes;
    /// When the trainer may join again.
    uint40 mayJoinAt;
    /// The number of final rounds, one soon after the other, that did without the trainer's update because a majority could not fetch
    /// it, and the last of them.
    uint16 unserved;
    uint32 unservedRound;
}

using AttendanceLibrary for Attendance global;

/// @title The delay before a trainer may join again that others waited for in vain: it grows from time to time
library AttendanceLibrary {
    /// @dev The number of marks that make a strike.
    uint256 internal constant MAX_UNSERVED = 3;
    /// @dev The number of rounds after which a mark is forgotten.
    uint256 private constant UNSERVED_ROUNDS = 16;
    uint256 private constant MAX_DELAY_SECONDS = 30 days;
    uint256 private constant MAX_STRIKES = 16;
    /// @dev Strikes are forgotten after a quiet time of so many of their delays.
    uint256 private constant QUIET_DELAYS = 8;

    /// @notice Notes one more strike, which brings twice the delay of the last one.
    /// @param roundSeconds How long others wait for a trainer in one round.
    function strike(Attendance storage attendance, uint256 roundSeconds) internal returns (uint256 mayJoinAt) {
        uint256 strikes = attendance.strikes;
        if (block.timestamp > attendance.mayJoinAt + QUIET_DELAYS * delayOf(strikes, roundSeconds)) strikes = 0;
        if (strikes < MAX_STRIKES) ++strikes;
        mayJoinAt = block.timestamp + delayOf(strikes, roundSeconds);
        attendance.strikes = uint16(strikes);
        attendance.mayJoinAt = uint40(mayJoinAt);
        attendance.unserved = 0;
    }

    /// @notice Notes one more final round without the trainer's update.
    /// @return marks The number of marks that the trainer has now.
    function mark(Attendance storage attendance, uint32 round) internal returns (uint256 marks) {
        marks = round > attendance.unservedRound + UNSERVED_ROUNDS ? 1 : attendance.unserved + 1;
        attendance.unserved = uint16(marks);
        attendance.unservedRound = round;
    }

    function delayOf(uint256 strikes, uint256 roundSeconds) internal pure returns (uint256 delay) {
        delay = roundSeconds << strikes;
        if (delay > MAX_DELAY_SECONDS) delay = MAX_DELAY_SECONDS;
    }
}
