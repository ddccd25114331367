/** Reward statements as the chain's events hold them. */
import type { Result } from 'ethers';
import { fromHex, type Hash } from '../core/hash.ts';
import type { RewardStatement } from '../core/rewards/statement.ts';

/** What the contract read and computed when a statement was made, see contracts/types/Reward.sol. */
export interface RewardFacts {
  number: number;
  round: number;
  previousRound: number;
  previousAccounts: number;
  previousBalancesRoot: Hash;
  aggregator: string;
  proposedAt: number;
  inputCount: number;
  inputsRoot: Hash;
  scoredAccounts: number;
  accounts: number;
  contribution: bigint;
  spread: bigint;
  agreement: bigint;
  trainerPotGwei: bigint;
  evaluatorPotGwei: bigint;
  feeGwei: bigint;
}

export interface StatedRewards {
  round: number;
  proposer: string;
  facts: RewardFacts;
  statement: RewardStatement;
  /** When it can no longer be refuted, in seconds since 1970. */
  closesAt: number;
  blockNumber: number;
  transactionHash: string;
  final: boolean;
  /** What the pool had ever got when it was made. */
  fundedGwei: bigint;
}

/** From the contract's struct. */
export function readFacts(facts: Result): RewardFacts {
  return {
    number: Number(facts.number),
    round: Number(facts.round),
    previousRound: Number(facts.previousRound),
    previousAccounts: Number(facts.previousAccounts),
    previousBalancesRoot: fromHex(facts.previousBalancesRoot as string),
    aggregator: facts.aggregator as string,
    proposedAt: Number(facts.proposedAt),
    inputCount: Number(facts.inputCount),
    inputsRoot: fromHex(facts.inputsRoot as string),
    scoredAccounts: Number(facts.scoredAccounts),
    accounts: Number(facts.accounts),
    contribution: facts.contribution as bigint,
    spread: facts.spread as bigint,
    agreement: facts.agreement as bigint,
    trainerPotGwei: facts.trainerPotGwei as bigint,
    evaluatorPotGwei: facts.evaluatorPotGwei as bigint,
    feeGwei: facts.feeGwei as bigint,
  };
}

/** From the contract's struct. */
export function readStatement(statement: Result): RewardStatement {
  return {
    round: Number(statement.round),
    middle: Number(statement.middle),
    evaluators: fromHex(statement.evaluators as string),
    // the name is one of an array's methods too
    entries: fromHex(statement.getValue('entries') as string),
    pageRoots: [...(statement.pageRoots as Result)].map((root) => fromHex(root as string)),
  };
}
