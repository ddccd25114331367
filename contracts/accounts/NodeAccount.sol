// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Ownable, Ownable2Step } from "@openzeppelin/contracts/access/Ownable2Step.sol";
import { IERC1271 } from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { IFederation } from "../interfaces/IFederation.sol";
import { INodeAccount } from "../interfaces/INodeAccount.sol";
import { IRewards } from "../interfaces/IRewards.sol";
import { IStake } from "../interfaces/IStake.sol";
import { Rewards } from "../rewards/Rewards.sol";

contract NodeAccount is INodeAccount, Ownable2Step, EIP712 {
    bytes32 private constant CONFIRMATION_TYPE = keccak256("Confirmation(bytes32 hash)");
    bytes4 private constant NOT_SIGNED = 0xffffffff;

    IFederation public immutable federation;
    IRewards private immutable _rewards;
    IStake private immutable _stake;
    IERC20 private immutable _token;
    address private immutable _rewardChallenges;

    address public operator;

    constructor(
        address owner_,
        address operator_,
        IFederation federation_
    ) Ownable(owner_) EIP712("Tributary account", "1") {
        federation = federation_;
        _stake = federation_.stake();
        _rewards = federation_.rewards();
        _token = _rewards.token();
        _rewardChallenges = Rewards(address(_rewards)).rewardChallenges();
        _setOperator(operator_);
    }

    /// @dev Bonds that come back, and what answers earn.
    receive() external payable {}

    function execute(address target, bytes calldata data) external payable returns (bytes memory answer) {
        require(msg.sender == operator, NotTheOperator(msg.sender, operator));
        _requireAllowed(target, data);
        return Address.functionCallWithValue(target, data, msg.value);
    }

    function executeAsOwner(
        address target,
        uint256 valueWei,
        bytes calldata data
    ) external payable onlyOwner returns (bytes memory answer) {
        // an account without code takes currency, and has nothing to call
        if (data.length != 0) return Address.functionCallWithValue(target, data, valueWei);
        Address.sendValue(payable(target), valueWei);
    }

    function rotate(address operator_) external onlyOwner {
        _setOperator(operator_);
    }

    /// @dev Without an owner nobody could replace a stolen operator, nor ever take out the stake.
    function renounceOwnership() public pure override {
        revert OwnerIsNeeded();
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        if (msg.sender != address(federation) && !federation.isChallengeContract(msg.sender)) return NOT_SIGNED;
        bytes32 confirmation = _hashTypedDataV4(keccak256(abi.encode(CONFIRMATION_TYPE, hash)));
        (address signer, ECDSA.RecoverError failure, ) = ECDSA.tryRecoverCalldata(confirmation, signature);
        // of what is no signature the signer is zero, and so is the operator that was revoked
        bool signed = failure == ECDSA.RecoverError.NoError && signer == operator;
        return signed ? IERC1271.isValidSignature.selector : NOT_SIGNED;
    }

    function _setOperator(address operator_) private {
        operator = operator_;
        emit OperatorSet(operator_);
    }

    function _requireAllowed(address target, bytes calldata data) private view {
        bytes4 selector = data.length < 4 ? bytes4(0) : bytes4(data);
        bool allowed = false;
        if (target == address(federation)) allowed = _isWork(selector);
        else if (target == address(_rewards)) allowed = _isRewardsWork(selector, data);
        else if (target == address(_stake)) allowed = _isStaking(selector, data);
        else if (target == address(_token)) allowed = _isApproval(selector, data);
        else allowed = target == _rewardChallenges || federation.isChallengeContract(target);
        require(allowed, CallNotAllowed(target, selector));
    }

    function _isWork(bytes4 selector) private pure returns (bool) {
        return
            selector == IFederation.submitUpdate.selector ||
            selector == IFederation.proposeAggregate.selector ||
            selector == IFederation.finalizeRound.selector ||
            selector == IFederation.claimTurn.selector ||
            selector == IFederation.skipRound.selector ||
            selector == IFederation.openRound.selector ||
            selector == IFederation.joinAsTrainer.selector ||
            selector == IFederation.joinAsAggregator.selector ||
            selector == IFederation.reportAbsence.selector ||
            selector == IFederation.reportUnserved.selector ||
            selector == IFederation.reportIdle.selector ||
            selector == IFederation.announceEndpoint.selector;
    }

    function _isRewardsWork(bytes4 selector, bytes calldata data) private view returns (bool) {
        if (selector == IRewards.enrol.selector) {
            address payee = abi.decode(data[4:], (address));
            require(payee == owner(), PayeeNotTheOwner(payee, owner()));
            return true;
        }
        return
            selector == IRewards.joinAsEvaluator.selector ||
            selector == IRewards.openScoring.selector ||
            selector == IRewards.commitScores.selector ||
            selector == IRewards.revealScores.selector ||
            selector == IRewards.revealAndCommit.selector ||
            selector == IRewards.demandScores.selector ||
            selector == IRewards.publishScores.selector ||
            selector == IRewards.forfeit.selector ||
            selector == IRewards.reportAbsence.selector ||
            selector == IRewards.proposeRewards.selector ||
            selector == IRewards.restateRewards.selector ||
            selector == IRewards.finalizeRewards.selector ||
            selector == IRewards.claim.selector ||
            selector == IRewards.claimOwed.selector;
    }

    /// @dev Stake for another address would be slashed by that address.
    function _isStaking(bytes4 selector, bytes calldata data) private view returns (bool) {
        if (selector == IStake.deposit.selector) {
            (address holder, ) = abi.decode(data[4:], (address, uint256));
            require(holder == address(federation) || holder == address(_rewards), NotStakedHere(holder));
            return true;
        }
        return
            selector == IStake.claimOwed.selector ||
            selector == IStake.checkpoint.selector ||
            selector == IStake.settleSlashed.selector;
    }

    /// @dev `Stake` takes tokens of whoever deposits, and of nobody else.
    function _isApproval(bytes4 selector, bytes calldata data) private view returns (bool) {
        if (selector != IERC20.approve.selector) return false;
        (address spender, ) = abi.decode(data[4:], (address, uint256));
        require(spender == address(_stake), AnotherSpender(spender));
        return true;
    }
}
