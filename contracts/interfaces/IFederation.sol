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
    /// @notice `trainer` has left, has missed a round, or has too often not served its update. Rounds do not wait for it until it joins
    /// again, which it may do from `mayJoinAt` on.
    event TrainerAbsent(address indexed trainer, uint32 missedRound, uint40 mayJoinAt);
    /// @notice A final round did without what `trainer` submitted, because a majority of its electors could not fetch it.
    /// @param marks How often that has happened lately. At the third mark the trainer is removed as if it had been absent.
    event TrainerUnserved(address indexed trainer, uint32 indexed round, uint16 marks);
    /// @notice What `trainer` submitted to `round` was proven false. From here on it counts for nothing.
    /// @param edition Edition of the open round. It is a new one where `round` is the open round, because the inputs that electors have
    /// attested may no longer be the right ones.
    event TrainerSlashed(address indexed trainer, uint32 indexed round, uint8 edition);
    event AggregatorJoined(address indexed aggregator);
    event AggregatorLeft(address indexed aggregator);
    /// @notice The aggregator has missed too many turns in a row. It keeps its stake, and may join again.
    event AggregatorIdle(address indexed aggregator);
    event EndpointAnnounced(address indexed account, string endpoint);

    /// @notice These parameters hold from `fromRound` on, which is not open yet. They never change inside a round, nor while one is in
    /// flight.
    event ParametersChanged(uint32 indexed fromRound, FederationParameters parameters);

    event RoundOpened(uint32 indexed round, uint32 baseRound, uint32 expectedTrainers, uint40 submissionDeadline);
    /// @dev No field is indexed, and none has a word of its own that does not need one: every update pays for it.
    /// @param terms Round, squared norm and weight, see `UpdateTerms`.
    event UpdateSubmitted(address trainer, UpdateTerms terms, bytes32 commitment, bytes32 cid);
    event TurnClaimed(uint32 indexed round, address indexed aggregator, bytes32 proposalDigest);
    /// @param omitted Trainers that have submitted and that the proposal leaves out, because their update is unavailable.
    /// @param closesAt When the challenge window ends.
    /// @param nextReputations The reputations that weigh the inputs of the rounds that start from this model.
    event AggregateProposed(
        uint32 indexed round,
        address indexed proposer,
        Proposal proposal,
        address[] omitted,
        uint40 closesAt,
        Reputations nextReputations
    );
    /// @notice The proposal was proven wrong. It is void, and so is every proposal of a later round: all of them stand on it.
    /// The round is open again, as it was: submissions stand, and trainers that had still time to submit have that time again.
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
    /// @notice The round is not the one that is open.
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
    /// @notice Both values are `Commitments.baseHash`.
    error WrongBase(bytes32 baseHash, bytes32 expected);
    error TooFewInputs(uint256 inputCount, uint256 minimum);
    error TooManyInputs(uint256 inputCount, uint256 maximum);
    error NotProposed(uint256 round);
    /// @notice Rounds become final in order: the one that this one starts from is not final yet.
    error NotNextToFinalize(uint256 round, uint256 baseRound, uint256 finalRound);
    /// @notice The proposal can be challenged until `closesAt`.
    error ChallengeWindowOpen(uint256 closesAt);
    error NotAbsent(address trainer);
    error NotUnserved(address trainer, uint256 round);
    error NotFinal(uint256 round);
    error NotIdle(address aggregator, uint256 missedTurns);
    error TooSoonToRejoin(uint256 mayJoinAt);
    error TooManyAggregators(uint256 maximum);
    /// @notice The chain has another block at this number than the proposer had read: it must read the submissions again.
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

    /// @notice The caller takes part from the next round on. The call sets its ring slots, so that submitting later costs no more.
    function joinAsTrainer() external;

    /// @notice The caller takes no further part. Slots that proofs may still need stay until their rounds are settled. A trainer that
    /// leaves may join again after the delay of one that was absent (`reportAbsence`): it cannot evade that by leaving before a report.
    function leaveAsTrainer() external;

    /// @notice Anyone may report a trainer that did not submit to the newest final round, or to the newest one that was skipped,
    /// so that rounds end early without it. It loses nothing, and may join again after a delay that doubles from one time to the
    /// next (`AttendanceLibrary`).
    function reportAbsence(address trainer) external;

    /// @notice Anyone may report a trainer whose submission a final round did without, because a majority of its electors could not
    /// fetch it: the trainer gets one mark a round. At the third mark it is removed as if it had been absent.
    /// @param omitted The trainers that the proposal omits.
    function reportUnserved(Proposal calldata proposal, address[] calldata omitted, address trainer) external;

    /// @notice The caller becomes an aggregator. Its turn comes when all others have had theirs.
    function joinAsAggregator() external;

    /// @notice The caller is an aggregator no longer. Its stake stays bonded until it asks for it.
    function leaveAsAggregator() external;

    /// @notice Anyone may report an aggregator that has missed three turns in a row, so that no quorum waits for it. It loses
    /// nothing, and joins again when it is back.
    function reportIdle(address account) external;

    /// @notice Says where the caller's node serves, for example `http://203.0.113.7:4800`. The contract only emits an event.
    function announceEndpoint(string calldata endpoint) external;

    // ── a round ──

    /// @notice Submits the caller's update for the open round.
    /// @param terms The open round; the squared L2 norm, at most the clip bound; the weight in the mean, from 1 to the
    /// task's maximum. See `UpdateTerms`.
    /// @param commitment `Commitments.updateCommitment` of the update's tree root.
    /// @param cid sha2-256 digest of the CID under which the bytes are served after the window.
    function submitUpdate(UpdateTerms terms, bytes32 commitment, bytes32 cid) external;

    /// @notice Starts the time after which the caller may propose out of turn, for when the aggregator whose turn it is
    /// keeps silent before the deadline. The caller must know its proposal already.
    /// @param proposalDigest `Commitments.proposalDigest` of what the caller will propose.
    function claimTurn(uint32 round, bytes32 proposalDigest) external;

    /// @notice Proposes the aggregate of the open round, and opens the next one from it. Before the deadline the proposal must have
    /// as many inputs as the round waits for: a proposal that claims an input which nobody submitted can be refuted.
    /// @param omitted Trainers that have submitted and that the proposal leaves out, because their update is unavailable, ascending, at
    /// most `Parameters.MAX_OMITTED`. It is a provable fault to leave a trainer out without naming it here, or to name one that is in.
    /// @param attestations Signatures of other electors of the round over the same inputs, by ascending signer. Together with the
    /// proposer, where it is an elector, the signers are more than `attestationBasisPoints` of all electors: inputs that only the
    /// proposer holds cannot pass.
    /// @param anchor The block at which the caller had read the submissions, one of the last 256; number zero for none. Where the chain
    /// has taken that block back, the call reverts, so that the caller commits no fault that it could not see.
    function proposeAggregate(
        Proposal calldata proposal,
        address[] calldata omitted,
        Attestation[] calldata attestations,
        Anchor calldata anchor
    ) external;

    /// @notice Makes a proposal final once its window is over. Anyone may call.
    function finalizeRound(uint32 round) external;

    /// @notice Gives up a round for which nobody proposed in time, and opens another from the same model. Reputations no longer weigh
    /// the inputs of the rounds that start from that model, because it may be that nobody knows them.
    function skipRound(uint32 round) external;

    /// @notice Opens the next round where none is open: when a pause has ended, or a change was waiting. The call does nothing
    /// while the policy, the ring or the number of members keeps a round from opening.
    function openRound() external;

    // ── what challenges decide: callable by the federation's challenge contracts only ──

    /// @notice Voids a proposal that was proven wrong and all that stand on it, opens the round again as it was, and slashes the
    /// proposer for what it has left. The void depends on nothing but the proof.
    /// @param challenger Who gets a share of what is slashed; zero for nobody.
    function voidProposal(Proposal calldata proposal, address challenger) external;

    /// @notice Leaves time for an answer to a demand, and as long again for the demander to go on from it: within the window, or, once,
    /// by keeping the window open for so long.
    /// @return answerBy The last second in which an answer is in time.
    function holdProposal(Proposal calldata proposal) external returns (uint256 answerBy);

    /// @notice Slashes a trainer for its submission to `round`, once, and removes it. That submission counts for nothing, and
    /// neither does one of the trainer to the open round, which waits for one trainer fewer.
    function slashTrainer(address trainer, uint32 round, address challenger) external;

    /// @notice Slashes an account that signed two inputs of one edition of `round`, once, in each role in which it may have attested,
    /// and removes it.
    function slashSigner(address signer, uint32 round, address challenger) external;

    /// @notice Slashes the proposer of a reward statement that is void. Callable by `rewards` only.
    function slashForStatement(address proposer, address challenger) external;

    // ── reading ──

    /// @notice Reverts unless this very proposal stands and is not final.
    function requireProposal(Proposal calldata proposal) external view returns (ProposalRecord memory);

    /// @return True where the submission of the trainer to the round counts for nothing, because it or another of its submissions was proven false.
    function isTrainerSlashed(address trainer, uint32 round) external view returns (bool);

    /// @return True where the account was slashed for two inputs that it signed of one edition of the round.
    function isSignerSlashed(address signer, uint32 round) external view returns (bool);

    /// @return True for the contracts whose decisions on challenges the federation carries out.
    function isChallengeContract(address account) external view returns (bool);

    /// @return The terms with which the round was opened, while its ring slot holds them; all zero otherwise.
    function termsOf(uint32 round) external view returns (RoundTerms memory);

    /// @return The least number of the round's electors that must attest the inputs of a proposal for it.
    function attestationQuorum(uint32 round) external view returns (uint256);

    /// @return One for an aggregator and one for an evaluator, two for an account that is both. Only roles count that the account took
    /// before the round opened: nobody joins to decide a round that has begun.
    function electorWeight(address account, uint32 round) external view returns (uint256);

    /// @return How the account answers for its signatures.
    function signsOf(address account) external view returns (Signs);

    /// @return The contract that holds the stake of everybody who takes part.
    function stake() external view returns (IStake);

    /// @return The contract that holds what voters have chosen, the only one that changes the federation's parameters and members by vote.
    function policy() external view returns (IPolicy);

    /// @return The clock of the open round; its round is zero while none is open.
    function clock() external view returns (Clock memory);

    /// @return What the federation is for, fixed when it was made.
    function task() external view returns (Task memory);

    /// @return Number of the model's coordinates.
    function dimension() external view returns (uint64);

    /// @return The parameters that are in force.
    function parameters() external view returns (FederationParameters memory);

    /// @return The newest round that is final, zero before the first.
    function finalRound() external view returns (uint32);

    /// @return The newest round that was opened, zero before the first.
    function latestRound() external view returns (uint32);

    /// @return `Commitments.baseHash` of the model that the open round starts from, or the next one where none is open.
    function baseHash() external view returns (bytes32);

    /// @return The contract whose final balances say what reputation a trainer has.
    function rewards() external view returns (IRewards);

    /// @return The proposal's record while its ring slot holds it; all zero otherwise.
    function proposalOf(uint32 round) external view returns (ProposalRecord memory);

    /// @return What stands in the ring slot of the trainer for the round: it may be the submission to an earlier round.
    function submissionSlot(address trainer, uint256 round) external view returns (SubmissionSlot);

    /// @return The number of trainers.
    function trainerCount() external view returns (uint32);

    /// @return True while the account is a trainer.
    function isTrainer(address account) external view returns (bool);

    /// @return True while the account is an aggregator.
    function isAggregator(address account) external view returns (bool);

    /// @return The aggregators in the order of their turns, from the one whose turn it is.
    function aggregators() external view returns (address[] memory);

    /// @return Whose turn it is to propose in the open round, zero when there is no aggregator.
    function turnHolder() external view returns (address);

    /// @return Turns in a row in which the account did not propose.
    function missedTurns(address account) external view returns (uint256);

    /// @return When a trainer that was removed may join again, in seconds since 1970.
    function mayJoinAt(address account) external view returns (uint256);
}
