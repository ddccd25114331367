// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Documents, Halt } from "../types/Policy.sol";
import { RewardParameters } from "../types/Reward.sol";
import { FederationParameters, Rule } from "../types/Round.sol";

/// @title Policy: what voters have chosen for one federation, and who is barred from it
/// @notice The one contract that changes anything in a federation, and `owner`, the treasury that carries out votes, the
/// only one that changes it. Nothing in it touches stake, a proposal or a balance.
/// Every value is checked against its bounds, together with all others, when it is set: `ParameterOutOfBounds` names it.
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
    /// @notice In force from this round on.
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

    /// @param name Of a field of `FederationParameters`, left-aligned ASCII; not the rule, see `setRule`.
    function setFederationParameter(bytes32 name, uint256 value) external;

    /// @notice In force from the next round that opens, as the others; scores and rewards of earlier rounds keep theirs.
    /// @param name Of a field of `RewardParameters`, left-aligned ASCII.
    function setRewardParameter(bytes32 name, uint256 value) external;

    /// @param trimBasisPoints For `TrimmedMean`: the share cut off at each end; else 0.
    function setRule(Rule rule, uint16 trimBasisPoints) external;

    /// @param name `manifest`, `licence` or `terms`, left-aligned ASCII.
    /// @param cid sha2-256 digest of its CID; zero withdraws it, but never the manifest.
    function setDocument(bytes32 name, bytes32 cid) external;

    /// @notice Bars the account from joining, and at the next round boundary removes it as trainer, aggregator and
    /// evaluator. Its stake stays its own, and slashable as before.
    function eject(address account) external;

    function readmit(address account) external;

    /// @notice No round opens any more, for ever. Those in flight end as usual.
    function retire() external;

    /// @notice Where a wrong statement of rewards has become final: makes the balances of an earlier final round, one of the newest 64
    /// that were rewarded, the final ones again, for claims and for what comes.
    /// @param coverGwei How much more of the pool may be claimed, for what the wrong balances have taken.
    function restoreBalances(uint32 round, uint64 coverGwei) external;

    /// @notice After `retire`, when all is settled: what no statement has given away of the pool becomes the treasury's.
    function releasePool() external;

    /// @notice Lets the guardian pause once more.
    function allowPause() external;

    /// @param guardian_ Zero for nobody.
    function setGuardian(address guardian_) external;

    // ── by the guardian ──

    /// @notice No round opens for so long, at most `MAX_PAUSE_SECONDS`; those in flight go on. Once, until a vote allows
    /// another. The guardian can do nothing else.
    function pause(uint256 seconds_) external;

    /// @notice Ends a pause. By the guardian or by vote; a vote may find none any more.
    function unpause() external;

    // ── by anyone ──

    /// @notice Removes a trainer, aggregator or evaluator whose stake no longer suffices, because the minimum was raised. It
    /// loses nothing, and joins again with more.
    function reportUnderstaked(address account) external;

    // ── by the federation ──

    /// @notice Asked before a round opens, where something may have changed since the last one.
    /// @param nothingInFlight All rounds so far are final, skipped or void.
    /// @return opens False while paused, retired, or while a change waits for rounds in flight.
    /// @return changed True where the parameters are others from this round on.
    function beforeRound(uint32 round, bool nothingInFlight) external returns (bool opens, bool changed);

    // ── reading ──

    /// @return What is chosen: in force, or waiting for the next round boundary. What is in force is
    /// `IFederation.parameters`.
    function federationParameters() external view returns (FederationParameters memory);

    /// @return What is chosen.
    function rewardParameters() external view returns (RewardParameters memory);

    /// @return What is chosen.
    function documents() external view returns (Documents memory);

    function documentsInForce() external view returns (Documents memory);

    function halt() external view returns (Halt memory);

    function isBarred(address account) external view returns (bool);

    function owner() external view returns (address);

    function federation() external view returns (address);

    function rewards() external view returns (address);
}

/// @notice What a policy tells its federation.
interface IGovernedFederation {
    /// @notice Something has changed: the policy is asked before the next round opens. Where none is open, it is now.
    function policyChanged() external;

    /// @notice Removes a trainer or aggregator, as if it had left. Does nothing for who is neither.
    function eject(address account) external;
}

/// @notice What a policy tells the rewards of its federation.
interface IGovernedRewards {
    /// @notice Validated already, together with the federation's. In force for rounds after `latestRound` of the
    /// federation; replaces a change that no round has begun under. Reverts while an earlier change is still needed.
    function setParameters(RewardParameters calldata parameters) external;

    /// @notice Removes an evaluator, as if it had left. Does nothing for who is none.
    function eject(address account) external;

    /// @notice As `IPolicy.restoreBalances`.
    function restoreBalances(uint32 round, uint64 coverGwei) external;

    /// @notice As `IPolicy.releasePool`. Reverts while a round or a statement is in flight, or may still come.
    function releasePool() external;
}
