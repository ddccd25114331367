// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ReputationsLibrary } from "../types/Reputations.sol";
import { FederationParameters, Rule, Task } from "../types/Round.sol";

/// @title Bounds of every parameter
library Parameters {
    uint256 internal constant MAX_RING_SIZE = 64;
    /// @dev Bounded so that few transactions open what lies below any node (docs/protocol.md, "Openings").
    uint256 internal constant MAX_DIMENSION = 2 ** 27;
    /// @dev Bounded so that a squared norm is exact in a float64, which the nodes compute with.
    uint256 internal constant MAX_SQUARED_NORM = 2 ** 53 - 1;
    /// @dev Sums over so many weights and values fit the columns' lanes (docs/protocol.md, "Columns").
    uint256 internal constant MAX_INPUTS = type(uint16).max;
    /// @dev Bounded so that a challenge that brings the list of omitted trainers again fits a transaction of 128 KiB, with its proofs.
    uint256 internal constant MAX_OMITTED = 2048;
    /// @dev Both numbers of members are bounded so that a proposal with the signatures of a majority of aggregators and evaluators fits a
    /// transaction of 128 KiB, whatever it omits.
    uint256 internal constant MAX_AGGREGATORS = 128;
    uint256 internal constant MAX_EVALUATORS = 384;
    uint256 internal constant MAX_SECONDS = 365 days;
    uint256 internal constant MAX_UNBONDING_SECONDS = 16 * MAX_SECONDS;
    /// @dev The number of demands, one after the other, that lead from a root to what is wrong below it.
    uint256 internal constant MAX_DEMANDS = 5;

    /// @param parameter The parameter's name.
    error ParameterOutOfBounds(string parameter, uint256 value, uint256 minimum, uint256 maximum);

    function validate(FederationParameters memory p) internal pure {
        requireWithin("trainerStakeWei", p.trainerStakeWei, 1, type(uint128).max);
        requireWithin("aggregatorBondWei", p.aggregatorBondWei, 1, type(uint128).max);
        requireWithin("submissionSeconds", p.submissionSeconds, 1, MAX_SECONDS);
        requireWithin("turnSeconds", p.turnSeconds, 1, MAX_SECONDS);
        requireWithin("challengeSeconds", p.challengeSeconds, 1, MAX_SECONDS);
        // the window has room for all the demands that lead to what is wrong, and for its proof
        requireWithin("answerSeconds", p.answerSeconds, 1, p.challengeSeconds / (MAX_DEMANDS + 1));
        requireWithin("unbondingSeconds", p.unbondingSeconds, minimumUnbondingSeconds(p), MAX_UNBONDING_SECONDS);
        requireWithin("minimumUpdates", p.minimumUpdates, 0, MAX_INPUTS);
        requireWithin("maxWeight", p.maxWeight, 1, type(uint16).max);
        requireWithin("maxSquaredNorm", p.maxSquaredNorm, 1, MAX_SQUARED_NORM);
        if (p.rule == Rule.TrimmedMean) requireWithin("trimBasisPoints", p.trimBasisPoints, 1, 4_999);
        else requireWithin("trimBasisPoints", p.trimBasisPoints, 0, 0);
        requireWithin("challengerBasisPoints", p.challengerBasisPoints, 0, 5_000);
        // a majority at least, so that an honest elector holds what is attested wherever most electors are honest
        requireWithin("attestationBasisPoints", p.attestationBasisPoints, 5_000, 9_999);
        requireWithin("demandBondWei", p.demandBondWei, 1, type(uint96).max);
        // at least a tenth, so that new trainers count, and whoever decides reputations does not decide the mean
        requireWithin("reputationFloorBasisPoints", p.reputationFloorBasisPoints, 1_000, ReputationsLibrary.NO_EFFECT);
    }

    /// @return By how much a demand prolongs a window, once: time to answer, and as long again to go on from the answer.
    function maxExtensionSeconds(FederationParameters memory p) internal pure returns (uint256) {
        return 2 * uint256(p.answerSeconds);
    }

    /// @return The least time for which stake must unbond, so that it outlives every proof: the window and its extension, a turn, in which
    /// to propose, and as long again as the window for the proof to be mined.
    function minimumUnbondingSeconds(FederationParameters memory p) internal pure returns (uint256) {
        return 2 * uint256(p.challengeSeconds) + p.turnSeconds + maxExtensionSeconds(p);
    }

    function validate(Task memory task) internal pure {
        requireWithin("manifestCid", uint256(task.manifestCid), 1, type(uint256).max);
        requireWithin("genesisModelRoot", uint256(task.genesisModelRoot), 1, type(uint256).max);
        requireWithin("genesisModelCid", uint256(task.genesisModelCid), 1, type(uint256).max);
        requireWithin("dimension", task.dimension, 1, MAX_DIMENSION);
        requireWithin("ringSize", task.ringSize, 3, MAX_RING_SIZE);
        requireWithin("startTrainers", task.startTrainers, 1, MAX_INPUTS);
    }

    function requireWithin(string memory parameter, uint256 value, uint256 minimum, uint256 maximum) internal pure {
        require(value >= minimum && value <= maximum, ParameterOutOfBounds(parameter, value, minimum, maximum));
    }
}
