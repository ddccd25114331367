// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What voters choose of scores and rewards. Bounds are checked in `RewardBounds.validate`.
struct RewardParameters {
    /// What an evaluator must keep bonded.
    uint128 evaluatorStakeWei;
    /// What a round pays while the pool lasts, in gwei (1e-9 token).
    uint64 rewardGwei;
    /// From a proposal on: how long evaluators commit, then how long they reveal, then how long the scores may be
    /// demanded, and as long again how long a demand may be answered.
    uint32 scoringSeconds;
    uint32 revealSeconds;
    uint32 publishSeconds;
    uint32 unbondingSeconds;
    /// Evaluators of a round, on average, where there are more: they are drawn by lot.
    uint16 committeeSize;
    /// Shares of a round's reward; trainers get the rest.
    uint16 aggregatorBasisPoints;
    uint16 evaluatorBasisPoints;
    /// What an evaluator forfeits, of its stake's minimum, that commits to scores and does not show them.
    uint16 missedRevealBasisPoints;
    /// What a demand for scores puts at stake, in the chain's own currency.
    uint96 demandBondWei;
}

/// @notice What an aggregator states of a round's scores and rewards. All of it stands in calldata: nothing in it can be withheld.
struct RewardStatement {
    uint32 round;
    /// The lower median of the scores.
    int16 middle;
    /// What it was computed from: the root of the balances after the round that was rewarded before.
    bytes32 previousBalancesRoot;
    /// Accounts that have a balance, as many as there were when the statement was computed, and what the round pays.
    uint32 accounts;
    uint64 paidGwei;
    /// 68 bytes each, ascending by address: evaluator (20) ‖ scores root (32) ‖ stake in whole tokens (8) ‖ distance (8).
    bytes evaluators;
    /// 16 bytes each, ascending by place: place (4) ‖ index among the inputs (2) ‖ score (2) ‖ stake in whole tokens (8).
    bytes entries;
    /// Roots of the balances after the round, 256 accounts a page.
    bytes32[] pageRoots;
}

/// @notice What the contract read and computed itself when a statement was made.
struct RewardFacts {
    /// Of this statement among all.
    uint32 number;
    uint32 round;
    /// The round rewarded before, and how many accounts its balances have.
    uint32 previousRound;
    uint32 previousAccounts;
    /// Who proposed the round's aggregate, and when.
    address aggregator;
    uint32 proposedAt;
    /// How long the round could be challenged. Its statement can be as long.
    uint32 challengeSeconds;
    uint32 inputCount;
    bytes32 inputsRoot;
    /// Accounts whose trainers are scored; accounts that have a balance.
    uint32 scoredAccounts;
    uint32 accounts;
    /// Σ stake · score of the trainers with a positive score; Σ |score − middle|; Σ stake · agreement of the evaluators.
    uint128 contribution;
    uint64 spread;
    uint192 agreement;
    /// In gwei.
    uint64 trainerPotGwei;
    uint64 evaluatorPotGwei;
    uint64 feeGwei;
}

/// @notice A statement as it is stored. Voided, it has no digest, and `closesAt` is until when its round is not passed over.
struct RewardRecord {
    bytes28 digest;
    uint32 closesAt;
    address proposer;
    uint32 round;
    uint32 previousRound;
    uint32 number;
    bytes32 balancesRoot;
    uint32 accounts;
    /// What is allocated of the pool with it.
    uint64 allocatedGwei;
    /// `Statements.roundDigest` of its facts: enough to state the round anew.
    bytes32 roundDigest;
}

/// @notice What rounds are paid from: the first slot is all that a claim reads.
struct Pool {
    uint64 fundedGwei;
    /// What final statements have given away: never is more paid.
    uint64 finalGwei;
    uint32 statements;
    /// Accounts in the final balances.
    uint32 finalAccounts;
    /// When it was funded last.
    uint32 fundedAt;
    /// What all statements have given away, final or not.
    uint64 allocatedGwei;
}

/// @notice Where an account's rewards go, and what was paid, in one slot.
struct Account {
    address payee;
    uint64 claimedGwei;
    /// One more than its place; zero for who is not enrolled.
    uint32 number;
}
