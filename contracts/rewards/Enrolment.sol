// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IFederation } from "../interfaces/IFederation.sol";
import { IRewards } from "../interfaces/IRewards.sol";
import { IStake } from "../interfaces/IStake.sol";
import { Statements } from "../libraries/Statements.sol";
import { EvaluationState } from "../types/Evaluation.sol";
import { Account } from "../types/Reward.sol";
import { FederationParameters } from "../types/Round.sol";

/// @title Who has an account
/// @dev Deployed on its own and called by `Evaluation` for its state, as `ScoreDemands`.
library Enrolment {
    function enrol(EvaluationState storage state, IFederation federation, IStake stake, address payee) external {
        require(payee != address(0), IRewards.ZeroAddress());
        require(state.accounts[msg.sender].number == 0, IRewards.AlreadyEnrolled(msg.sender));
        _requireStaked(state, federation, stake, msg.sender);
        uint32 place = state.pace.accountCount++;
        require(place < Statements.MAX_ACCOUNTS, IRewards.TooManyAccounts(Statements.MAX_ACCOUNTS));
        state.accounts[msg.sender] = Account({ payee: payee, claimedGwei: 0, number: place + 1 });
        emit IRewards.AccountEnrolled(msg.sender, place, payee);
    }

    function setPayee(EvaluationState storage state, address account, address payee) external {
        require(payee != address(0), IRewards.ZeroAddress());
        state.requireAccountOrPayee(account);
        state.accounts[account].payee = payee;
        emit IRewards.PayeeSet(account, payee);
    }

    /// @dev An account needs a role's stake when it enrols, so that accounts are not free.
    function _requireStaked(
        EvaluationState storage state,
        IFederation federation,
        IStake stake,
        address account
    ) private view {
        FederationParameters memory p = federation.parameters();
        uint256 leastWei = p.trainerStakeWei < p.aggregatorBondWei ? p.trainerStakeWei : p.aggregatorBondWei;
        uint256 bondedWei = stake.bondedWei(address(federation), account);
        if (bondedWei >= leastWei) return;
        uint256 evaluatorWei = stake.bondedWei(address(this), account);
        bool evaluates = evaluatorWei >= state.parameters.evaluatorStakeWei;
        require(evaluates, IRewards.InsufficientStake(bondedWei, leastWei));
    }
}
