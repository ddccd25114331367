/**
 * `npm run demo:governance`: four votes on a running federation. One changes the aggregation rule between two rounds, one ejects a
 * participant, one is defeated, and one tries to touch stake in a dispute and fails.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { explainChainFailure, revertName } from '../../chain/failure.ts';
import { ruleOf } from '../../chain/parameters.ts';
import { proposedRounds } from '../../chain/rounds.ts';
import { contractInterface, type MethodName } from '../../contracts/contracts.ts';
import type { ContractName } from '../../contracts/names.ts';
import { TributaryError } from '../../core/errors.ts';
import { formatRule } from '../../core/rules/parseRule.ts';
import { findAction } from '../../governance/actions.ts';
import type { Call } from '../../governance/call.ts';
import type { Choice } from '../../governance/proposals.ts';
import { headlineOf } from '../../governance/render.ts';
import { formatVotes } from '../../governance/units.ts';
import { findProposal, type ProposalView, viewProposal } from '../../governance/view.ts';
import {
  castVote,
  delegateVotes,
  executeProposal,
  type ProposalState,
  propose,
  queueProposal,
  withProposer,
} from '../../governance/voting.ts';
import type { TimedEvent } from '../processes.ts';
import { type DemoFederation, hospitals, startDemo } from './federation.ts';

const pollMs = 250;
/** How long anything may take that must happen, on the slowest machine. */
const patienceMs = 900_000;

/** Answers what did not happen as it should. */
export async function demonstrateGovernance(say: (line: string) => void): Promise<string[]> {
  const ejected = new Set<string>();
  const ended = new Set<string>();
  const demo = await startDemo((process, event) => {
    if (event.event === 'ejected') ejected.add(process);
    if (event.event === 'stopped') ended.add(process);
    const line = lineOf(process, event);
    if (line !== undefined) say(line);
  });
  const missing: string[] = [];
  const expect = (happened: boolean, what: string) => {
    say(`${happened ? '✔' : '✘'} ${what}`);
    if (!happened) missing.push(what);
  };
  try {
    for (let index = 1; index <= hospitals; index++)
      await delegateVotes(demo.voter(index), demo.voter(index).sender.address);
    say(`${hospitals} hospitals count their votes; waiting for two rounds`);
    await until(demo, 'two rounds', () => proposedRounds(demo.federation.state).length >= 2);
    await changeRule(demo, say, expect);
    await ejectHospital(demo, say, expect, ejected, ended);
    await defeatSpending(demo, say, expect);
    await touchStake(demo, say, expect);
    return missing;
  } finally {
    demo.clock.close();
    await demo.supervisor.stopAll();
    demo.provider.destroy();
    process.off('exit', demo.supervisor.killAll);
  }
}

type Say = (line: string) => void;
type Expect = (happened: boolean, what: string) => void;

async function changeRule(demo: DemoFederation, say: Say, expect: Expect): Promise<void> {
  say('— Vote 1: the aggregation rule becomes the median —');
  const calls = await findAction('set-rule').encode(['median'], demo.client);
  await carryOut(demo, say, calls, 'The median withstands one bad hospital', ['for', 'for', 'for', 'against']);
  const changed = () => rulesByRound(demo).some(({ rule }) => rule === 'median');
  await until(demo, 'a round by the median', changed);
  const rules = rulesByRound(demo);
  const first = rules.findIndex(({ rule }) => rule === 'median');
  const { round } = rules[first]!;
  const around = rules.slice(Math.max(0, first - 2));
  say(`  ${around.map(({ round: number, rule }) => `round ${number}: ${rule}`).join(', ')}`);
  const clean = first > 0 && rules.every(({ rule }, index) => rule === (index < first ? 'mean' : 'median'));
  expect(clean, `every round before round ${round} was aggregated by the mean, every one from it on by the median`);
  const { finalRound } = demo.federation.state;
  expect(
    finalRound >= rules[first - 1]!.round,
    `round ${rules[first - 1]!.round} was final before round ${round} opened`,
  );
}

async function ejectHospital(
  demo: DemoFederation,
  say: Say,
  expect: Expect,
  ejected: ReadonlySet<string>,
  ended: ReadonlySet<string>,
): Promise<void> {
  const name = `hospital ${hospitals}`;
  const account = demo.accountOf(hospitals);
  say(`— Vote 2: ${name} is ejected —`);
  const stakeWei = await stakeOf(demo, account);
  const calls = await findAction('eject').encode([account], demo.client);
  await carryOut(demo, say, calls, 'Its data is not what it says', ['for', 'for', 'for', 'against']);
  await until(demo, `${name} to leave`, () => !demo.federation.state.trainers.has(account));
  await until(demo, `the end of ${name}`, () => ended.has(name));
  expect(ejected.has(name), `${name} says that a vote has ejected it, and has ended`);
  const left = proposedRounds(demo.federation.state).at(-1)!.number;
  await until(demo, 'rounds without it', () => proposedRounds(demo.federation.state).at(-1)!.number >= left + 2);
  const newest = proposedRounds(demo.federation.state).at(-1)!;
  expect(!newest.submissions.has(account), `round ${newest.number} went on without it`);
  expect((await stakeOf(demo, account)) === stakeWei, 'its stake is untouched');
}

async function defeatSpending(demo: DemoFederation, say: Say, expect: Expect): Promise<void> {
  say('— Vote 3: a hospital wants the treasury for itself —');
  const calls = await findAction('spend').encode(['1000000', demo.accountOf(1)], demo.client);
  const view = await decide(demo, say, calls, 'For my new wing', ['for', 'against', 'against']);
  expect(view.state === 'defeated', `it is ${view.state}: ${formatVotes(view.votes.against)} against`);
  const refusal = await refusalOf(() => queueProposal(demo.voter(1), view));
  expect(refusal?.code === 'NOT_ELIGIBLE', `it cannot be queued: ${refusal?.message}`);
}

/** A majority can change what comes, never what is being disputed: not by a proposal, and not by the treasury itself. */
async function touchStake(demo: DemoFederation, say: Say, expect: Expect): Promise<void> {
  say('— Vote 4: take the stake of a hospital whose round can still be challenged —');
  const { addresses, state } = demo.federation;
  const round = proposedRounds(state).at(-1)!;
  const [victim] = round.proposed.included as [string];
  const encode = <N extends ContractName>(contract: N, method: MethodName<N>, args: readonly unknown[]): string =>
    contractInterface(contract).encodeFunctionData(method, args);
  const amountWei = await stakeOf(demo, victim);
  const attempts = [
    {
      target: addresses.stake,
      what: 'Stake.slash',
      data: encode('Stake', 'slash', [victim, amountWei, demo.accountOf(1), 5000]),
    },
    {
      target: addresses.federation,
      what: `Federation.slashTrainer in round ${round.number}`,
      data: encode('Federation', 'slashTrainer', [victim, round.number, demo.accountOf(1)]),
    },
  ];
  for (const { target, what, data } of attempts) {
    const call = { target, valueWei: 0n, data };
    const description = withProposer('For the good of all', demo.voter(1).sender.address);
    const refusal = await refusalOf(() => propose(demo.voter(1), [call], description));
    expect(refusal?.code === 'NOT_ELIGIBLE', `${what} cannot be proposed: ${refusal?.message}`);
    const direct = await demo.provider
      .call({ from: demo.client.addresses.treasury, to: target, data })
      .then((takenWei) => (BigInt(takenWei) === 0n ? 'finds nothing to take' : undefined))
      .catch((cause: unknown) => revertName(explainChainFailure(cause, what)));
    expect(direct !== undefined, `${what} called by the treasury itself comes to nothing: ${direct}`);
  }
  expect((await stakeOf(demo, victim)) === amountWei, 'the stake is untouched');
}

/** From proposal to execution. */
async function carryOut(
  demo: DemoFederation,
  say: Say,
  calls: readonly Call[],
  reason: string,
  ballots: readonly Choice[],
): Promise<void> {
  const view = await decide(demo, say, calls, reason, ballots);
  if (view.state !== 'succeeded') throw failure(`proposal ${view.number} to succeed; it is ${view.state}`);
  await queueProposal(demo.voter(1), view);
  const queued = await look(demo, view);
  say(`  queued: it may be executed in ${queued.executableAt! - (await chainTime(demo))} s`);
  await demo.clock.moveTo(queued.executableAt!);
  await executeProposal(demo.voter(2), queued);
  say(`  executed while round ${demo.federation.state.openRound ?? '–'} was open: in force at the next round boundary`);
}

/** Proposes, votes, and answers when voting is over. */
async function decide(
  demo: DemoFederation,
  say: Say,
  calls: readonly Call[],
  reason: string,
  ballots: readonly Choice[],
): Promise<ProposalView> {
  const { id } = await propose(demo.voter(1), calls, withProposer(reason, demo.voter(1).sender.address));
  const proposal = await findProposal(demo.client, String(id));
  const proposed = await viewProposal(demo.client, proposal);
  say(`  proposal ${proposal.number}: ${headlineOf(proposed)}`);
  await demo.clock.moveTo(proposed.votingStartsAt + 1);
  await reach(demo, proposed, 'active');
  for (const [index, choice] of ballots.entries()) {
    await castVote(demo.voter(index + 1), proposal, choice);
    say(`  hospital ${index + 1} votes ${choice}`);
  }
  await demo.clock.moveTo((await look(demo, proposed)).votingEndsAt + 1);
  await until(demo, 'the vote to end', async () => (await look(demo, proposed)).state !== 'active');
  const decided = await look(demo, proposed);
  const { votes, quorumWei, state } = decided;
  say(
    `  ${state}: ${formatVotes(votes.for)} for, ${formatVotes(votes.against)} against, quorum ${formatVotes(quorumWei)}`,
  );
  return decided;
}

async function look({ client }: DemoFederation, { id }: Pick<ProposalView, 'id'>): Promise<ProposalView> {
  return await viewProposal(client, await findProposal(client, String(id)));
}

function reach(demo: DemoFederation, view: ProposalView, state: ProposalState): Promise<void> {
  return until(demo, `proposal ${view.number} to be ${state}`, async () => (await look(demo, view)).state === state);
}

async function until(demo: DemoFederation, what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const giveUpAt = Date.now() + patienceMs; Date.now() < giveUpAt; ) {
    await demo.federation.sync();
    if (await holds()) return;
    await Promise.race([pause(pollMs), demo.supervisor.failed]);
  }
  throw failure(what);
}

async function chainTime({ provider }: DemoFederation): Promise<number> {
  return (await provider.getBlock('latest'))!.timestamp;
}

async function stakeOf({ federation }: DemoFederation, account: string): Promise<bigint> {
  return await federation.contracts.stake.bondedWei(federation.addresses.federation, account);
}

function rulesByRound({ federation }: DemoFederation): { round: number; rule: string }[] {
  return proposedRounds(federation.state).map(({ number, proposed: { proposal } }) => {
    return { round: number, rule: formatRule(ruleOf(proposal.rule, proposal.trimBasisPoints)) };
  });
}

async function refusalOf(act: () => Promise<unknown>): Promise<TributaryError | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (!(error instanceof TributaryError)) throw error;
    return error;
  }
}

function failure(what: string): TributaryError {
  return new TributaryError('ABORTED', `The demonstration waited in vain for ${what}.`);
}

/** One of so many is said. */
const roundsShown = 10;

function lineOf(process: string, event: TimedEvent): string | undefined {
  switch (event.event) {
    case 'proposed':
      return event.round % roundsShown === 0 ? `    round ${event.round} proposed` : undefined;
    case 'ejected':
      return `    ${process}: a vote has ejected ${event.account}`;
    case 'waiting':
      return process === 'aggregator' ? `    no round opens: waiting for ${event.for}` : undefined;
    case 'stopped':
      return `    ${process} has ended: ${event.reason}`;
    default:
      return undefined;
  }
}
