// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IFederation } from "../interfaces/IFederation.sol";
import { IRewards } from "../interfaces/IRewards.sol";
import { RewardRecord } from "../types/Reward.sol";

/// @title Which round's rewards are stated next, and what becomes of rounds whose reward statement was voided
/// @dev Deployed on its own and called by `Rewards` for its records, only where something is out of the ordinary.
library StatementOrder {
    uint256 private constant RING_SIZE = 64;

    /// @dev Reverts unless `previousRound` may be passed over: the federation has forgotten it, and no voided reward statement of it waits
    /// for somebody to make it anew.
    function requirePassedOver(
        mapping(uint256 index => RewardRecord) storage records,
        IFederation federation,
        uint32 round,
        uint32 previousRound,
        uint32 stated
    ) external view {
        RewardRecord storage record = records[previousRound % RING_SIZE];
        bool waits = record.round == previousRound && record.digest == 0 && block.timestamp < record.closesAt;
        bool lost = previousRound > stated && !waits && federation.proposalOf(previousRound).round == 0;
        require(round > stated && lost, IRewards.NotNextToReward(round, previousRound, stated));
    }

    /// @dev Reverts unless the round's reward statement was voided and its rewards are to be stated next.
    function requireVoided(
        mapping(uint256 index => RewardRecord) storage records,
        uint32 round,
        bytes32 roundDigest,
        uint32 stated
    ) external view {
        RewardRecord storage record = records[round % RING_SIZE];
        bool voided = round != 0 && record.round == round && record.digest == 0 && record.roundDigest == roundDigest;
        require(voided, IRewards.NotVoided(round));
        bool next = round > stated && record.previousRound == stated;
        require(next, IRewards.NotNextToReward(round, record.previousRound, stated));
    }

    /// @dev Voids all reward statements since `previousRound`. The digests of their facts stay, so that aggregators can state the rounds
    /// anew.
    function voidSince(
        mapping(uint256 index => RewardRecord) storage records,
        uint32 previousRound,
        uint32 stated,
        uint256 waitsUntil
    ) external {
        while (stated != previousRound) {
            RewardRecord storage record = records[stated % RING_SIZE];
            (record.digest, record.closesAt) = (0, uint32(waitsUntil));
            stated = record.previousRound;
        }
    }
}
