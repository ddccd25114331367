// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IFederation } from "../interfaces/IFederation.sol";
import { IRewards } from "../interfaces/IRewards.sol";
import { Attestations } from "../libraries/Attestations.sol";
import { Aggregators, Signs } from "../types/Aggregators.sol";
import { Attestation } from "../types/Attestation.sol";
import { Evaluator } from "../types/Evaluation.sol";
import { RoundTerms } from "../types/Round.sol";

/// @title Who decides about a round: the aggregators and evaluators that were members when it opened, and still are
/// @dev Deployed on its own and called by `Federation` for its state.
library Electors {
    uint256 private constant BASIS_POINTS = 10_000;

    /// @notice Reverts unless the proposer and the signers of the inputs are more than `basisPoints` of the round's electors.
    /// @param attestations Signatures by ascending signer. The proposer gives none: its proposal is its word.
    function requireQuorum(
        Aggregators storage aggregators,
        IRewards rewards,
        RoundTerms memory terms,
        uint256 basisPoints,
        uint32 edition,
        bytes32 inputsRoot,
        Attestation[] calldata attestations
    ) external view {
        (uint256 given, ) = _weightOf(aggregators, rewards, msg.sender, terms.round);
        bytes32 digest = Attestations.digest(address(this), terms.round, edition, inputsRoot);
        address last = address(0);
        for (uint256 index = 0; index < attestations.length; ++index) {
            address signer = attestations[index].signer;
            require(signer > last && signer != msg.sender, IFederation.SignersNotAscending(signer));
            (uint256 weight, Signs signs) = _weightOf(aggregators, rewards, signer, terms.round);
            require(weight != 0, IFederation.NotAnElector(signer));
            Attestations.requireSigned(digest, attestations[index], signs);
            given += weight;
            last = signer;
        }
        uint256 needed = _quorumOf(aggregators, rewards, terms, basisPoints);
        require(given >= needed, IFederation.TooFewAttestations(given, needed));
    }

    function weightOf(
        Aggregators storage aggregators,
        IRewards rewards,
        address account,
        uint32 round
    ) external view returns (uint256 weight, Signs signs) {
        return _weightOf(aggregators, rewards, account, round);
    }

    function quorumOf(
        Aggregators storage aggregators,
        IRewards rewards,
        RoundTerms memory terms,
        uint256 basisPoints
    ) external view returns (uint256) {
        return _quorumOf(aggregators, rewards, terms, basisPoints);
    }

    /// @dev A quorum does not wait for electors that are gone: where there are fewer members now than there were when the round opened,
    /// the present number counts.
    function _quorumOf(
        Aggregators storage aggregators,
        IRewards rewards,
        RoundTerms memory terms,
        uint256 basisPoints
    ) private view returns (uint256) {
        uint256 electors = aggregators.count < terms.aggregators ? aggregators.count : terms.aggregators;
        uint256 evaluators = rewards.evaluatorCount();
        electors += evaluators < terms.evaluators ? evaluators : terms.evaluators;
        return (electors * basisPoints) / BASIS_POINTS + 1;
    }

    /// @return weight One for each of the account's roles.
    /// @return signs `AsContract` where the account was a contract when it first took either role.
    function _weightOf(
        Aggregators storage aggregators,
        IRewards rewards,
        address account,
        uint32 round
    ) private view returns (uint256 weight, Signs signs) {
        signs = aggregators.members[account].signs;
        if (aggregators.has(account) && aggregators.members[account].joinedAfter < round) weight = 1;
        Evaluator memory evaluator = rewards.evaluatorOf(account);
        if (evaluator.member && evaluator.joinedAfter < round) ++weight;
        if (evaluator.signs == Signs.AsContract) signs = Signs.AsContract;
    }
}
