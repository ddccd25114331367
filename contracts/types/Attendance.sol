// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What a trainer has missed, in one slot.
struct Attendance {
    /// How often it was removed because it was absent, or did not serve, until that is forgotten.
    uint16 strikes;
    /// When it may join again.
    uint40 mayJoinAt;
    /// Final rounds, one soon after the other, that did without its update because nobody could fetch it, and the last of them.
    uint16 unserved;
    uint32 unservedRound;
}

using AttendanceLibrary for Attendance global;

/// @title What it costs to be waited for in vain: a delay that grows
library AttendanceLibrary {
    /// @dev Marks that make a strike.
    uint256 internal constant MAX_UNSERVED = 3;
    /// @dev Rounds after which a mark is forgotten.
    uint256 private constant UNSERVED_ROUNDS = 16;
    uint256 private constant MAX_DELAY_SECONDS = 30 days;
    uint256 private constant MAX_STRIKES = 16;
    /// @dev Strikes are forgotten after a quiet time of so many of their delays.
    uint256 private constant QUIET_DELAYS = 8;

    /// @notice One more strike: twice the delay of the last one.
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

    /// @notice One more final round without its update.
    /// @return marks How many they are now.
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
