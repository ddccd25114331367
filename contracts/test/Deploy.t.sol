// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Openings } from "../challenges/Openings.sol";
import { InputChallenges } from "../challenges/InputChallenges.sol";
import { RewardChallenges } from "../challenges/RewardChallenges.sol";
import { Federation } from "../federation/Federation.sol";
import { GovernedCalls } from "../governance/GovernedCalls.sol";
import { Policy } from "../governance/Policy.sol";
import { Treasury } from "../governance/Treasury.sol";
import { TributaryGovernor, VotingSettings } from "../governance/TributaryGovernor.sol";
import { VotingPower } from "../governance/VotingPower.sol";
import { Rewards } from "../rewards/Rewards.sol";
import { Stake } from "../staking/Stake.sol";
import { TributaryToken } from "../token/TributaryToken.sol";
import { Documents } from "../types/Policy.sol";
import { RewardParameters } from "../types/Reward.sol";
import { FederationParameters, Task } from "../types/Round.sol";
import { ScriptedFederation } from "./ScriptedFederation.sol";
import { SlashingFederation } from "./SlashingFederation.sol";
import { vm } from "./Vm.t.sol";

/// @title For Solidity tests: contracts as they are deployed, from the build's own artifacts
/// @dev With `new` the compiler makes the code of each once more for the tests, and that takes it minutes: see hardhat.config.ts.
library Deploy {
    function token(address holder, uint256 supplyWei) internal returns (TributaryToken) {
        return TributaryToken(_deploy("token/TributaryToken.sol:TributaryToken", abi.encode(holder, supplyWei)));
    }

    function stake(TributaryToken token_, address treasury_, uint256 treasuryBasisPoints) internal returns (Stake) {
        return Stake(_deploy("staking/Stake.sol:Stake", abi.encode(token_, treasury_, treasuryBasisPoints)));
    }

    function policy(
        address owner,
        address guardian,
        address federation_,
        address rewards_,
        FederationParameters memory parameters,
        RewardParameters memory rewardParameters,
        Documents memory documents
    ) internal returns (Policy) {
        bytes memory arguments =
            abi.encode(owner, guardian, federation_, rewards_, parameters, rewardParameters, documents);
        return Policy(_deploy("governance/Policy.sol:Policy", arguments));
    }

    function federation(
        Stake stake_,
        Policy policy_,
        Task memory task,
        address[] memory challenges
    ) internal returns (Federation) {
        bytes memory arguments = abi.encode(stake_, policy_, task, challenges);
        return Federation(_deploy("federation/Federation.sol:Federation", arguments));
    }

    function rewards(Policy policy_, Stake stake_, TributaryToken token_, address challenges) internal returns (Rewards) {
        return Rewards(_deploy("rewards/Rewards.sol:Rewards", abi.encode(policy_, stake_, token_, challenges)));
    }

    function inputChallenges() internal returns (InputChallenges) {
        return InputChallenges(_deploy("challenges/InputChallenges.sol:InputChallenges", ""));
    }

    function openings() internal returns (Openings) {
        return Openings(_deploy("challenges/Openings.sol:Openings", ""));
    }

    function rewardChallenges() internal returns (RewardChallenges) {
        return RewardChallenges(_deploy("challenges/RewardChallenges.sol:RewardChallenges", ""));
    }

    function treasury(uint256 delaySeconds, address governor_) internal returns (Treasury) {
        return Treasury(_deploy("governance/Treasury.sol:Treasury", abi.encode(delaySeconds, governor_)));
    }

    function votingPower(
        TributaryToken token_,
        Stake stake_,
        address factory,
        Treasury owner,
        uint256 votesBasisPoints,
        uint256 votesSeconds
    ) internal returns (VotingPower) {
        bytes memory arguments = abi.encode(token_, stake_, factory, owner, votesBasisPoints, votesSeconds);
        return VotingPower(_deploy("governance/VotingPower.sol:VotingPower", arguments));
    }

    function governor(
        VotingPower power,
        Treasury timelock,
        address calls,
        VotingSettings memory settings,
        uint256 maxProposalThreshold
    ) internal returns (TributaryGovernor) {
        bytes memory arguments = abi.encode(power, timelock, calls, settings, maxProposalThreshold);
        return TributaryGovernor(_deploy("governance/TributaryGovernor.sol:TributaryGovernor", arguments));
    }

    function governedCalls(
        TributaryToken token_,
        Stake stake_,
        VotingPower power,
        address factory,
        Treasury timelock,
        TributaryGovernor governor_,
        uint256 minimumSeconds
    ) internal returns (GovernedCalls) {
        bytes memory arguments = abi.encode(token_, stake_, power, factory, timelock, governor_, minimumSeconds);
        return GovernedCalls(_deploy("governance/GovernedCalls.sol:GovernedCalls", arguments));
    }

    // ── stand-ins ──

    /// @notice What an invariant test calls at random: within the test's own code, it would be compiled once more.
    function handler(string memory artifact, uint256 valueWei) internal returns (address payable) {
        return _create(vm.getCode(artifact), valueWei);
    }

    function governedRewards() internal returns (address) {
        return _deploy("test/GovernedRewards.sol:GovernedRewards", "");
    }

    function scriptedFederation(uint32 challengeSeconds) internal returns (ScriptedFederation) {
        bytes memory arguments = abi.encode(challengeSeconds);
        return ScriptedFederation(_deploy("test/ScriptedFederation.sol:ScriptedFederation", arguments));
    }

    function slashingFederation() internal returns (SlashingFederation) {
        return SlashingFederation(_deploy("test/SlashingFederation.sol:SlashingFederation", ""));
    }

    function _deploy(string memory name, bytes memory arguments) private returns (address payable) {
        return _create(abi.encodePacked(vm.getCode(string.concat("contracts/", name)), arguments), 0);
    }

    function _create(bytes memory code, uint256 valueWei) private returns (address payable created) {
        // solhint-disable-next-line no-inline-assembly
        assembly {
            created := create(valueWei, add(code, 32), mload(code))
        }
        require(created != address(0), "it cannot be created");
    }
}
