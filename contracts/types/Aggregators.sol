// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice How an account signs, known since it first joined: what it becomes later disowns nothing.
enum Signs {
    /// It has never joined.
    Never,
    ByKey,
    /// It was a contract, and answers for its signatures by ERC-1271.
    AsContract
}

struct Aggregator {
    /// Whose turn is after its own; zero for who is not in the ring.
    address next;
    /// The newest round when it joined: it decides about later ones only.
    uint32 joinedAfter;
    /// The newest round in which it proposed: its bond is locked until that is settled.
    uint32 lastProposed;
    /// Turns in a row in which it did not propose.
    uint16 missedTurns;
    Signs signs;
    /// In the ring, but no aggregator any more.
    bool left;
    /// The round of its newest claim to a turn, when it claimed, and for which proposal.
    uint32 claimedRound;
    uint40 claimedAt;
    bytes32 claimedDigest;
}

/// @notice The aggregators, in a ring: turns go round, and who joins stands last. Who leaves keeps its place until its turn would come,
/// or goes last where it has the turn: so leaving writes no other's slot, and joining again wins no turn.
struct Aggregators {
    /// Whose turn was last, or who joined then: after it comes who has the turn, always an aggregator.
    address last;
    uint16 count;
    /// How many are in the ring, with those that left.
    uint16 places;
    /// When the newest proposal was made that is void. It stands here because its proposer is removed with it: one slot for both.
    uint32 voidedAt;
    mapping(address account => Aggregator) members;
}

using AggregatorsLibrary for Aggregators global;

library AggregatorsLibrary {
    function has(Aggregators storage ring, address account) internal view returns (bool) {
        Aggregator storage aggregator = ring.members[account];
        return aggregator.next != address(0) && !aggregator.left;
    }

    /// @return Whose turn it is; zero where there is nobody.
    function holder(Aggregators storage ring) internal view returns (address) {
        return ring.members[ring.last].next;
    }

    /// @dev Just before the holder: all others come first.
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

    /// @dev The turn is the next one's.
    function advance(Aggregators storage ring) internal {
        ring.last = ring.holder();
        _clear(ring);
    }

    /// @return accounts In the order of their turns.
    function list(Aggregators storage ring) internal view returns (address[] memory accounts) {
        accounts = new address[](ring.count);
        address account = ring.last;
        for (uint256 index = 0; index < accounts.length; ) {
            account = ring.members[account].next;
            if (!ring.members[account].left) accounts[index++] = account;
        }
    }

    /// @dev Takes those out of the ring that have left and whose turn it would be.
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
