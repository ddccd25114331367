// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Documents } from "../types/Policy.sol";
import { RewardParameters } from "../types/Reward.sol";
import { FederationParameters, Task } from "../types/Round.sol";

/// @notice The contracts of one task.
struct TaskContracts {
    address policy;
    address rewards;
    address federation;
}

/// @title FederationFactory: federations that share token, stake, votes and treasury
/// @notice Anyone deploys a task, three contracts of known code, at addresses that only its author and its salt decide. Once a vote
/// has started a task it is governed, and funding its rewards earns votes; the first task is started from the beginning.
interface IFederationFactory {
    event TaskDeployed(bytes32 indexed id, address indexed author, TaskContracts contracts);
    event TaskStarted(bytes32 indexed id, TaskContracts contracts);

    error NotTheOwner(address account);
    /// @param codeHash keccak256 of the creation code that was given, without arguments.
    error UnknownCode(bytes32 codeHash, bytes32 expected);
    error AlreadyDeployed(bytes32 id);
    error NotDeployed(bytes32 id);
    error AlreadyStarted(bytes32 id);
    error OtherManifest(bytes32 manifestCid, bytes32 ofPolicy);
    error DeploymentFailed();

    /// @notice Deploys a task's policy, the first of three contracts, each by a transaction. `code` is the creation code without arguments.
    function deployPolicy(
        bytes32 salt,
        bytes calldata code,
        address guardian,
        FederationParameters calldata parameters,
        RewardParameters calldata rewardParameters,
        Documents calldata documents
    ) external returns (address);

    /// @notice Deploys the task's rewards, the second contract.
    function deployRewards(bytes32 salt, bytes calldata code) external returns (address);

    /// @notice Deploys the task's federation, the third contract.
    function deployFederation(bytes32 salt, bytes calldata code, Task calldata task) external returns (address);

    /// @notice Makes a deployed task governed, and lists it. Only a vote may call.
    function startTask(bytes32 id) external;

    /// @return The id of the task that `author` deploys with `salt`.
    function taskId(address author, bytes32 salt) external view returns (bytes32);

    /// @return Where the contracts of a task are, or will be.
    function contractsOf(bytes32 id) external view returns (TaskContracts memory);

    /// @return The tasks that were started, in that order; a retired one says so in its policy.
    function startedTasks() external view returns (bytes32[] memory);

    /// @return True for the policy of a task that was started.
    function isStartedPolicy(address policy) external view returns (bool);

    /// @return True for the rewards of a task that was started.
    function isStartedRewards(address rewards) external view returns (bool);
}
