// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Signs } from "../types/Aggregators.sol";
import { Attestation } from "../types/Attestation.sol";
import { Reputations } from "../types/Reputations.sol";
import {
    Anchor,
    Clock,
    FederationParameters,
    Proposal,
    ProposalRecord,
    RoundTerms,
    Rule,
    Task
} from "../types/Round.sol";
import { SubmissionSlot } from "../types/Submission.sol";
import { UpdateTerms } from "../types/UpdateTerms.sol";
import { IGovernedFederation, IPolicy } from "./IPolicy.sol";
import { IRewards } from "./IRewards.sol";
import { IStake, IStakeLock } from "./IStake.sol";

/// @title Federation: the coordinator of one task
/// @notice Trainers and aggregators join with stake. A round takes submissions until all have come or its deadline, an
/// aggregator proposes the next model, and the next round starts from it at once, while the proposal can still be
/// challenged. When the window is over, anyone finalises it. Times are in seconds; rounds are numbered from 1 and a
/// number is never used twice.
interface IFederation is IStakeLock, IGovernedFederation {
    event TrainerJoined(address indexed trainer, uint32 fromRound);
    event TrainerLeft(address indexed trainer);
    /// @notice `trainer` has left, missed a round, or was not served by it too often, and is not waited for any more, until it joins
    /// again, not before `mayJoinAt`.
    event TrainerAbsent(address indexed trainer, uint32 missedRound, uint40 mayJoinAt);
    /// @notice A final round did without what `trainer` submitted, because a majority of its electors could not fetch it.
    /// @param marks How often lately. At the third mark it is removed as if it had been absent.
    event TrainerUnserved(address indexed trainer, uint32 indexed round, uint16 marks);
    /// @notice What `trainer` submitted to `round` was proven false. From here on it counts for nothing.
    /// @param edition Of the open round: another than before where it is of that one, because what was attested need not be right any more.
    event TrainerSlashed(address indexed trainer, uint32 indexed round, uint8 edition);
    event AggregatorJoined(address indexed aggregator);
    event AggregatorLeft(address indexed aggregator);
    /// @notice It has missed too many turns in a row. It keeps its stake, and may join again.
    event AggregatorIdle(address indexed aggregator);
    event EndpointAnnounced(address indexed account, string endpoint);

    /// @notice What holds from a round on that is not open yet: never inside one, and never while one is in flight.
    event ParametersChanged(uint32 indexed fromRound, FederationParameters parameters);

    event RoundOpened(uint32 indexed round, uint32 baseRound, uint32 expectedTrainers, uint40 submissionDeadline);
    /// @dev Nothing is indexed and nothing has a word of its own that does not need one: every update pays for it.
    /// @param terms Round, squared norm and weight, see `UpdateTerms`.
    event UpdateSubmitted(address trainer, UpdateTerms terms, bytes32 commitment, bytes32 cid);
    event TurnClaimed(uint32 indexed round, address indexed aggregator, bytes32 proposalDigest);
    /// @param omitted Trainers that have submitted and are left out, because their update is unavailable.
    /// @param closesAt When the challenge window ends.
    /// @param nextReputations What weighs the inputs of the rounds that start from this model.
    event AggregateProposed(
        uint32 indexed round,
        address indexed proposer,
        Proposal proposal,
        address[] omitted,
        uint40 closesAt,
        Reputations nextReputations
    );
    /// @notice The proposal was proven wrong. It is void, and so is every proposal of a later round: all of them stand on it.
    /// The round is open again, as it was: who had submitted has, who had still time to has it again.
    event ProposalVoided(
        uint32 indexed round,
        address indexed proposer,
        address indexed challenger,
        uint32 expectedTrainers,
        uint40 submissionDeadline,
        uint8 edition
    );
    /// @notice An opening was demanded: the window now ends later.
    event ProposalHeld(uint32 indexed round, uint40 closesAt);
    event RoundFinalized(uint32 indexed round, bytes32 modelRoot);
    /// @notice The round ended without a proposal; its submissions count for nothing.
    event RoundSkipped(uint32 indexed round);

    error ZeroAddress();
    error WrongRound(uint256 round, uint256 openRound);
    error SubmissionsClosed(uint256 deadline);
    error SubmissionsOpen(uint256 deadline, uint256 inputCount, uint256 expectedTrainers);
    error NotATrainer(address account);
    error AlreadyATrainer(address account);
    error AlreadySubmitted(address trainer, uint256 round);
    error NormAboveBound(uint256 squaredNorm, uint256 maxSquaredNorm);
    error WeightOutOfBounds(uint256 weight, uint256 maxWeight);
    error NotAnAggregator(address account);
    error AlreadyAnAggregator(address account);
    error InsufficientStake(uint256 bondedWei, uint256 requiredWei);
    error NotYourTurn(address holder, uint256 endsAt);
    /// @notice Both are `Commitments.baseHash`.
    error WrongBase(bytes32 baseHash, bytes32 expected);
    error TooFewInputs(uint256 inputCount, uint256 minimum);
    error TooManyInputs(uint256 inputCount, uint256 maximum);
    error NotProposed(uint256 round);
    error NotNextToFinalize(uint256 round, uint256 baseRound, uint256 finalRound);
    error ChallengeWindowOpen(uint256 closesAt);
    error NotAbsent(address trainer);
    error NotUnserved(address trainer, uint256 round);
    error NotFinal(uint256 round);
    error NotIdle(address aggregator, uint256 missedTurns);
    error TooSoonToRejoin(uint256 mayJoinAt);
    error TooManyAggregators(uint256 maximum);
    /// @notice The chain has another block there than the proposer had read: read again.
    error AnotherChain(uint256 blockNumber);
    /// @notice The federation keeps a round's terms for as long as its ring has room.
    error Forgotten(uint256 round);
    error NotTheRewards(address account);
    error StillInTime(uint256 endsAt);
    error WrongRule(Rule rule, uint256 trimBasisPoints);
    error WrongOmissions(bytes32 omittedHash);
    error TooManyOmitted(uint256 omitted, uint256 maximum);
    error SignersNotAscending(address signer);
    error NotAnElector(address signer);
    error WrongSignature(address signer);
    error TooFewAttestations(uint256 given, uint256 needed);
    error NotAChallengeContract(address account);
    error AlreadyFinal(uint256 round);
    error AnotherProposal(uint256 round);
    error AlreadySlashed(address account, uint256 round);
    error TooLateToDemand(uint256 lastAt);
    error NotThePolicy(address account);
    error Barred(address account);
    error RoundOpen(uint256 round);

    // ── taking part ──

    /// @notice Takes part from the next round on. Sets the caller's ring slots, so that submitting later costs no more.
    function joinAsTrainer() external;

    /// @notice Takes no further part. Slots that proofs may still need stay until their rounds are settled. Who goes comes back
    /// after the delay of who was absent (`reportAbsence`): going before a report is no way around it.
    function leaveAsTrainer() external;

    /// @notice Anyone may report a trainer that did not submit to the newest final round, or to the newest one that was skipped,
    /// so that rounds end early without it. It loses nothing, and may join again after a delay that doubles from one time to the
    /// next (`AttendanceLibrary`).
    function reportAbsence(address trainer) external;

    /// @notice Anyone may report a trainer whose submission a final round did without, because a majority of its electors could not
    /// fetch it: one mark a round. At the third mark it is removed as who is absent.
    /// @param omitted Those of the proposal.
    function reportUnserved(Proposal calldata proposal, address[] calldata omitted, address trainer) external;

    /// @notice The caller's turn comes when all others have had theirs.
    function joinAsAggregator() external;

    function leaveAsAggregator() external;

    /// @notice Anyone may report an aggregator that has missed three turns in a row, so that no quorum waits for it. It loses
    /// nothing, and joins again when it is back.
    function reportIdle(address account) external;

    /// @notice Says where the caller's node serves, for example `http://203.0.113.7:4800`. Only an event.
    function announceEndpoint(string calldata endpoint) external;

    // ── a round ──

    /// @notice Submits the caller's update for the open round.
    /// @param terms The open round; the squared L2 norm, at most the clip bound; the weight in the mean, from 1 to the
    /// task's maximum. See `UpdateTerms`.
    /// @param commitment `Commitments.updateCommitment` of the update's tree root.
    /// @param cid sha2-256 digest of the CID under which the bytes are served after the window.
    function submitUpdate(UpdateTerms terms, bytes32 commitment, bytes32 cid) external;

    /// @notice Starts the time after which the caller may propose out of turn, for when the aggregator whose turn it is
    /// keeps silent before the deadline. It must know its proposal already.
    /// @param proposalDigest `Commitments.proposalDigest` of what it will propose.
    function claimTurn(uint32 round, bytes32 proposalDigest) external;

    /// @notice Proposes the aggregate of the open round, and opens the next one from it. Before the deadline only with
    /// as many inputs as the round waits for: whoever claims an input that was not submitted is refuted.
    /// @param omitted Ascending: trainers that have submitted, and whose update is left out because it is unavailable. Who is
    /// left out without being named here, or named without need, is a fault that can be proven. At most `Parameters.MAX_OMITTED`.
    /// @param attestations Signatures of other electors of the round over the same inputs, by ascending signer. Together with the
    /// proposer, where it is one, they are more than `attestationBasisPoints` of all: what only its proposer holds cannot pass.
    /// @param anchor The block at which the caller had read the submissions: where the chain has taken that back, the proposal reverts,
    /// and its proposer is spared a fault that it could not see. A block of the last 256, or number zero for none.
    function proposeAggregate(
        Proposal calldata proposal,
        address[] calldata omitted,
        Attestation[] calldata attestations,
        Anchor calldata anchor
    ) external;

    /// @notice Makes a proposal final once its window is over. Anyone may call.
    function finalizeRound(uint32 round) external;

    /// @notice Gives up a round for which nobody proposed in time, and opens another from the same model. No reputations weigh the
    /// inputs of the rounds that start from it any more: it may be that nobody knows them.
    function skipRound(uint32 round) external;

    /// @notice Opens the next round where none is open: when a pause has ended, or a change was waiting. Does nothing
    /// while there is a reason not to.
    function openRound() external;

    // ── what challenges decide: callable by the federation's challenge contracts only ──

    /// @notice Voids a proposal that was proven wrong and all that stand on it, opens the round again as it was, and slashes the
    /// proposer for what it has left. It depends on nothing but the proof.
    /// @param challenger Who gets a share of what is slashed; zero for nobody.
    function voidProposal(Proposal calldata proposal, address challenger) external;

    /// @notice Leaves time for an answer to a demand, and as long again to go on from there: within the window, or, once, by keeping
    /// it open for so long.
    /// @return answerBy When an answer is late.
    function holdProposal(Proposal calldata proposal) external returns (uint256 answerBy);

    /// @notice Slashes a trainer for its submission to `round`, once, and removes it. That submission counts for nothing, and
    /// neither does one to the open round, which waits for one fewer.
    function slashTrainer(address trainer, uint32 round, address challenger) external;

    /// @notice Slashes who signed two inputs of one edition of `round`, once, in each role in which it may have attested, and removes
    /// it.
    function slashSigner(address signer, uint32 round, address challenger) external;

    /// @notice Slashes the proposer of a statement of rewards that is void. Callable by `rewards` only.
    function slashForStatement(address proposer, address challenger) external;

    // ── reading ──

    /// @notice Reverts unless this very proposal stands and is not final.
    function requireProposal(Proposal calldata proposal) external view returns (ProposalRecord memory);

    function isTrainerSlashed(address trainer, uint32 round) external view returns (bool);

    function isSignerSlashed(address signer, uint32 round) external view returns (bool);

    function isChallengeContract(address account) external view returns (bool);

    /// @return What the round was opened with, while its ring slot holds it; all zero otherwise.
    function termsOf(uint32 round) external view returns (RoundTerms memory);

    /// @return How many of the round's electors attest what is proposed for it, at least.
    function attestationQuorum(uint32 round) external view returns (uint256);

    /// @return One for an aggregator and one for an evaluator that joined before the round opened: nobody joins to decide what has
    /// begun.
    function electorWeight(address account, uint32 round) external view returns (uint256);

    /// @return How the account answers for its signatures.
    function signsOf(address account) external view returns (Signs);

    function stake() external view returns (IStake);

    /// @return Where what is voted on is chosen: the only one that changes anything here.
    function policy() external view returns (IPolicy);

    function clock() external view returns (Clock memory);

    function task() external view returns (Task memory);

    /// @return Number of the model's coordinates.
    function dimension() external view returns (uint64);

    /// @return What is in force.
    function parameters() external view returns (FederationParameters memory);

    function finalRound() external view returns (uint32);

    function latestRound() external view returns (uint32);

    /// @return `Commitments.baseHash` of the model that the open round starts from, or the next one where none is open.
    function baseHash() external view returns (bytes32);

    /// @return Whose final balances say what reputation a trainer has.
    function rewards() external view returns (IRewards);

    /// @return The proposal's record while its ring slot holds it; all zero otherwise.
    function proposalOf(uint32 round) external view returns (ProposalRecord memory);

    function submissionSlot(address trainer, uint256 round) external view returns (SubmissionSlot);

    function trainerCount() external view returns (uint32);

    function isTrainer(address account) external view returns (bool);

    function isAggregator(address account) external view returns (bool);

    /// @return In the order of their turns, from whose turn it is.
    function aggregators() external view returns (address[] memory);

    /// @return Whose turn it is to propose in the open round, zero when there is no aggregator.
    function turnHolder() external view returns (address);

    /// @return Turns in a row in which it did not propose.
    function missedTurns(address account) external view returns (uint256);

    /// @return When a trainer that was removed may join again, in seconds since 1970.
    function mayJoinAt(address account) external view returns (uint256);
}
