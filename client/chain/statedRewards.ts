/** Reward statements as the chain's events hold them. */
import type { JsonRpcProvider, Result, TransactionResponse } from 'ethers';
import { contractInterface } from '../contracts/contracts.ts';
import { invariant, TributaryError } from '../core/errors.ts';
import { fromHex, type Hash } from '../core/hash.ts';
import { decodeStatement, type RewardStatement } from '../core/rewards/statement.ts';
import type { ChainEvent } from './events.ts';
import { explainChainFailure } from './failure.ts';

/** What the contract read and computed when a statement was made, see contracts/types/Reward.sol. */
export interface RewardFacts {
  number: number;
  round: number;
  previousRound: number;
  previousAccounts: number;
  aggregator: string;
  proposedAt: number;
  challengeSeconds: number;
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

/** A statement of rewards, with what the chain says of it. */
export interface StatedRewards {
  /** That of its event: one transaction may make several, and be mined again on another branch of the chain. */
  id: string;
  round: number;
  /** The round whose balances it was computed from: of the statement before, or what a vote has restored. Zero for none. */
  standsOn: number;
  proposer: string;
  facts: RewardFacts;
  statement: RewardStatement;
  /** When it can no longer be refuted, in seconds since 1970. */
  closesAt: number;
  blockNumber: number;
  transactionHash: string;
  final: boolean;
}

/** What a statement gives away of the pool, in gwei. */
export function paidBy({ facts }: Pick<StatedRewards, 'facts'>): bigint {
  return facts.trainerPotGwei + facts.evaluatorPotGwei + facts.feeGwei;
}

/** From the contract's struct. */
export function readFacts(facts: Result): RewardFacts {
  return {
    number: Number(facts.number),
    round: Number(facts.round),
    previousRound: Number(facts.previousRound),
    previousAccounts: Number(facts.previousAccounts),
    aggregator: facts.aggregator as string,
    proposedAt: Number(facts.proposedAt),
    challengeSeconds: Number(facts.challengeSeconds),
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

/**
 * The statement behind each `RewardsProposed`: it stands in its transaction's calldata, or where a contract proposed it in the event
 * just before. Give it every event in order. Undefined for one that cannot be decoded.
 */
export function createStatementReader(
  provider: Pick<JsonRpcProvider, 'getTransaction'>,
): (event: ChainEvent<'Rewards'>) => Promise<RewardStatement | undefined> {
  let shown: { transactionHash: string; statement: RewardStatement | undefined } | undefined;
  return async ({ name, args, transactionHash }) => {
    if (name === 'StatementShown') shown = { transactionHash, statement: decoded(() => args.statement as Result) };
    if (name !== 'RewardsProposed') return undefined;
    if (shown?.transactionHash === transactionHash) return shown.statement;
    const transaction = await readTransaction(provider, transactionHash);
    return decoded(() => {
      const call = contractInterface('Rewards').parseTransaction(transaction);
      invariant(call?.name === 'proposeRewards', `Transaction ${transactionHash} holds no statement`);
      return call.args.statement as Result;
    });
  };
}

/** What anyone may put on chain stops no node. */
function decoded(read: () => Result): RewardStatement | undefined {
  try {
    const statement = readStatement(read());
    decodeStatement(statement);
    return statement;
  } catch {
    return undefined;
  }
}

/** Errors: CHAIN_UNREACHABLE (retryable). */
async function readTransaction(
  provider: Pick<JsonRpcProvider, 'getTransaction'>,
  transactionHash: string,
): Promise<TransactionResponse> {
  const transaction = await provider.getTransaction(transactionHash).catch((cause: unknown) => {
    throw explainChainFailure(cause, 'reading a reward statement');
  });
  if (transaction === null) {
    const message = `The chain does not give transaction ${transactionHash}: give a node that keeps transactions with --rpc.`;
    throw new TributaryError('CHAIN_UNREACHABLE', message, { retryable: true });
  }
  return transaction;
}

/** From the contract's struct. */
function readStatement(statement: Result): RewardStatement {
  return {
    round: Number(statement.round),
    middle: Number(statement.middle),
    previousBalancesRoot: fromHex(statement.previousBalancesRoot as string),
    accounts: Number(statement.accounts),
    paidGwei: statement.paidGwei as bigint,
    evaluators: fromHex(statement.evaluators as string),
    // the name is one of an array's methods too
    entries: fromHex(statement.getValue('entries') as string),
    pageRoots: [...(statement.pageRoots as Result)].map((root) => fromHex(root as string)),
  };
}
