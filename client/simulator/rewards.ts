/** Rewards of a simulation on the chain: score, state, challenge, claim. */

import { structArgument } from '../chain/federation.ts';
import { toHex } from '../core/hash.ts';
import { buildInputsTree } from '../core/inputs.ts';
import { type Balances, buildBalancesTree, proveBalance } from '../core/rewards/balances.ts';
import { challengeStatement } from '../core/rewards/challenges.ts';
import { lowerMedian } from '../core/rewards/median.ts';
import { type Settlement, settleRound } from '../core/rewards/settle.ts';
import { decodeStatement, encodeStatement, type RewardStatement } from '../core/rewards/statement.ts';
import { bring } from './bring.ts';
import { eventsOf, type Member, type SimulatedFederation, stakedAt, terms, timing } from './federation.ts';
import type { Ledger, ProposedRound } from './rounds.ts';
import { commitAndReveal, type Reveal, type ScoresOf } from './scoring.ts';

export interface Rewards extends Ledger {
  /** Evaluators commit to their scores, then show them. */
  score(proposed: ProposedRound, all: readonly ScoresOf[]): Promise<void>;
  /** States what the round has earned whom, when it is final; a statement that is refuted is made again by another. */
  state(proposed: ProposedRound, favours: FavouredBy, watchtower: Member | undefined): Promise<Settlement>;
  /** Pays the member what final statements have earned it. */
  claim(member: Member): Promise<void>;
  /** Makes the last statement final, once its window has passed. */
  finalize(): Promise<void>;
}

/** The trainer whose score an aggregator states too high, or undefined. */
export type FavouredBy = (aggregator: string) => string | undefined;

/** `members` in the order of their accounts. */
export function createRewards(federation: SimulatedFederation, members: readonly Member[]): Rewards {
  const { chain, contracts } = federation;
  const { Rewards: contract, Stake: stake } = contracts;
  const places = new Map(members.map(({ address }, place) => [address, place]));
  const aggregators = members.filter(({ role }) => role === 'aggregator');
  let reveals: readonly Reveal[] = [];
  let balances: Balances = [];
  let finalBalances: Balances = [];
  let unfinished: number | undefined;

  async function stakeTokensAt({ address, role }: Member, timestamp: number): Promise<bigint> {
    const [wei] = await chain.read(stake, 'bondedWeiAt', [stakedAt(contracts, role), address, timestamp]);
    return (wei as bigint) / 10n ** 18n;
  }

  async function score(proposed: ProposedRound, all: readonly ScoresOf[]): Promise<void> {
    reveals = await commitAndReveal(federation, places, proposed, all);
  }

  async function state(
    proposed: ProposedRound,
    favours: FavouredBy,
    watchtower: Member | undefined,
  ): Promise<Settlement> {
    await finalize();
    const right = await settle(proposed);
    const stated = await post(proposed, right, favours(proposed.proposer), proposed.proposer);
    if (stated.favoured && watchtower !== undefined) {
      const inputs = buildInputsTree(proposed.inputs);
      const fault = challengeStatement(right, decodeStatement(stated.statement), { inputs, miscounted: [] });
      if (fault !== undefined) {
        await bring(federation, watchtower, proposed.round, fault, [contract.address, stated.facts, stated.posted]);
        await chain.passSeconds(timing.challengeSeconds + timing.turnSeconds);
        const other = aggregators.find(({ address }) => address !== proposed.proposer)!;
        await post(proposed, right, undefined, other.address);
      }
    }
    balances = right.balances;
    unfinished = proposed.round;
    return right;
  }

  async function settle({ round, inputs, proposer, proposedAt }: ProposedRound): Promise<Settlement> {
    const [funded, allocated] = await chain.read(contract, 'pool');
    const scored = inputs.map(({ trainer }, inputIndex) => ({ trainer, inputIndex, place: places.get(trainer)! }));
    scored.sort((a, b) => a.place - b.place);
    const trainers = await Promise.all(
      scored.map(async (one) => ({ ...one, stakeTokens: await stakeTokensAt(members[one.place]!, proposedAt) })),
    );
    const evaluators = await Promise.all(
      reveals.map(async (one) => ({ ...one, stakeTokens: await stakeTokensAt(members[one.place!]!, proposedAt) })),
    );
    return settleRound({
      round,
      trainers,
      evaluators,
      terms: { ...terms, availableGwei: (funded as bigint) - (allocated as bigint) },
      aggregatorPlace: places.get(proposer),
      accounts: members.length,
      previous: balances,
    });
  }

  async function post(
    { proposal }: ProposedRound,
    right: Settlement,
    friend: string | undefined,
    aggregator: string,
  ): Promise<{ statement: RewardStatement; favoured: boolean; facts: unknown; posted: unknown }> {
    const statement = friend === undefined ? right.statement : favouring(right, places.get(friend)!);
    const posted = structArgument(statement);
    const logs = await federation.send(aggregator, contract, 'proposeRewards', [proposal, posted]);
    const [event] = eventsOf(logs, contract, 'RewardsProposed');
    return { statement, favoured: friend !== undefined, facts: event!.facts, posted };
  }

  async function finalize(): Promise<void> {
    if (unfinished === undefined) return;
    await federation.send(await chain.account('founder'), contract, 'finalizeRewards', [unfinished]);
    finalBalances = balances;
    unfinished = undefined;
  }

  async function claim(member: Member): Promise<void> {
    const place = places.get(member.address);
    const balance = place === undefined ? undefined : finalBalances[place];
    if (place === undefined || balance === undefined) return;
    const [account] = await chain.read(contract, 'accountOf', [member.address]);
    if (balance.cumulativeGwei <= (account.claimedGwei as bigint)) return;
    const path = proveBalance(buildBalancesTree(finalBalances), place).map(toHex);
    const { cumulativeGwei, reputation } = balance;
    await federation.send(member.address, contract, 'claim', [member.address, cumulativeGwei, reputation, path]);
  }

  return { score, state, claim, finalize, final: () => finalBalances, placeOf: (account) => places.get(account) };
}

/** The right statement but for one score, which is the highest there can be. */
function favouring({ statement, entries }: Settlement, place: number): RewardStatement {
  const decoded = decodeStatement(statement);
  const raised = entries.map((entry) => (entry.place === place ? { ...entry, score: 32_767 } : entry));
  return encodeStatement({ ...decoded, entries: raised, middle: lowerMedian(raised.map(({ score }) => score)) });
}
