// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Create2 } from "@openzeppelin/contracts/utils/Create2.sol";
import { IFederationFactory, TaskContracts } from "../interfaces/IFederationFactory.sol";
import { IPolicy } from "../interfaces/IPolicy.sol";
import { Documents } from "../types/Policy.sol";
import { RewardParameters } from "../types/Reward.sol";
import { FederationParameters, Task } from "../types/Round.sol";
import { TaskDeployer } from "./TaskDeployer.sol";

/// @notice What all federations of a factory share.
struct Shared {
    address owner;
    address token;
    address stake;
    address rewardChallenges;
    /// The challenge contracts that a federation obeys; its rewards contract decides about reward statements.
    address[] challenges;
}

/// @notice keccak256 of the creation code of each contract of a task, without arguments.
struct CodeHashes {
    bytes32 policy;
    bytes32 rewards;
    bytes32 federation;
}

contract FederationFactory is IFederationFactory {
    enum Kind {
        None,
        Policy,
        Rewards
    }

    address public immutable owner;
    Shared private _shared;
    CodeHashes private _codeHashes;
    bytes32[] private _started;
    mapping(address account => Kind) private _kindOf;

    /// @param founder The account that deploys the first task, with salt zero. That task is started from the beginning.
    constructor(Shared memory shared, CodeHashes memory codeHashes, address founder) {
        owner = shared.owner;
        _shared = shared;
        _codeHashes = codeHashes;
        _start(taskId(founder, 0));
    }

    function deployPolicy(
        bytes32 salt,
        bytes calldata code,
        address guardian,
        FederationParameters calldata parameters,
        RewardParameters calldata rewardParameters,
        Documents calldata documents
    ) external returns (address) {
        _requireCode(code, _codeHashes.policy);
        bytes32 id = taskId(msg.sender, salt);
        TaskContracts memory contracts_ = contractsOf(id);
        require(contracts_.policy.code.length == 0, AlreadyDeployed(id));
        bytes memory arguments = abi.encode(
            owner,
            guardian,
            contracts_.federation,
            contracts_.rewards,
            parameters,
            rewardParameters,
            documents
        );
        return _deploy(new TaskDeployer{ salt: id }(), code, arguments);
    }

    function deployRewards(bytes32 salt, bytes calldata code) external returns (address) {
        _requireCode(code, _codeHashes.rewards);
        bytes32 id = taskId(msg.sender, salt);
        TaskContracts memory contracts_ = contractsOf(id);
        require(contracts_.policy.code.length != 0, NotDeployed(id));
        require(contracts_.rewards.code.length == 0, AlreadyDeployed(id));
        bytes memory arguments = abi.encode(
            contracts_.policy,
            _shared.stake,
            _shared.token,
            _shared.rewardChallenges
        );
        return _deploy(TaskDeployer(_deployerOf(id)), code, arguments);
    }

    function deployFederation(bytes32 salt, bytes calldata code, Task calldata task) external returns (address) {
        _requireCode(code, _codeHashes.federation);
        bytes32 id = taskId(msg.sender, salt);
        TaskContracts memory contracts_ = contractsOf(id);
        require(contracts_.rewards.code.length != 0, NotDeployed(id));
        require(contracts_.federation.code.length == 0, AlreadyDeployed(id));
        bytes32 manifestCid = IPolicy(contracts_.policy).documents().manifestCid;
        require(task.manifestCid == manifestCid, OtherManifest(task.manifestCid, manifestCid));
        emit TaskDeployed(id, msg.sender, contracts_);
        bytes memory arguments = abi.encode(_shared.stake, contracts_.policy, task, _shared.challenges);
        return _deploy(TaskDeployer(_deployerOf(id)), code, arguments);
    }

    function startTask(bytes32 id) external {
        require(msg.sender == owner, NotTheOwner(msg.sender));
        TaskContracts memory contracts_ = contractsOf(id);
        require(contracts_.federation.code.length != 0, NotDeployed(id));
        require(_kindOf[contracts_.policy] == Kind.None, AlreadyStarted(id));
        _start(id);
    }

    // ── reading ──

    function taskId(address author, bytes32 salt) public pure returns (bytes32) {
        return keccak256(abi.encode(author, salt));
    }

    function contractsOf(bytes32 id) public view returns (TaskContracts memory) {
        address deployer = _deployerOf(id);
        return TaskContracts(_created(deployer, 1), _created(deployer, 2), _created(deployer, 3));
    }

    function startedTasks() external view returns (bytes32[] memory) {
        return _started;
    }

    function isStartedPolicy(address policy) external view returns (bool) {
        return _kindOf[policy] == Kind.Policy;
    }

    function isStartedRewards(address rewards) external view returns (bool) {
        return _kindOf[rewards] == Kind.Rewards;
    }

    // ── internal ──

    function _start(bytes32 id) private {
        TaskContracts memory contracts_ = contractsOf(id);
        _kindOf[contracts_.policy] = Kind.Policy;
        _kindOf[contracts_.rewards] = Kind.Rewards;
        _started.push(id);
        emit TaskStarted(id, contracts_);
    }

    function _deploy(TaskDeployer deployer, bytes calldata code, bytes memory arguments) private returns (address) {
        return deployer.deploy(bytes.concat(code, arguments));
    }

    /// @dev The address of the `TaskDeployer` that creates the contracts of a task.
    function _deployerOf(bytes32 id) private view returns (address) {
        return Create2.computeAddress(id, keccak256(type(TaskDeployer).creationCode));
    }

    /// @dev The address of the `nonce`th contract that `creator` creates, for a nonce below 128 (the first is 1, EIP-161): the hash of the
    /// RLP of both.
    function _created(address creator, uint8 nonce) private pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encodePacked(bytes2(0xd694), creator, nonce)))));
    }

    function _requireCode(bytes calldata code, bytes32 expected) private pure {
        bytes32 codeHash = keccak256(code);
        require(codeHash == expected, UnknownCode(codeHash, expected));
    }
}
