// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What voters choose of scores and rewards. `RewardBounds.validate` checks the bounds.
struct RewardParameters {
    /// What an evaluator must keep bonded.
    uint128 evaluatorStakeWei;
    /// What a round pays while the pool lasts, in gwei (1e-9 token).
    uint64 rewardGwei;
    /// Counted from a proposal: how long evaluators commit, then how long they reveal, then how long anyone may demand
    /// scores, and as long again how long anyone may publish demanded ones.
    uint32 scoringSeconds;
    uint32 revealSeconds;
    uint32 publishSeconds;
    uint32 unbondingSeconds;
    /// How many evaluators score a round, on average, where there are more: a lot draws them.
    uint16 committeeSize;
    /// Shares of a round's reward; trainers get the rest.
    uint16 aggregatorBasisPoints;
    uint16 evaluatorBasisPoints;
    /// The share of the minimum stake that an evaluator forfeits which commits to scores and does not show them.
    uint16 missedRevealBasisPoints;
    /// What a demand for scores puts at stake, in the chain's own currency.
    uint96 demandBondWei;
}

/// @notice What an aggregator states of a round's scores and rewards. All of it stands in calldata: its author can withhold nothing.
struct RewardStatement {
    uint32 round;
    /// The lower median of the scores.
    int16 middle;
    /// The root of the balances that it was computed from: those after the round that was rewarded before.
    bytes32 previousBalancesRoot;
    /// The number of accounts that have a balance, as of when the author computed this, and what the round pays.
    uint32 accounts;
    uint64 paidGwei;
    /// 68 bytes each, ascending by address: evaluator (20) ‖ scores root (32) ‖ stake in whole tokens (8) ‖ distance (8).
    bytes evaluators;
    /// 16 bytes each, ascending by place: place (4) ‖ index among the inputs (2) ‖ score (2) ‖ stake in whole tokens (8).
    bytes entries;
    /// Roots of the balances after the round, 256 accounts a page.
    bytes32[] pageRoots;
}

/// @notice What the contract read and computed itself when an aggregator made a reward statement.
struct RewardFacts {
    /// The number of this reward statement among all.
    uint32 number;
    uint32 round;
    /// The round rewarded before, and how many accounts its balances have.
    uint32 previousRound;
    uint32 previousAccounts;
    /// Who proposed the round's aggregate, and when.
    address aggregator;
    uint32 proposedAt;
    /// How long the round's proposal could be challenged. Its reward statement can be challenged for as long.
    uint32 challengeSeconds;
    uint32 inputCount;
    bytes32 inputsRoot;
    /// The number of accounts whose trainers are scored, and of accounts that have a balance.
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

/// @notice A reward statement as the contract stores it. A voided one has no digest, and its round is not passed over before
/// `closesAt`.
struct RewardRecord {
    bytes28 digest;
    uint32 closesAt;
    address proposer;
    uint32 round;
    uint32 previousRound;
    uint32 number;
    bytes32 balancesRoot;
    uint32 accounts;
    /// What is allocated of the pool, this reward statement included.
    uint64 allocatedGwei;
    /// `Statements.roundDigest` of its facts: with those anyone can state the rewards of the round anew.
    bytes32 roundDigest;
}

/// @notice What rounds are paid from: the first slot is all that a claim reads.
struct Pool {
    uint64 fundedGwei;
    /// What final reward statements have given away: claims are never paid more.
    uint64 finalGwei;
    uint32 statements;
    /// The number of accounts in the final balances.
    uint32 finalAccounts;
    /// When somebody last funded the pool.
    uint32 fundedAt;
    /// What all reward statements have given away, final or not.
    uint64 allocatedGwei;
}

/// @notice Where an account's rewards go, and what it was paid, in one slot.
struct Account {
    address payee;
    uint64 claimedGwei;
    /// One more than the account's place; zero for an address that is not enrolled.
    uint32 number;
}
