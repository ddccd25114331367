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
    /// Whose turn is after its own; zero for who is none.
    address next;
    /// The newest round when it joined: it decides about later ones only.
    uint32 joinedAfter;
    /// The newest round in which it proposed: its bond is locked until that is settled.
    uint32 lastProposed;
    /// Turns in a row in which it did not propose.
    uint16 missedTurns;
    Signs signs;
    address previous;
    /// The round of its newest claim to a turn, when it claimed, and for which proposal.
    uint32 claimedRound;
    uint40 claimedAt;
    bytes32 claimedDigest;
}

/// @notice The aggregators, in a ring: turns go round, and who joins stands last. Leaving and joining again wins no turn.
struct Aggregators {
    /// Whose turn it is.
    address holder;
    uint16 count;
    /// When the newest proposal was made that is void. It stands here because its proposer is removed with it: one slot for both.
    uint32 voidedAt;
    mapping(address account => Aggregator) members;
}

using AggregatorsLibrary for Aggregators global;

library AggregatorsLibrary {
    function has(Aggregators storage ring, address account) internal view returns (bool) {
        return ring.members[account].next != address(0);
    }

    /// @dev Just before the holder: all others come first.
    function add(Aggregators storage ring, address account) internal {
        address holder = ring.holder;
        if (holder == address(0)) {
            (ring.holder, holder) = (account, account);
            ring.members[account].previous = account;
        }
        address last = ring.members[holder].previous;
        ring.members[account].next = holder;
        ring.members[account].previous = last;
        ring.members[holder].previous = account;
        ring.members[last].next = account;
        ++ring.count;
    }

    function remove(Aggregators storage ring, address account) internal {
        address next = ring.members[account].next;
        address previous = ring.members[account].previous;
        ring.members[previous].next = next;
        ring.members[next].previous = previous;
        ring.members[account].next = address(0);
        if (ring.holder == account) ring.holder = next == account ? address(0) : next;
        --ring.count;
    }

    /// @dev The turn is the next one's.
    function advance(Aggregators storage ring) internal {
        ring.holder = ring.members[ring.holder].next;
    }

    /// @return accounts In the order of their turns.
    function list(Aggregators storage ring) internal view returns (address[] memory accounts) {
        accounts = new address[](ring.count);
        address account = ring.holder;
        for (uint256 index = 0; index < accounts.length; ++index) {
            accounts[index] = account;
            account = ring.members[account].next;
        }
    }
}
