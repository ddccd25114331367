// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC1271 } from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import { IFederation } from "./IFederation.sol";

/// @title NodeAccount: a node's place in a federation, apart from the key that its process holds
/// @notice The account holds stake, membership, turns and reputation. Its *owner*, a cold key or a multisig, has everything: it calls
/// whatever it likes in the account's name. Its *operator*, the key on the node's machine, does the node's work in one federation and
/// nothing else. The owner replaces or revokes the operator in one transaction, and place and stake stay.
/// Warning: an operator acts in the federation as the node does, so it can also do there what costs stake, and be the challenger who is
/// owed a share of that. It can put at stake all tokens that lie in the account: the owner keeps others elsewhere.
/// @dev One account serves one federation, whose contracts it trusts. It delegates no call and cannot be upgraded.
interface INodeAccount is IERC1271 {
    /// @param operator Zero where nobody is.
    event OperatorSet(address indexed operator);

    error NotTheOperator(address caller, address operator);
    error CallNotAllowed(address target, bytes4 selector);
    error PayeeNotTheOwner(address payee, address owner);
    error NotStakedHere(address federation);
    error AnotherSpender(address spender);
    error OwnerIsNeeded();

    /// @notice Calls a contract of the federation in the account's name, with the currency that comes with the call and no other. What the
    /// call reverts with, this reverts with. Only the operator may call, and only these:
    /// of `Federation` all that a member does but to leave; of `Rewards` all but to leave, to fund and to change the payee, and `enrol`
    /// with the owner as payee alone; of `Stake` deposits for this federation or its rewards, `claimOwed`, `checkpoint` and
    /// `settleSlashed`; of the token approvals of `Stake`; everything of the contracts that decide challenges.
    function execute(address target, bytes calldata data) external payable returns (bytes memory answer);

    /// @notice Calls anything in the account's name, with `valueWei` of what the account has. Only the owner may call.
    /// Unbonded stake and what was slashed for the account arrive in the account; from there this moves it.
    function executeAsOwner(
        address target,
        uint256 valueWei,
        bytes calldata data
    ) external payable returns (bytes memory answer);

    /// @notice Sets who operates the node from now on; nobody where it is zero. Only the owner may call.
    /// What the operator before has signed counts no more: nodes sign the same again with the new key.
    function rotate(address operator_) external;

    /// @notice Whether the operator has confirmed `hash` for this account: by its signature of the EIP-712 struct `Confirmation(bytes32 hash)`
    /// under the domain of name `Tributary account`, version `1`, this chain and this account. So no signature counts for another
    /// account of the same operator, or on another chain.
    /// @dev Answers only the federation and the contracts that decide its challenges (ask in their name by `eth_call`), so the operator
    /// signs nothing for the account anywhere else: no vote, no permit, no order.
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4);

    /// @return The key that does the node's work; zero where there is none.
    function operator() external view returns (address);

    /// @return The federation that the account takes part in.
    function federation() external view returns (IFederation);
}
