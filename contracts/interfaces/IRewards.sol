// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { Evaluator } from "../types/Evaluation.sol";
import { Account, RewardFacts, RewardParameters, RewardRecord, RewardStatement } from "../types/Reward.sol";
import { Proposal } from "../types/Round.sol";
import { ScoreSlot } from "../types/Score.sol";
import { IFederation } from "./IFederation.sol";
import { IGovernedRewards, IPolicy } from "./IPolicy.sol";
import { IStake, IStakeLock } from "./IStake.sol";

/// @title Rewards: scores and rewards of one federation
/// @notice Evaluators score every update of a round on their own data, commit to the scores, then show them. When the round
/// is final an aggregator states the medians and what everybody has earned so far. Anyone may challenge this reward statement, and
/// when its window is over accounts claim from it. All of it stands in calldata, so one transaction recomputes any part of it.
/// Evaluators stake at this contract's address in `Stake`. Scores move rewards, never stake; a missing reveal costs stake. Amounts
/// of reward statements are in gwei, 1e-9 token.
/// @dev Assumes the federation, its stake contract and its token (see `IStake`).
interface IRewards is IStakeLock, IGovernedRewards {
    event AccountEnrolled(address indexed account, uint32 place, address payee);
    event PayeeSet(address indexed account, address payee);
    /// @notice These parameters hold for the scores and rewards of `fromRound` and of rounds after it.
    event RewardParametersChanged(uint32 indexed fromRound, RewardParameters parameters);

    /// @notice The evaluator may score and attest the rounds after `joinedAfter`.
    event EvaluatorJoined(address indexed evaluator, uint32 joinedAfter);
    event EvaluatorLeft(address indexed evaluator);
    /// @notice The evaluator has scored none of the rounds that somebody reported. It keeps its stake, and may join again.
    event EvaluatorAbsent(address indexed evaluator);
    /// @notice The evaluator has signed two inputs of one edition of a round.
    event EvaluatorSlashed(address indexed evaluator, address indexed challenger, uint256 takenWei);
    event ScoringOpened(
        uint32 indexed round,
        uint32 proposedAt,
        uint32 evaluatorCount,
        uint32 accountCount,
        bytes32 modelRoot
    );
    /// @dev The argument holds the round (bits 191–160) and the evaluator (bits 159–0), because an event costs gas by the word.
    event ScoresCommitted(uint192 roundAndEvaluator);
    event ScoresRevealed(uint192 roundAndEvaluator, bytes32 scoresRoot);
    event ScoresDemanded(uint32 indexed round, address indexed evaluator, address demander);
    event ScoresPublished(uint32 indexed round, address indexed evaluator, bytes32 salt, bytes scores);
    event EvaluatorForfeited(uint32 indexed round, address indexed evaluator, address challenger, uint256 takenWei);
    event PoolFunded(address indexed funder, uint64 amountGwei);
    /// @notice The pool cannot pay the round in full. Rounds go on.
    event PoolRanDry(uint32 indexed round, uint64 wantedGwei, uint64 paidGwei);
    /// @dev The reward statement stands in the transaction's calldata, or in `StatementShown`.
    event RewardsProposed(uint32 indexed round, address indexed proposer, RewardFacts facts, uint32 closesAt);
    /// @notice Precedes `RewardsProposed` where a contract proposed the rewards, or somebody states them anew: clients read the reward
    /// statement from here.
    event StatementShown(uint32 indexed round, RewardStatement statement);
    event RewardsVoided(uint32 indexed round, address indexed proposer, address challenger);
    event RewardsFinalized(uint32 indexed round, bytes32 balancesRoot);
    /// @notice A vote has made the balances of an earlier round the final ones again.
    event BalancesRestored(uint32 indexed round, bytes32 balancesRoot, uint64 coverGwei);
    event PoolReleased(address indexed treasury, uint64 amountGwei);
    event RewardClaimed(address indexed account, address indexed payee, uint64 amountGwei);
    event OwedPaid(address indexed account, uint256 amountWei);

    error ZeroAddress();
    error ZeroAmount();
    error NotWholeGwei(uint256 amountWei);
    error TokenTookFee(uint256 expectedWei, uint256 receivedWei);
    error AlreadyEnrolled(address account);
    error NotEnrolled(address account);
    error TooManyAccounts(uint256 maximum);
    error NotAccountOrPayee(address sender, address account);
    error NotThePolicy(address account);
    error NotTheFederation(address account);
    error NotAbsent(address evaluator, uint256 round);
    error MoreThanAllocated(uint256 heldWei, uint256 keptWei);
    error MoreThanFunded(uint256 allocatedGwei, uint256 fundedGwei);
    /// @notice The rounds before `changedFrom` are not all rewarded yet.
    error ChangeInFlight(uint256 changedFrom);
    error Barred(address account);
    error TooManyEvaluators(uint256 maximum);
    error AlreadyAnEvaluator(address account);
    error NotAnEvaluator(address account);
    error InsufficientStake(uint256 bondedWei, uint256 requiredWei);
    error RoundNotProposed(uint256 round);
    error ScoringClosed(uint256 round, uint256 closedAt);
    error NotDrawn(address evaluator, uint256 round);
    error AlreadyCommitted(address evaluator, uint256 round);
    /// @notice The ring is full of rounds that are not rewarded yet.
    error ScoresStillNeeded(uint256 round);
    error NotCommitted(address evaluator, uint256 round);
    error OtherScores(address evaluator, uint256 round);
    error AlreadyRevealed(address evaluator, uint256 round);
    error NotYet(uint256 startsAt);
    error TooLate(uint256 endedAt);
    error NotRevealed(address evaluator, uint256 round);
    error AlreadyDemanded(address evaluator, uint256 round);
    error NotDemanded(address evaluator, uint256 round);
    error NothingForfeited(address evaluator, uint256 round);
    error WrongBond(uint256 sentWei, uint256 bondWei);
    error NothingOwed(address account);
    error PaymentRefused(address account);
    error NotAnAggregator(address account);
    error RoundNotFinal(uint256 round);
    error AnotherProposal(uint256 round);
    error NotNextToReward(uint256 round, uint256 previousRound, uint256 statedRound);
    error NotCanonical();
    error RewardsInFlight(uint256 round);
    error WrongAccounts(uint256 accounts, uint256 minimum, uint256 maximum);
    /// @notice The reward statement was computed from other balances than those it would stand on.
    error OtherBalances(bytes32 computedFrom, bytes32 balancesRoot);
    error WrongPayment(uint256 paidGwei, uint256 expectedGwei);
    error NotStated(uint256 round);
    /// @notice No voided reward statement with these facts waits for somebody to make it anew.
    error NotVoided(uint256 round);
    error AlreadyFinal(uint256 round);
    error NotNextToFinalize(uint256 round, uint256 previousRound, uint256 finalRound);
    error ChallengeWindowOpen(uint256 closesAt);
    error NotTheRewardChallenges(address account);
    error WrongBalance(bytes32 root, bytes32 balancesRoot);
    error NothingToClaim(address account, uint256 claimedGwei);

    // ── accounts ──

    /// @notice Gives the caller an account, so that it is scored and paid. The caller must have a role's stake at this moment.
    /// @param payee Who gets what the account earns, so that a lost node key loses no rewards.
    function enrol(address payee) external;

    /// @notice Sets who gets what the account earns. The account or its payee may call.
    function setPayee(address account, address payee) external;

    // ── evaluators ──

    /// @notice The caller becomes an evaluator. It must have an account, and an evaluator's stake.
    function joinAsEvaluator() external;

    /// @notice The caller is an evaluator no longer. Its stake stays bonded until it asks for it.
    function leaveAsEvaluator() external;

    /// @notice Anyone may report an evaluator that has scored none of several final rounds that it should have, so that no quorum
    /// waits for it. It loses nothing, and joins again when it is back.
    /// @param rounds Four rounds, ascending, that the federation and the scores' ring still hold; where the federation's ring has fewer
    /// than five places, one round fewer than it has places.
    function reportAbsence(address evaluator, uint32[] calldata rounds) external;

    /// @notice Notes who may be drawn and who is scored, for the round's standing proposal. Anyone may call; nobody has to, since the
    /// first commitment does the same.
    function openScoring(uint32 round) external;

    /// @notice Commits to the caller's scores of a round that it is drawn to score.
    /// @param commitment `Scores.commitment` of the scores' root, with the time of the proposal that was scored in place of its
    /// bits 219–188, see `ScoreSlot`: so scores of a proposal that was voided meanwhile are not taken for those of another.
    function commitScores(uint32 round, bytes32 commitment) external;

    /// @notice Reveals the root of the scores that the caller has committed to.
    /// @param scoresRoot `Scores.rootOf` the scores, which are served off chain unless somebody demands that they are published.
    function revealScores(uint32 round, bytes32 scoresRoot) external;

    /// @notice Reveals the scores of one round and commits to those of another, in one transaction.
    function revealAndCommit(uint32 revealRound, bytes32 scoresRoot, uint32 commitRound, bytes32 commitment) external;

    /// @notice Demands that an evaluator's scores be published, with a bond that pays for the publication's gas at the block's base fee;
    /// the rest of the bond goes back to the caller.
    function demandScores(uint32 round, address evaluator) external payable;

    /// @notice Publishes demanded scores. Anyone may call, and is owed what the publication costs, from the bond, and not more.
    /// @param scores Two bytes each, an int16.
    function publishScores(uint32 round, address evaluator, bytes32 salt, bytes calldata scores) external;

    /// @notice Takes an evaluator's forfeit for scores that it committed to and did not show, while the federation knows their
    /// proposal. The sender is owed its share. Where the proposal was voided or forgotten, only the demander's bond goes back.
    function forfeit(uint32 round, address evaluator) external;

    /// @notice Pays what bonds have brought the caller.
    function claimOwed() external;

    // ── rewards ──

    /// @notice Adds to the pool that rewards are paid from. The call needs an allowance, and takes whole gwei only.
    function fund(uint256 amountWei) external;

    /// @notice States the scores and rewards of a final round, one round after the other. Any aggregator may call; the fee goes to the
    /// aggregator that proposed the round, whoever states its rewards.
    /// @param proposal The round's proposal.
    function proposeRewards(Proposal calldata proposal, RewardStatement calldata statement) external;

    /// @notice States the rewards of a round anew whose reward statement was voided, whatever the federation still knows of the round.
    /// Any aggregator may call.
    /// @param voided The facts that the contract read and computed for the voided reward statement.
    function restateRewards(RewardFacts calldata voided, RewardStatement calldata statement) external;

    /// @notice Makes a reward statement final once its window is over: claims are proven against its balances. Anyone may call.
    function finalizeRewards(uint32 round) external;

    /// @notice Pays an account's payee what the account has earned and was not paid yet. The account or its payee may call.
    /// @param cumulativeGwei All that the account has ever earned, as the final balances say.
    function claim(address account, uint64 cumulativeGwei, uint16 reputation, bytes32[] calldata path) external;

    /// @notice Takes the minimum stake of an evaluator that signed two inputs of one edition of a round. The call does nothing for an
    /// account that never was an evaluator. Callable by the federation only.
    function slashEvaluator(address evaluator, address challenger) external;

    /// @notice Voids a reward statement that was proven wrong and those after it. The void depends on nothing but the proof. Callable
    /// by the reward challenges only.
    function voidRewards(
        RewardFacts calldata facts,
        RewardStatement calldata statement,
        address challenger
    ) external;

    // ── reading ──

    /// @return The federation whose rounds are scored and paid.
    function federation() external view returns (IFederation);

    /// @return The contract that holds the stake of everybody who takes part.
    function stake() external view returns (IStake);

    /// @return The contract that holds what voters have chosen, the only one that changes parameters here.
    function policy() external view returns (IPolicy);

    /// @return The token that rewards are paid in.
    function token() external view returns (IERC20);

    /// @return The parameters that hold for the rounds that are yet to open.
    function rewardParameters() external view returns (RewardParameters memory);

    /// @return The account's number, payee and payments; all zero where it has none.
    function accountOf(address account) external view returns (Account memory);

    /// @return The number of accounts.
    function accountCount() external view returns (uint32);

    /// @return What bonds have brought the account.
    function owedWei(address account) external view returns (uint256);

    /// @return True while the account is an evaluator.
    function isEvaluator(address account) external view returns (bool);

    /// @return What is kept of an evaluator; all zero for an account that never was one.
    function evaluatorOf(address account) external view returns (Evaluator memory);

    /// @return The number of evaluators.
    function evaluatorCount() external view returns (uint32);

    /// @return True if the lot lets the evaluator score the round. The scoring of the round must be open.
    function isDrawn(uint32 round, address evaluator) external view returns (bool);

    /// @return What stands in the evaluator's ring for the round: it may be of an earlier round.
    function scoreSlot(address evaluator, uint32 round) external view returns (ScoreSlot);

    /// @return True if these very scores count in the round: the evaluator has shown them, and they were published where somebody
    /// demanded that.
    function counts(uint32 round, uint32 proposedAt, address evaluator, bytes32 scoresRoot) external view returns (bool);

    /// @return The reward statement of the round as it is stored; all zero where none was made.
    function rewardOf(uint32 round) external view returns (RewardRecord memory);

    /// @return statedRound The newest round with a reward statement.
    /// @return finalRound The newest round whose rewards can be claimed.
    /// @return balancesRoot The root that claims are proven against.
    function rewardHead() external view returns (uint32 statedRound, uint32 finalRound, bytes32 balancesRoot);

    /// @return balancesRoot The root that claims are proven against. A newer final reward statement changes it, and so does
    /// `restoreBalances`.
    /// @return accounts The number of accounts that the balances hold.
    function finalBalances() external view returns (bytes32 balancesRoot, uint32 accounts);

    /// @return All that the pool had got before this second, which is over. A round whose scores were settled then is paid from that.
    function fundedGweiBefore(uint256 timestamp) external view returns (uint64);

    /// @return fundedGwei All that the pool ever got.
    /// @return allocatedGwei What reward statements have given away of it.
    function pool() external view returns (uint64 fundedGwei, uint64 allocatedGwei);
}
