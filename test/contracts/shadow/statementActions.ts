/** Statements and the pool. */
import { keccak256 } from 'ethers';
import { proveBalance } from '../../../client/core/rewards/balances.ts';
import type { ProposalStruct } from '../faults.ts';
import { recordOf } from './rounds.ts';
import { pick, rarely, type Stage, type Step } from './stage.ts';
import * as statements from './statements.ts';
import { type Facts, type Statement, zeroHash } from './world.ts';

function proposalOf(stage: Stage, round: number): ProposalStruct | undefined {
  const record = recordOf(stage.world, round);
  return stage.proposals.find(({ modelRoot }) => modelRoot === record?.modelRoot);
}

/** Right or not, as nobody looks here: the fee to who proposed, or some more to anybody. */
function statementOf(stage: Stage, facts: Facts): Statement {
  const { world, books } = stage;
  const { rewards } = world;
  const stated = statements.standingStatement(world, rewards.statedRound);
  const standsOnFinal = rewards.statedRound === rewards.finalRound;
  const balancesRoot = standsOnFinal ? rewards.balancesRoot : stated!.balancesRoot;
  const before = books.get(balancesRoot)!;
  const accounts = Math.max(1, rewards.accounts.size - (rarely(stage, 10) ? 1 : 0));
  const earned = Array.from({ length: accounts }, (_, place) => before[place] ?? 0n);
  const place = stage.random.below(accounts);
  earned[place] = earned[place]! + BigInt(pick(stage, [0, 50, 100, 5000]));
  const pageRoot = statements.rootOf(earned);
  books.set(pageRoot, earned);
  const paidGwei = statements.paymentOf(world, facts) + (rarely(stage, 15) ? 1n : 0n);
  const previousBalancesRoot = rarely(stage, 15) ? pick(stage, [...books.keys()]) : balancesRoot;
  return { round: facts.round, previousBalancesRoot, accounts, paidGwei, pageRoot };
}

function argumentOf({ pageRoot, ...rest }: Statement) {
  return { ...rest, middle: 0, evaluators: '0x', entries: '0x', pageRoots: [pageRoot] };
}

function factsArgument(facts: Facts) {
  return { ...facts, contribution: 0, spread: 0, agreement: 0, trainerPotGwei: 0, evaluatorPotGwei: 0 };
}

export const statementActions: ((stage: Stage) => Step | undefined)[] = [
  state,
  state,
  restate,
  (stage) => {
    const { statedRound, finalRound } = stage.world.rewards;
    const round = rarely(stage, 8) ? statedRound : nextStatement(stage, finalRound);
    return {
      name: `finalizeRewards(${round})`,
      send: () => stage.deployment.rewards.finalizeRewards(round),
      shadow: (world) => statements.finalizeRewards(world, round),
    };
  },
  voidStatement,
  claim,
  claim,
  (stage) => {
    const wei = pick(stage, [0n, 1n, 10n ** 9n, 700n * 10n ** 9n, 3000n * 10n ** 9n]);
    return {
      name: `fund(${wei})`,
      send: () => stage.deployment.rewards.connect(stage.owner).fund(wei),
      shadow: (world) => statements.fund(world, wei),
    };
  },
  (stage) => {
    const round = rarely(stage, 3) ? 0 : stage.world.rewards.finalRound - (rarely(stage, 2) ? 1 : 0);
    const coverGwei = pick(stage, [0n, 10n, 100n, 10n ** 9n]);
    if (round < 0 || !rarely(stage, 3)) return undefined;
    return {
      name: `restoreBalances(${round}, ${coverGwei})`,
      send: () => stage.deployment.policy.restoreBalances(round, coverGwei),
      shadow: (world) => statements.restoreBalances(world, round, coverGwei),
    };
  },
  (stage) => ({
    name: 'releasePool',
    send: () => stage.deployment.policy.releasePool(),
    shadow: statements.releasePool,
  }),
];

function nextStatement({ world }: Stage, finalRound: number): number {
  const records = [...world.rewards.records.values()];
  return (
    records.find(({ stands, previousRound, round }) => stands && previousRound === finalRound && round > finalRound)
      ?.round ?? 0
  );
}

function state(stage: Stage): Step | undefined {
  const { world, deployment } = stage;
  const rounds = [...world.federation.proposals.values()].map(({ round }) => round).sort((a, b) => a - b);
  const next = rounds.find((round) => round > world.rewards.statedRound);
  const round = rarely(stage, 8) ? rounds[0] : next;
  const proposal = round === undefined ? undefined : proposalOf(stage, round);
  const record = round === undefined ? undefined : recordOf(world, round);
  if (proposal === undefined || record === undefined) return undefined;
  const sender = rarely(stage, 3)
    ? pick(stage, stage.actors)
    : stage.actors.find(({ address }) => address === record.proposer)!;
  const facts = { round: record.round, proposedAt: record.proposedAt } as Facts;
  const statement = statementOf(stage, facts);
  return {
    name: `proposeRewards(${record.round})`,
    send: () => deployment.rewards.connect(sender).proposeRewards(proposal, argumentOf(statement)),
    shadow: (state) => statements.proposeRewards(state, sender.address, proposal, statement),
  };
}

function restate(stage: Stage): Step | undefined {
  const voided = [...stage.world.rewards.records.values()].filter(({ stands }) => !stands);
  if (voided.length === 0) return undefined;
  const { facts } = pick(stage, voided);
  const sender = pick(stage, stage.actors);
  const statement = statementOf(stage, facts);
  return {
    name: `restateRewards(${facts.round})`,
    send: () => stage.deployment.rewards.connect(sender).restateRewards(factsArgument(facts), argumentOf(statement)),
    shadow: (state) => statements.restateRewards(state, sender.address, { ...facts }, statement),
  };
}

function voidStatement(stage: Stage): Step | undefined {
  const records = [...stage.world.rewards.records.values()].filter(({ stands }) => stands);
  if (records.length === 0) return undefined;
  const { facts, statement, round } = pick(stage, records.slice(-3));
  const challenger = pick(stage, stage.actors).address;
  const contract = stage.deployment.rewards.connect(stage.statementJudge);
  return {
    name: `voidRewards(${round})`,
    send: () => contract.voidRewards(factsArgument(facts), argumentOf(statement), challenger),
    shadow: (state) => statements.voidRewards(state, round, challenger),
  };
}

function claim(stage: Stage): Step | undefined {
  const { world, books, deployment } = stage;
  const earned = books.get(rarely(stage, 8) ? pick(stage, [...books.keys()]) : world.rewards.balancesRoot)!;
  const enrolled = [...world.rewards.accounts.entries()].filter(([, { number }]) => number <= earned.length);
  if (enrolled.length === 0) return undefined;
  const [account, { payee, number }] = pick(stage, enrolled);
  const sender = rarely(stage, 4) ? pick(stage, stage.actors) : stage.actors.find(({ address }) => address === payee)!;
  const gwei = earned[number - 1]!;
  const path = proveBalance(statements.balancesTree(earned), number - 1);
  const wrong = rarely(stage, 10);
  const balancesRoot = wrong ? keccak256('0x') : earned.length === 0 ? zeroHash : statements.rootOf(earned);
  return {
    name: `claim(${gwei})`,
    send: () => deployment.rewards.connect(sender).claim(account, wrong ? gwei + 1n : gwei, 0, path),
    shadow: (state) => statements.claim(state, sender.address, account, { balancesRoot, gwei }),
  };
}
