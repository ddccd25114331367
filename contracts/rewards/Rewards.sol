// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { Checkpoints } from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import { IPolicy } from "../interfaces/IPolicy.sol";
import { IStake } from "../interfaces/IStake.sol";
import { Balances } from "../libraries/Balances.sol";
import { Commitments } from "../libraries/Commitments.sol";
import { MerkleTree } from "../libraries/MerkleTree.sol";
import { Statements } from "../libraries/Statements.sol";
import { EvaluationStateLibrary, Pace, Scoring } from "../types/Evaluation.sol";
import { Account, Pool, RewardFacts, RewardParameters, RewardRecord, RewardStatement } from "../types/Reward.sol";
import { Proposal, ProposalRecord } from "../types/Round.sol";
import { Evaluation } from "./Evaluation.sol";
import { Funding } from "./Funding.sol";
import { StatementOrder } from "./StatementOrder.sol";

/// @title Reward statements: what rounds have earned whom, open to challenge, and paid from a pool that anyone can fund
contract Rewards is Evaluation {
    using SafeERC20 for IERC20;

    uint256 private constant BASIS_POINTS = 10_000;
    uint256 private constant WEI_PER_GWEI = 1e9;

    IERC20 public immutable token;
    /// @notice The contract whose decisions about reward statements this contract carries out.
    address public immutable rewardChallenges;

    Pool private _pool;
    /// @dev All that the pool had ever got, by the second.
    Checkpoints.Trace208 private _fundedHistory;
    bytes32 private _balancesRoot;
    mapping(uint256 index => RewardRecord) private _records;

    constructor(
        IPolicy policy_,
        IStake stake_,
        IERC20 token_,
        address rewardChallenges_
    ) Evaluation(policy_, stake_) {
        require(address(token_) != address(0) && rewardChallenges_ != address(0), ZeroAddress());
        token = token_;
        rewardChallenges = rewardChallenges_;
    }

    modifier onlyAggregators() {
        require(federation.isAggregator(msg.sender), NotAnAggregator(msg.sender));
        _;
    }

    function fund(uint256 amountWei) external nonReentrant {
        Funding.fund(_pool, _fundedHistory, address(token), amountWei);
    }

    function proposeRewards(Proposal calldata proposal, RewardStatement calldata statement) external onlyAggregators {
        Pace memory pace = _state.paceOf(statement.round);
        RewardFacts memory facts = _factsOf(proposal, statement.round, pace);
        // solhint-disable-next-line avoid-tx-origin
        bool direct = msg.sender == tx.origin && msg.sender.code.length == 0;
        if (direct) {
            // calldata must be canonical, or only the chain could read it: the compiler's decoder takes offsets that no client takes
            bytes memory canonical = abi.encodeCall(this.proposeRewards, (proposal, statement));
            require(keccak256(msg.data) == keccak256(canonical), NotCanonical());
        } else {
            emit StatementShown(statement.round, statement);
        }
        _propose(facts, statement, pace);
    }

    function restateRewards(
        RewardFacts calldata voided,
        RewardStatement calldata statement
    ) external onlyAggregators {
        uint32 round = statement.round;
        Pace memory pace = _state.paceOf(round);
        RewardFacts memory facts = voided;
        require(facts.round == round, NotVoided(round));
        StatementOrder.requireVoided(_records, round, Statements.roundDigest(facts), pace.statedRound);
        emit StatementShown(round, statement);
        _propose(facts, statement, pace);
    }

    function finalizeRewards(uint32 round) external {
        RewardRecord memory record = _recordOf(round);
        uint32 final_ = _state.pace.finalRound;
        require(record.previousRound == final_, NotNextToFinalize(round, record.previousRound, final_));
        require(block.timestamp >= record.closesAt, ChallengeWindowOpen(record.closesAt));
        _state.pace.finalRound = round;
        _balancesRoot = record.balancesRoot;
        (_pool.finalAccounts, _pool.finalGwei) = (record.accounts, record.allocatedGwei);
        emit RewardsFinalized(round, record.balancesRoot);
    }

    function voidRewards(
        RewardFacts calldata facts,
        RewardStatement calldata statement,
        address challenger
    ) external {
        require(msg.sender == rewardChallenges, NotTheRewardChallenges(msg.sender));
        uint32 round = facts.round;
        RewardRecord memory record = _recordOf(round);
        require(record.digest == Statements.digest(facts, statement), AnotherProposal(round));
        // the statements after this one stand on it, and are void with it
        uint256 waitsUntil = block.timestamp + facts.challengeSeconds;
        StatementOrder.voidSince(_records, record.previousRound, _state.pace.statedRound, waitsUntil);
        _state.pace.statedRound = record.previousRound;
        bool isFirst = record.previousRound == _state.pace.finalRound;
        _pool.allocatedGwei = isFirst ? _pool.finalGwei : _records[record.previousRound % RING_SIZE].allocatedGwei;
        emit RewardsVoided(round, record.proposer, challenger);
        federation.slashForStatement(record.proposer, challenger);
    }

    function claim(
        address account,
        uint64 cumulativeGwei,
        uint16 reputation,
        bytes32[] calldata path
    ) external nonReentrant {
        _state.requireAccountOrPayee(account);
        Account memory owner = _state.accounts[account];
        uint256 place = owner.number - 1;
        bytes32 root = MerkleTree.rootOf(Balances.leafHash(place, cumulativeGwei, reputation), place, path);
        require(root == _balancesRoot, WrongBalance(root, _balancesRoot));
        require(cumulativeGwei > owner.claimedGwei, NothingToClaim(account, owner.claimedGwei));
        uint64 amountGwei = cumulativeGwei - owner.claimedGwei;
        Funding.requireAllocated(_pool, token, amountGwei);
        _state.accounts[account].claimedGwei = cumulativeGwei;
        emit RewardClaimed(account, owner.payee, amountGwei);
        token.safeTransfer(owner.payee, amountGwei * WEI_PER_GWEI);
    }

    // ── what votes decide ──

    function restoreBalances(uint32 round, uint64 coverGwei) external onlyPolicy {
        _balancesRoot = Funding.restore(_pool, _records, _state.pace, round, coverGwei);
    }

    function releasePool() external onlyPolicy {
        Funding.release(_pool, _fundedHistory, _state.pace, federation, token);
    }

    // ── reading ──

    function rewardOf(uint32 round) external view returns (RewardRecord memory record) {
        RewardRecord storage stored = _records[round % RING_SIZE];
        if (stored.round == round && stored.digest != 0) record = stored;
    }

    function rewardHead() external view returns (uint32 statedRound, uint32 finalRound, bytes32 balancesRoot) {
        return (_state.pace.statedRound, _state.pace.finalRound, _balancesRoot);
    }

    function finalBalances() external view returns (bytes32 balancesRoot, uint32 accounts) {
        return (_balancesRoot, _pool.finalAccounts);
    }

    function pool() external view returns (uint64 fundedGwei, uint64 allocatedGwei) {
        return (_pool.fundedGwei, _pool.allocatedGwei);
    }

    function fundedGweiBefore(uint256 timestamp) external view returns (uint64) {
        return Funding.fundedGweiBefore(_fundedHistory, timestamp);
    }

    // ── internal ──

    function _propose(RewardFacts memory facts, RewardStatement calldata statement, Pace memory pace) private {
        _follow(facts, statement.previousBalancesRoot, pace);
        Statements.requireRefutable(statement);
        _requireAccounts(facts, statement.accounts, pace.accountCount);
        uint64 allocated = _allot(facts, statement, pace);

        uint32 round = facts.round;
        RewardRecord storage record = _records[round % RING_SIZE];
        // the slot may hold a record of this very round, where that was voided
        require(record.round <= pace.finalRound || record.round == round, RewardsInFlight(record.round));
        uint32 closesAt = uint32(block.timestamp + facts.challengeSeconds);
        _records[round % RING_SIZE] = RewardRecord({
            digest: Statements.digest(facts, statement),
            closesAt: closesAt,
            proposer: msg.sender,
            round: round,
            previousRound: facts.previousRound,
            number: facts.number,
            balancesRoot: Statements.balancesRoot(statement.pageRoots, facts.accounts),
            accounts: facts.accounts,
            allocatedGwei: allocated,
            roundDigest: Statements.roundDigest(facts)
        });
        _state.pace.statedRound = round;
        emit RewardsProposed(round, msg.sender, facts, closesAt);
    }

    /// @return record The reward statement of this round, which is in flight.
    function _recordOf(uint32 round) private view returns (RewardRecord memory record) {
        record = _records[round % RING_SIZE];
        require(round != 0 && record.round == round && record.digest != 0, NotStated(round));
        require(round > _state.pace.finalRound, AlreadyFinal(round));
    }

    function _factsOf(
        Proposal calldata proposal,
        uint32 round,
        Pace memory pace
    ) private view returns (RewardFacts memory facts) {
        ProposalRecord memory record = federation.proposalOf(round);
        require(round != 0 && record.round == round && federation.finalRound() >= round, RoundNotFinal(round));
        bytes32 digest = Commitments.proposalDigest(address(federation), record.proposer, proposal);
        require(record.digest == bytes28(digest), AnotherProposal(round));
        if (round <= pace.statedRound || record.baseRound != pace.statedRound) {
            StatementOrder.requirePassedOver(_records, federation, round, record.baseRound, pace.statedRound);
        }
        uint256 settledAt = EvaluationStateLibrary.settledAt(pace, record.proposedAt);
        require(block.timestamp >= settledAt, NotYet(settledAt));

        facts.round = round;
        facts.aggregator = record.proposer;
        facts.proposedAt = record.proposedAt;
        facts.challengeSeconds = record.closesAt - record.proposedAt;
        facts.inputCount = proposal.inputCount;
        facts.inputsRoot = proposal.inputsRoot;
        Scoring memory scoring = _state.scorings[round % RING_SIZE];
        bool scored = scoring.round == round &&
            scoring.proposedAt == record.proposedAt &&
            scoring.seed == uint128(uint256(record.modelRoot));
        facts.scoredAccounts = scored ? scoring.accountCount : 0;
    }

    /// @dev Reads what the reward statement stands on. Where other balances stand there than those it was computed from, it is refused
    /// and nobody is slashed.
    function _follow(RewardFacts memory facts, bytes32 computedFrom, Pace memory pace) private {
        facts.number = ++_pool.statements;
        facts.previousRound = pace.statedRound;
        // the ring may no longer hold the record of the final statement
        bool isFinal = pace.statedRound == pace.finalRound;
        RewardRecord storage previous = _records[pace.statedRound % RING_SIZE];
        facts.previousAccounts = isFinal ? _pool.finalAccounts : previous.accounts;
        bytes32 root = isFinal ? _balancesRoot : previous.balancesRoot;
        require(computedFrom == root, OtherBalances(computedFrom, root));
    }

    /// @dev Accounts that enrol after the reward statement was computed do not make it wrong.
    function _requireAccounts(RewardFacts memory facts, uint32 accounts, uint256 enrolled) private pure {
        uint256 least = facts.previousAccounts > facts.scoredAccounts ? facts.previousAccounts : facts.scoredAccounts;
        require(accounts >= least && accounts <= enrolled, WrongAccounts(accounts, least, enrolled));
        facts.accounts = accounts;
    }

    /// @dev Computes what the reward statement's totals pay, from what the pool had when the round's scores were settled: so nothing
    /// that somebody does later makes it wrong.
    /// @return allocated What is allocated of the pool, this reward statement included.
    function _allot(
        RewardFacts memory facts,
        RewardStatement calldata statement,
        Pace memory pace
    ) private returns (uint64 allocated) {
        (facts.contribution, facts.spread) = Statements.readEntries(statement, facts.scoredAccounts);
        facts.agreement = Statements.readEvaluators(statement, facts.spread);
        RewardParameters memory parameters_ = _state.parametersOf(facts.round);
        uint64 wanted = parameters_.rewardGwei;
        Pool memory pool_ = _pool;
        allocated = pool_.allocatedGwei;
        uint256 settledAt = EvaluationStateLibrary.settledAt(pace, facts.proposedAt);
        uint64 funded = pool_.fundedAt < settledAt
            ? pool_.fundedGwei
            : Funding.fundedGweiBefore(_fundedHistory, settledAt);
        // what voters have released since then is no longer in the pool
        if (funded > pool_.fundedGwei) funded = pool_.fundedGwei;
        uint64 available = funded > allocated ? funded - allocated : 0;
        uint256 paid = available < wanted ? available : wanted;
        require(statement.paidGwei == paid, WrongPayment(statement.paidGwei, paid));
        if (paid < wanted) emit PoolRanDry(facts.round, wanted, uint64(paid));
        uint256 fee = (paid * parameters_.aggregatorBasisPoints) / BASIS_POINTS;
        uint256 evaluatorPot = (paid * parameters_.evaluatorBasisPoints) / BASIS_POINTS;
        // each is at most a uint64; pots that a caller of `restateRewards` brought with the voided facts are overwritten
        facts.trainerPotGwei = facts.contribution == 0 ? 0 : uint64(paid - fee - evaluatorPot);
        facts.evaluatorPotGwei = facts.agreement == 0 ? 0 : uint64(evaluatorPot);
        uint256 aggregator = _state.accounts[facts.aggregator].number;
        facts.feeGwei = aggregator == 0 || aggregator > facts.accounts ? 0 : uint64(fee);
        allocated += facts.trainerPotGwei + facts.evaluatorPotGwei + facts.feeGwei;
        _pool.allocatedGwei = allocated;
    }
}
