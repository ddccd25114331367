/** What the events of a federation's rewards contract say, folded into its present state. */
import { getAddress, type Result, toBeHex } from 'ethers';
import { invariant } from '../core/errors.ts';
import { fromHex, type Hash } from '../core/hash.ts';
import { bytesToScores } from '../core/rewards/scores.ts';
import type { RewardStatement } from '../core/rewards/statement.ts';
import type { ChainEvent } from './events.ts';
import { type RewardParametersOnChain, readRewardParameters } from './parameters.ts';
import { paidBy, type RewardFacts, readFacts, type StatedRewards } from './statedRewards.ts';

/** An account that is scored and paid. */
export interface RewardAccount {
  /** Its number among all accounts, from 0. */
  place: number;
  /** Who gets what it earns. */
  payee: string;
  /** In which it enrolled. */
  blockNumber: number;
}

/** A round as it was when its scoring opened. */
export interface Scoring {
  /** When the scored proposal was made, in seconds since 1970. */
  proposedAt: number;
  evaluatorCount: number;
  /** Accounts with a place below it are scored. */
  accountCount: number;
  /** Of the scored proposal. */
  modelRoot: Hash;
}

/** Scores that were published on chain, and the salt of their commitment. */
export interface PublishedScores {
  salt: Hash;
  scores: Int16Array;
}

/** What a round should have paid, and what the pool had. */
export interface ShortPayment {
  wantedGwei: bigint;
  paidGwei: bigint;
}

/**
 * Scores are by round, then by evaluator. Those of a proposal that was voided count for nothing: they are forgotten when the
 * scoring of the next one opens.
 */
export interface RewardsState {
  /** Oldest first, each from a round on until the next. */
  parameters: { fromRound: number; parameters: RewardParametersOnChain }[];
  accounts: Map<string, RewardAccount>;
  /** The newest round when each joined: it scores and attests later ones. */
  evaluators: Map<string, number>;
  scorings: Map<number, Scoring>;
  committed: Map<number, Set<string>>;
  /** Their roots. */
  revealed: Map<number, Map<string, Hash>>;
  /** Not published since. */
  demanded: Map<number, Set<string>>;
  published: Map<number, Map<string, PublishedScores>>;
  forfeited: Map<number, Set<string>>;
  /** Those that stand, and those that are final, also where a vote has undone them. */
  statements: Map<number, StatedRewards>;
  /** Those of statements that stand and cannot be decoded: nothing is known of the balances after them. */
  unreadable: Map<number, RewardFacts>;
  /** Those of voided statements that wait to be made anew. */
  voided: Map<number, RewardFacts>;
  /** The newest round whose statement is final. */
  finalRound: number;
  /** The round that has led to the final balances: the newest final one, until a vote restores those of an earlier one. Zero for none. */
  balancesOf: number;
  fundedGwei: bigint;
  /** What votes have let the pool cover of what wrong statements took. */
  coveredGwei: bigint;
  claimedGwei: Map<string, bigint>;
  /** Rounds whose statement the pool does not pay in full. */
  poolRanDry: Map<number, ShortPayment>;
}

export function emptyRewardsState(): RewardsState {
  return {
    parameters: [],
    accounts: new Map(),
    evaluators: new Map(),
    scorings: new Map(),
    committed: new Map(),
    revealed: new Map(),
    demanded: new Map(),
    published: new Map(),
    forfeited: new Map(),
    statements: new Map(),
    unreadable: new Map(),
    voided: new Map(),
    finalRound: 0,
    balancesOf: 0,
    fundedGwei: 0n,
    coveredGwei: 0n,
    claimedGwei: new Map(),
    poolRanDry: new Map(),
  };
}

/** Those of a round, or of the rounds to come. */
export function rewardParametersOf(
  { parameters }: RewardsState,
  round = Number.POSITIVE_INFINITY,
): RewardParametersOnChain {
  const found = parameters.findLast(({ fromRound }) => fromRound <= round);
  invariant(found !== undefined, `There are no parameters of rewards for round ${round}`);
  return found.parameters;
}

/** The newest round with a statement that stands, readable or not; zero for none. */
export function statedRound({ statements, unreadable }: RewardsState): number {
  return Math.max(0, ...statements.keys(), ...unreadable.keys());
}

/** The round whose balances the next statement stands on; zero for none. */
export function tipOf(state: RewardsState): number {
  const stated = statedRound(state);
  return stated > state.finalRound ? stated : state.balancesOf;
}

/** What statements have given away of the pool. */
export function allocatedGwei({ statements, coveredGwei }: RewardsState): bigint {
  return [...statements.values()].reduce((sum, stated) => sum + paidBy(stated), coveredGwei);
}

/** One event further; `statement` is that of a proposal of rewards, undefined where it cannot be decoded. */
export function applyRewardEventInPlace(
  state: RewardsState,
  event: ChainEvent<'Rewards'>,
  statement?: RewardStatement,
): void {
  applyAccountEventInPlace(state, event);
  applyScoreEventInPlace(state, event);
  applyStatementEventInPlace(state, event, statement);
}

function applyAccountEventInPlace(state: RewardsState, { name, args, blockNumber }: ChainEvent<'Rewards'>): void {
  switch (name) {
    case 'RewardParametersChanged':
      state.parameters.push({
        fromRound: Number(args.fromRound),
        parameters: readRewardParameters(args.parameters as Result),
      });
      break;
    case 'AccountEnrolled':
      state.accounts.set(args.account as string, {
        place: Number(args.place),
        payee: args.payee as string,
        blockNumber,
      });
      break;
    case 'PayeeSet':
      state.accounts.get(args.account as string)!.payee = args.payee as string;
      break;
    case 'EvaluatorJoined':
      state.evaluators.set(args.evaluator as string, Number(args.joinedAfter));
      break;
    case 'EvaluatorLeft':
      state.evaluators.delete(args.evaluator as string);
      break;
    case 'PoolFunded':
      state.fundedGwei += args.amountGwei as bigint;
      break;
    case 'PoolReleased':
      state.fundedGwei -= args.amountGwei as bigint;
      break;
    case 'RewardClaimed': {
      const account = args.account as string;
      state.claimedGwei.set(account, (state.claimedGwei.get(account) ?? 0n) + (args.amountGwei as bigint));
      break;
    }
  }
}

function applyScoreEventInPlace(state: RewardsState, { name, args }: ChainEvent<'Rewards'>): void {
  const { round, evaluator } = scorerOf(name, args);
  switch (name) {
    case 'ScoringOpened':
      for (const scores of [state.committed, state.revealed, state.demanded, state.published, state.forfeited]) {
        scores.delete(round);
      }
      state.scorings.set(round, {
        proposedAt: Number(args.proposedAt),
        evaluatorCount: Number(args.evaluatorCount),
        accountCount: Number(args.accountCount),
        modelRoot: fromHex(args.modelRoot as string),
      });
      break;
    case 'ScoresCommitted':
      entryOf(state.committed, round, () => new Set()).add(evaluator);
      break;
    case 'ScoresRevealed':
      // else they are of a proposal that was voided
      if (state.committed.get(round)?.has(evaluator)) {
        entryOf(state.revealed, round, () => new Map()).set(evaluator, fromHex(args.scoresRoot as string));
      }
      break;
    case 'ScoresDemanded':
      if (state.revealed.get(round)?.has(evaluator)) entryOf(state.demanded, round, () => new Set()).add(evaluator);
      break;
    case 'ScoresPublished':
      if (state.demanded.get(round)?.delete(evaluator)) {
        const scores = bytesToScores(fromHex(args.scores as string));
        const salt = fromHex(args.salt as string);
        entryOf(state.published, round, () => new Map()).set(evaluator, { salt, scores });
      }
      break;
    case 'EvaluatorForfeited':
      if (state.committed.get(round)?.has(evaluator)) entryOf(state.forfeited, round, () => new Set()).add(evaluator);
      break;
  }
}

/** The events that every evaluator pays for have both in one word, see contracts/interfaces/IRewards.sol. */
function scorerOf(event: string, args: Result): { round: number; evaluator: string } {
  const packed = event === 'ScoresCommitted' || event === 'ScoresRevealed';
  if (!packed) return { round: Number(args.round), evaluator: args.evaluator as string };
  const word = args.roundAndEvaluator as bigint;
  return { round: Number(word >> 160n), evaluator: getAddress(toBeHex(BigInt.asUintN(160, word), 20)) };
}

function applyStatementEventInPlace(
  state: RewardsState,
  event: ChainEvent<'Rewards'>,
  statement?: RewardStatement,
): void {
  const { args } = event;
  const round = Number(args.round);
  switch (event.name) {
    case 'PoolRanDry':
      state.poolRanDry.set(round, {
        wantedGwei: args.wantedGwei as bigint,
        paidGwei: args.paidGwei as bigint,
      });
      break;
    case 'RewardsProposed': {
      const facts = readFacts(args.facts as Result);
      state.voided.delete(round);
      if (statement === undefined) {
        state.unreadable.set(round, facts);
        break;
      }
      state.statements.set(round, {
        id: event.id,
        round,
        standsOn: facts.previousRound === state.finalRound ? state.balancesOf : facts.previousRound,
        proposer: args.proposer as string,
        facts,
        statement,
        closesAt: Number(args.closesAt),
        blockNumber: event.blockNumber,
        transactionHash: event.transactionHash,
        final: false,
      });
      break;
    }
    case 'RewardsVoided':
      voidSinceInPlace(state, round);
      break;
    case 'RewardsFinalized': {
      const stated = state.statements.get(round);
      if (stated !== undefined) stated.final = true;
      state.finalRound = round;
      state.balancesOf = round;
      break;
    }
    case 'BalancesRestored':
      // they stand on others
      voidSinceInPlace(state, state.finalRound + 1);
      state.balancesOf = round;
      state.coveredGwei += args.coverGwei as bigint;
      break;
  }
}

/** The statements of `round` and of all after it. */
function voidSinceInPlace(state: RewardsState, round: number): void {
  const standing = [...state.statements.values()].map(({ round, facts }) => [round, facts] as const);
  for (const [stated, facts] of [...standing, ...state.unreadable]) {
    if (stated < round) continue;
    state.voided.set(stated, facts);
    state.statements.delete(stated);
    state.unreadable.delete(stated);
    state.poolRanDry.delete(stated);
  }
}

function entryOf<T>(map: Map<number, T>, round: number, create: () => T): T {
  const entry = map.get(round) ?? create();
  map.set(round, entry);
  return entry;
}
