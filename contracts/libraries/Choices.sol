// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { RewardParameters } from "../types/Reward.sol";
import { FederationParameters } from "../types/Round.sol";
import { Parameters } from "./Parameters.sol";

/// @title Parameters by their names
/// @dev A value that its field cannot hold is out of bounds here; `Parameters` and `RewardBounds` check whether the field may hold
/// it, of all fields together.
library Choices {
    error UnknownParameter(bytes32 name);

    function set(FederationParameters memory p, bytes32 name, uint256 value) internal pure {
        if (name == "trainerStakeWei") p.trainerStakeWei = _to128("trainerStakeWei", value);
        else if (name == "aggregatorBondWei") p.aggregatorBondWei = _to128("aggregatorBondWei", value);
        else if (name == "submissionSeconds") p.submissionSeconds = _to32("submissionSeconds", value);
        else if (name == "turnSeconds") p.turnSeconds = _to32("turnSeconds", value);
        else if (name == "challengeSeconds") p.challengeSeconds = _to32("challengeSeconds", value);
        else if (name == "unbondingSeconds") p.unbondingSeconds = _to32("unbondingSeconds", value);
        else if (name == "minimumUpdates") p.minimumUpdates = _to32("minimumUpdates", value);
        else if (name == "maxWeight") p.maxWeight = _to16("maxWeight", value);
        else if (name == "maxSquaredNorm") p.maxSquaredNorm = _to64("maxSquaredNorm", value);
        else if (name == "answerSeconds") p.answerSeconds = _to32("answerSeconds", value);
        else if (name == "challengerBasisPoints") p.challengerBasisPoints = _to16("challengerBasisPoints", value);
        else if (name == "attestationBasisPoints") p.attestationBasisPoints = _to16("attestationBasisPoints", value);
        else if (name == "demandBondWei") p.demandBondWei = _to96("demandBondWei", value);
        else if (name == "reputationFloorBasisPoints")
            p.reputationFloorBasisPoints = _to16("reputationFloorBasisPoints", value);
        else revert UnknownParameter(name);
    }

    function set(RewardParameters memory p, bytes32 name, uint256 value) internal pure {
        if (name == "evaluatorStakeWei") p.evaluatorStakeWei = _to128("evaluatorStakeWei", value);
        else if (name == "rewardGwei") p.rewardGwei = _to64("rewardGwei", value);
        else if (name == "scoringSeconds") p.scoringSeconds = _to32("scoringSeconds", value);
        else if (name == "revealSeconds") p.revealSeconds = _to32("revealSeconds", value);
        else if (name == "publishSeconds") p.publishSeconds = _to32("publishSeconds", value);
        else if (name == "unbondingSeconds") p.unbondingSeconds = _to32("unbondingSeconds", value);
        else if (name == "committeeSize") p.committeeSize = _to16("committeeSize", value);
        else if (name == "aggregatorBasisPoints") p.aggregatorBasisPoints = _to16("aggregatorBasisPoints", value);
        else if (name == "evaluatorBasisPoints") p.evaluatorBasisPoints = _to16("evaluatorBasisPoints", value);
        else if (name == "missedRevealBasisPoints") p.missedRevealBasisPoints = _to16("missedRevealBasisPoints", value);
        else if (name == "demandBondWei") p.demandBondWei = _to96("demandBondWei", value);
        else revert UnknownParameter(name);
    }

    function _to16(string memory name, uint256 value) private pure returns (uint16) {
        return uint16(_within(name, value, type(uint16).max));
    }

    function _to32(string memory name, uint256 value) private pure returns (uint32) {
        return uint32(_within(name, value, type(uint32).max));
    }

    function _to64(string memory name, uint256 value) private pure returns (uint64) {
        return uint64(_within(name, value, type(uint64).max));
    }

    function _to96(string memory name, uint256 value) private pure returns (uint96) {
        return uint96(_within(name, value, type(uint96).max));
    }

    function _to128(string memory name, uint256 value) private pure returns (uint128) {
        return uint128(_within(name, value, type(uint128).max));
    }

    function _within(string memory name, uint256 value, uint256 maximum) private pure returns (uint256) {
        Parameters.requireWithin(name, value, 0, maximum);
        return value;
    }
}
