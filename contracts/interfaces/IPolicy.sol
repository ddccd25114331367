// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Documents, Halt } from "../types/Policy.sol";
import { RewardParameters } from "../types/Reward.sol";
import { FederationParameters, Rule } from "../types/Round.sol";

/// @title Policy: what voters have chosen for one federation, and who is barred from it
/// @notice This contract alone changes the parameters, rule and documents of a federation, and its members by vote. `owner`, the
/// treasury that carries out votes, alone changes this contract. It touches no stake and no proposal; of balances a vote can only
/// restore earlier ones (`restoreBalances`). When a value is set, all are checked against their bounds together:
/// `ParameterOutOfBounds` names the one that is wrong.
/// A change of the federation's parameters, rule or documents, and an ejection, takes effect at a round boundary: the
/// federation opens no further round until all are final, and the next one starts with all that has been chosen meanwhile.
interface IPolicy {
    /// @param name As in `FederationParameters`.
    event FederationParameterChosen(bytes32 indexed name, uint256 value);
    /// @param name As in `RewardParameters`.
    event RewardParameterChosen(bytes32 indexed name, uint256 value);
    event RuleChosen(Rule rule, uint16 trimBasisPoints);
    /// @param name `manifest`, `licence` or `terms`.
    event DocumentChosen(bytes32 indexed name, bytes32 cid);
    event Barred(address indexed account);
    event Readmitted(address indexed account);
    /// @notice These parameters and documents are in force from `fromRound` on.
    event PolicyInForce(uint32 indexed fromRound, FederationParameters parameters, Documents documents);
    event Paused(uint40 until);
    event Unpaused(address indexed by);
    event PauseAllowed();
    event GuardianSet(address indexed guardian);
    event Retired();

    error ZeroAddress();
    error NotTheOwner(address account);
    error NotTheGuardian(address account);
    error NotTheFederation(address account);
    error UnknownParameter(bytes32 name);
    error UnknownDocument(bytes32 name);
    error DocumentMissing(bytes32 name);
    error AlreadyBarred(address account);
    error NotBarred(address account);
    error TooManyEjections(uint256 maximum);
    error PauseTooLong(uint256 seconds_, uint256 maximum);
    /// @notice The guardian has paused before: only a vote lets it do so again (`allowPause`).
    error PauseSpent();
    error NotPaused();
    error AlreadyRetired();
    error NotRetired();
    error StakeSuffices(address account);

    // ── by vote ──

    /// @notice Chooses a parameter of the federation. It is in force from the next round boundary at which no round is in flight.
    /// @param name The name of a field of `FederationParameters`, left-aligned ASCII; not the rule, see `setRule`.
    function setFederationParameter(bytes32 name, uint256 value) external;

    /// @notice The value is in force from the next round that opens; scores and rewards of earlier rounds keep the earlier value.
    /// @param name The name of a field of `RewardParameters`, left-aligned ASCII.
    function setRewardParameter(bytes32 name, uint256 value) external;

    /// @notice Chooses the rule by which updates become the next model, likewise.
    /// @param trimBasisPoints For `TrimmedMean` the share that the rule cuts off at each end; else 0.
    function setRule(Rule rule, uint16 trimBasisPoints) external;

    /// @notice Chooses a document that the federation works by.
    /// @param name `manifest`, `licence` or `terms`, left-aligned ASCII.
    /// @param cid sha2-256 digest of its CID; zero withdraws it, but never the manifest.
    function setDocument(bytes32 name, bytes32 cid) external;

    /// @notice Bars the account from joining, and at the next round boundary removes it as trainer, aggregator and
    /// evaluator. Its stake stays its own, and slashable as before.
    function eject(address account) external;

    /// @notice Lets an account that was ejected join again.
    function readmit(address account) external;

    /// @notice No round opens any more, for ever. Those in flight end as usual.
    function retire() external;

    /// @notice Where a wrong reward statement has become final: makes the balances of an earlier final round, one of the newest 64
    /// that were rewarded, the final ones again, for claims and for the reward statements to come. Round zero stands for no balances.
    /// @param coverGwei How much more of the pool may be claimed, for what the wrong balances have taken.
    function restoreBalances(uint32 round, uint64 coverGwei) external;

    /// @notice After `retire`, when all is settled: gives the treasury what no reward statement has given away of the pool.
    function releasePool() external;

    /// @notice Lets the guardian pause once more.
    function allowPause() external;

    /// @param guardian_ The new guardian; zero for none.
    function setGuardian(address guardian_) external;

    // ── by the guardian ──

    /// @notice Keeps rounds from opening for `seconds_`, at most `MAX_PAUSE_SECONDS`; rounds in flight go on. The guardian may pause
    /// once, until a vote allows another pause. It can do nothing else.
    function pause(uint256 seconds_) external;

    /// @notice Ends a pause. The guardian or a vote may call; the call of a vote also succeeds where the pause has ended already.
    function unpause() external;

    // ── by anyone ──

    /// @notice Removes a trainer, aggregator or evaluator whose stake no longer suffices, because the minimum was raised. The account
    /// loses nothing, and may join again with more stake. Anyone may call.
    function reportUnderstaked(address account) external;

    // ── by the federation ──

    /// @notice The federation asks before it opens a round, where something may have changed since the last one.
    /// @param nothingInFlight All rounds so far are final, skipped or void.
    /// @return opens False while paused, retired, or while a change waits for rounds in flight.
    /// @return changed True where the parameters are others from this round on.
    function beforeRound(uint32 round, bool nothingInFlight) external returns (bool opens, bool changed);

    // ── reading ──

    /// @return The parameters that voters have chosen. They are in force, or wait for the next round boundary;
    /// `IFederation.parameters` are those in force.
    function federationParameters() external view returns (FederationParameters memory);

    /// @return The parameters of rewards that voters have chosen.
    function rewardParameters() external view returns (RewardParameters memory);

    /// @return The documents that voters have chosen.
    function documents() external view returns (Documents memory);

    /// @return The documents that are in force since the last round boundary.
    function documentsInForce() external view returns (Documents memory);

    /// @return What keeps rounds from opening, and who may pause them.
    function halt() external view returns (Halt memory);

    /// @return True while the account may not join.
    function isBarred(address account) external view returns (bool);

    /// @return The only caller of what is decided by vote.
    function owner() external view returns (address);

    /// @return The federation that follows this policy.
    function federation() external view returns (address);

    /// @return The rewards of that federation.
    function rewards() external view returns (address);
}

/// @notice What a policy tells its federation.
interface IGovernedFederation {
    /// @notice Tells that something has changed: the federation asks the policy before the next round opens, at once where none is
    /// open.
    function policyChanged() external;

    /// @notice Removes a trainer or aggregator, as if it had left. The call does nothing for an account that is neither.
    function eject(address account) external;
}

/// @notice What a policy tells the rewards of its federation.
interface IGovernedRewards {
    /// @notice Sets parameters that the policy has validated together with the federation's. They are in force for rounds after the
    /// federation's `latestRound`, and replace a change that no round has begun under. Reverts while an earlier change is still needed.
    function setParameters(RewardParameters calldata parameters) external;

    /// @notice Removes an evaluator, as if it had left. The call does nothing for an account that is none.
    function eject(address account) external;

    /// @notice As `IPolicy.restoreBalances`.
    function restoreBalances(uint32 round, uint64 coverGwei) external;

    /// @notice As `IPolicy.releasePool`. Reverts while a round or a reward statement is in flight, or may still come.
    function releasePool() external;
}
