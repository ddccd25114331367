// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice How an account signs, noted when it first joins: an account that changes its code later disowns no signature.
enum Signs {
    /// It has never joined.
    Never,
    ByKey,
    /// It was a contract when it first joined, and answers for its signatures by ERC-1271.
    AsContract
}

struct Aggregator {
    /// The account whose turn comes next; zero for an account that is not in the ring.
    address next;
    /// The newest round when the account joined: it decides about later rounds only.
    uint32 joinedAfter;
    /// The newest round in which the account proposed: its bond is locked until that round is settled.
    uint32 lastProposed;
    /// Turns in a row in which the account did not propose.
    uint16 missedTurns;
    Signs signs;
    /// The account is still in the ring, but no aggregator any more.
    bool left;
    /// The round of the account's newest claim to a turn, the time of that claim, and the digest of the claimed proposal.
    uint32 claimedRound;
    uint40 claimedAt;
    bytes32 claimedDigest;
}

/// @notice The aggregators, in a ring: turns go round, and an account that joins stands last. An account that leaves keeps its place
/// until its turn would come; where it has the turn, it goes to the end. So leaving writes no other account's slot, and joining
/// again wins no turn.
struct Aggregators {
    /// The account that stands last in the ring; the account after it has the turn, and is always an aggregator.
    address last;
    uint16 count;
    /// The number of accounts in the ring, including those that have left.
    uint16 places;
    /// When the newest proposal was made that was voided. It stands here because the void removes the proposer as well: both write
    /// one slot.
    uint32 voidedAt;
    mapping(address account => Aggregator) members;
}

using AggregatorsLibrary for Aggregators global;

library AggregatorsLibrary {
    function has(Aggregators storage ring, address account) internal view returns (bool) {
        Aggregator storage aggregator = ring.members[account];
        return aggregator.next != address(0) && !aggregator.left;
    }

    /// @return The account whose turn it is; zero where there is none.
    function holder(Aggregators storage ring) internal view returns (address) {
        return ring.members[ring.last].next;
    }

    /// @dev Puts the account just before the holder of the turn: all others come first.
    function add(Aggregators storage ring, address account) internal {
        Aggregator storage aggregator = ring.members[account];
        ++ring.count;
        if (aggregator.left) {
            aggregator.left = false;
            return;
        }
        address last = ring.last;
        aggregator.next = last == address(0) ? account : ring.members[last].next;
        if (last != address(0)) ring.members[last].next = account;
        ring.last = account;
        ++ring.places;
    }

    function remove(Aggregators storage ring, address account) internal {
        ring.members[account].left = true;
        --ring.count;
        if (ring.holder() == account) advance(ring);
    }

    /// @dev Gives the turn to the next account.
    function advance(Aggregators storage ring) internal {
        ring.last = ring.holder();
        _clear(ring);
    }

    /// @return accounts The aggregators in the order of their turns.
    function list(Aggregators storage ring) internal view returns (address[] memory accounts) {
        accounts = new address[](ring.count);
        address account = ring.last;
        for (uint256 index = 0; index < accounts.length; ) {
            account = ring.members[account].next;
            if (!ring.members[account].left) accounts[index++] = account;
        }
    }

    /// @dev Takes those accounts out of the ring that have left and whose turn it would be.
    function _clear(Aggregators storage ring) private {
        Aggregator storage last = ring.members[ring.last];
        address next = last.next;
        uint256 cleared = 0;
        while (ring.members[next].left) {
            Aggregator storage gone = ring.members[next];
            // the only one in the ring stands after itself
            address after_ = gone.next;
            (gone.next, gone.left) = (address(0), false);
            ++cleared;
            if (next == ring.last) {
                ring.last = address(0);
                break;
            }
            last.next = next = after_;
        }
        if (cleared != 0) ring.places -= uint16(cleared);
    }
}
