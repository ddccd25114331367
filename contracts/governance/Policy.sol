// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IFederation } from "../interfaces/IFederation.sol";
import { IGovernedFederation, IGovernedRewards, IPolicy } from "../interfaces/IPolicy.sol";
import { IStake, IStakeLock } from "../interfaces/IStake.sol";
import { Choices } from "../libraries/Choices.sol";
import { Parameters } from "../libraries/Parameters.sol";
import { RewardBounds } from "../libraries/RewardBounds.sol";
import { Documents, Halt } from "../types/Policy.sol";
import { RewardParameters } from "../types/Reward.sol";
import { FederationParameters, Rule } from "../types/Round.sol";

contract Policy is IPolicy {
    /// @notice The longest pause of a guardian.
    uint256 public constant MAX_PAUSE_SECONDS = 7 days;
    /// @notice The most ejections that may wait for one boundary, so that the transaction that opens the next round stays small.
    uint256 public constant MAX_EJECTIONS = 16;

    address public immutable owner;
    address public immutable federation;
    address public immutable rewards;

    Halt private _halt;
    FederationParameters private _parameters;
    RewardParameters private _rewardParameters;
    Documents private _documents;
    Documents private _documentsInForce;
    address[] private _ejections;
    mapping(address account => bool) public isBarred;

    constructor(
        address owner_,
        address guardian_,
        address federation_,
        address rewards_,
        FederationParameters memory parameters_,
        RewardParameters memory rewardParameters_,
        Documents memory documents_
    ) {
        require(owner_ != address(0) && federation_ != address(0) && rewards_ != address(0), ZeroAddress());
        require(documents_.manifestCid != 0, DocumentMissing("manifest"));
        owner = owner_;
        federation = federation_;
        rewards = rewards_;
        _validate(parameters_, rewardParameters_);
        _parameters = parameters_;
        _rewardParameters = rewardParameters_;
        _documents = documents_;
        _documentsInForce = documents_;
        _halt.guardian = guardian_;
        emit GuardianSet(guardian_);
        emit PolicyInForce(1, parameters_, documents_);
    }

    modifier onlyOwner() {
        require(msg.sender == owner, NotTheOwner(msg.sender));
        _;
    }

    // ── by vote ──

    function setFederationParameter(bytes32 name, uint256 value) external onlyOwner {
        FederationParameters memory parameters = _parameters;
        Choices.set(parameters, name, value);
        emit FederationParameterChosen(name, value);
        _change(parameters);
    }

    function setRule(Rule rule, uint16 trimBasisPoints) external onlyOwner {
        FederationParameters memory parameters = _parameters;
        (parameters.rule, parameters.trimBasisPoints) = (rule, trimBasisPoints);
        emit RuleChosen(rule, trimBasisPoints);
        _change(parameters);
    }

    function setRewardParameter(bytes32 name, uint256 value) external onlyOwner {
        RewardParameters memory parameters = _rewardParameters;
        Choices.set(parameters, name, value);
        _validate(_parameters, parameters);
        _rewardParameters = parameters;
        emit RewardParameterChosen(name, value);
        IGovernedRewards(rewards).setParameters(parameters);
    }

    function setDocument(bytes32 name, bytes32 cid) external onlyOwner {
        if (name == "manifest") {
            require(cid != 0, DocumentMissing(name));
            _documents.manifestCid = cid;
        } else if (name == "licence") _documents.licenceCid = cid;
        else if (name == "terms") _documents.termsCid = cid;
        else revert UnknownDocument(name);
        emit DocumentChosen(name, cid);
        _announce();
    }

    function eject(address account) external onlyOwner {
        require(!isBarred[account], AlreadyBarred(account));
        require(_ejections.length < MAX_EJECTIONS, TooManyEjections(MAX_EJECTIONS));
        isBarred[account] = true;
        _ejections.push(account);
        emit Barred(account);
        _announce();
    }

    function readmit(address account) external onlyOwner {
        require(isBarred[account], NotBarred(account));
        isBarred[account] = false;
        emit Readmitted(account);
    }

    function retire() external onlyOwner {
        require(!_halt.retired, AlreadyRetired());
        _halt.retired = true;
        emit Retired();
        IGovernedFederation(federation).policyChanged();
    }

    function restoreBalances(uint32 round, uint64 coverGwei) external onlyOwner {
        IGovernedRewards(rewards).restoreBalances(round, coverGwei);
    }

    function releasePool() external onlyOwner {
        require(_halt.retired, NotRetired());
        IGovernedRewards(rewards).releasePool();
    }

    function allowPause() external onlyOwner {
        _halt.pauseSpent = false;
        emit PauseAllowed();
    }

    function setGuardian(address guardian_) external onlyOwner {
        _halt.guardian = guardian_;
        emit GuardianSet(guardian_);
    }

    // ── by the guardian ──

    function pause(uint256 seconds_) external {
        require(msg.sender == _halt.guardian, NotTheGuardian(msg.sender));
        require(!_halt.pauseSpent, PauseSpent());
        require(seconds_ <= MAX_PAUSE_SECONDS, PauseTooLong(seconds_, MAX_PAUSE_SECONDS));
        _halt.pauseSpent = true;
        _halt.pausedUntil = uint40(block.timestamp + seconds_);
        emit Paused(_halt.pausedUntil);
        IGovernedFederation(federation).policyChanged();
    }

    function unpause() external {
        // a vote may call also where the guardian has ended the pause first
        if (msg.sender != owner) {
            require(msg.sender == _halt.guardian, NotTheGuardian(msg.sender));
            require(_halt.pausedUntil > block.timestamp, NotPaused());
        }
        _halt.pausedUntil = 0;
        emit Unpaused(msg.sender);
        IGovernedFederation(federation).policyChanged();
    }

    // ── by anyone ──

    function reportUnderstaked(address account) external {
        IStake stake = IFederation(federation).stake();
        bool suffices = _suffices(stake, federation, account);
        require(!(suffices && _suffices(stake, rewards, account)), StakeSuffices(account));
        if (!suffices) IGovernedFederation(federation).eject(account);
        else IGovernedRewards(rewards).eject(account);
    }

    // ── by the federation ──

    function beforeRound(uint32 round, bool nothingInFlight) external returns (bool opens, bool changed) {
        require(msg.sender == federation, NotTheFederation(msg.sender));
        changed = _halt.changeWaits && nothingInFlight;
        if (changed) {
            _halt.changeWaits = false;
            _documentsInForce = _documents;
            _removeEjected();
            emit PolicyInForce(round, _parameters, _documents);
        }
        opens = !_halt.changeWaits && !_halt.retired && block.timestamp >= _halt.pausedUntil;
    }

    // ── reading ──

    function federationParameters() external view returns (FederationParameters memory) {
        return _parameters;
    }

    function rewardParameters() external view returns (RewardParameters memory) {
        return _rewardParameters;
    }

    function documents() external view returns (Documents memory) {
        return _documents;
    }

    function documentsInForce() external view returns (Documents memory) {
        return _documentsInForce;
    }

    function halt() external view returns (Halt memory) {
        return _halt;
    }

    // ── internal ──

    function _change(FederationParameters memory parameters) private {
        _validate(parameters, _rewardParameters);
        _parameters = parameters;
        _announce();
    }

    /// @dev Announces a change for the next boundary, which is now where no round is open or in flight.
    function _announce() private {
        _halt.changeWaits = true;
        IGovernedFederation(federation).policyChanged();
    }

    function _suffices(IStake stake, address federation_, address account) private view returns (bool) {
        return stake.bondedWei(federation_, account) >= IStakeLock(federation_).requiredStakeWei(account);
    }

    function _removeEjected() private {
        for (uint256 index = _ejections.length; index != 0; --index) {
            address account = _ejections[index - 1];
            _ejections.pop();
            // a vote may have readmitted the account meanwhile
            if (!isBarred[account]) continue;
            IGovernedFederation(federation).eject(account);
            // an ejection that the rewards contract refuses keeps no round from opening
            // solhint-disable-next-line no-empty-blocks
            try IGovernedRewards(rewards).eject(account) {} catch {}
        }
    }

    function _validate(FederationParameters memory parameters, RewardParameters memory rewardParameters_) private pure {
        Parameters.validate(parameters);
        RewardBounds.validate(rewardParameters_, parameters.challengeSeconds);
    }
}
