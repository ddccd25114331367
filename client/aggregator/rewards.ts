/**
 * States what rounds have earned whom, round by round, and makes it final when its window has passed. Who proposed a round goes
 * first; the others follow after a turn.
 */

import type { TransactionReceipt } from 'ethers';
import { unlessRefused } from '../chain/failure.ts';
import { structArgument } from '../chain/federation.ts';
import { scoresSettledAt } from '../chain/parameters.ts';
import { statedRound, tipOf } from '../chain/rewardState.ts';
import { type ProposedRound, proposedRounds } from '../chain/rounds.ts';
import type { ErrorName, MethodName } from '../contracts/contracts.ts';
import type { Settlement } from '../core/rewards/settle.ts';
import { callRewards, type Participant } from '../participant/participant.ts';
import { standing } from '../participant/rewards/ledger.ts';
import { resettle } from '../participant/rewards/resettle.ts';
import { readInputs, readUnstated } from '../participant/rewards/rewardInputs.ts';
import { readCountedScores, type ScoresReader, settle } from '../participant/rewards/settlement.ts';
import { createUnreadableWarning } from '../participant/rewards/unreadable.ts';

/** What the chain answers where another was faster, the chain's clock is behind ours, or a statement was voided. */
const overtaken: readonly ErrorName[] = [
  'WrongPayment',
  'WrongAccounts',
  'OtherBalances',
  'NotNextToReward',
  'NotNextToFinalize',
  'NotVoided',
  'NotStated',
  'AlreadyFinal',
  'AnotherProposal',
  'NotYet',
  'ChallengeWindowOpen',
];

/** A step; answers true while the rewards of all rounds that are final are final too. */
export function createRewarding(node: Participant, readScores: ScoresReader): () => Promise<boolean> {
  const { federation, rewards, account, parameters, rewardParametersOf, report } = node;
  const warnOfUnreadable = createUnreadableWarning(node);
  /** Statements of others, by id, that were found right. */
  const right = new Set<string>();
  let prepared: { key: string; settlement: Settlement } | undefined;

  return async () => {
    await finalizeWhatStood();
    // nothing can be stated on balances that are not known
    if (warnOfUnreadable() !== undefined) return false;
    const round = nextToState();
    if (round === undefined || !round.final) return standing(rewards.state).every(({ final }) => final);
    const mayState = federation.state.aggregators.has(account) && federation.chainTime() >= mayStateFrom(round);
    if (mayState && (await standsOnRightOnes())) await state(round);
    return false;
  };

  async function finalizeWhatStood(): Promise<void> {
    const stated = standing(rewards.state).find(({ final }) => !final);
    if (stated === undefined) return;
    const patience = stated.proposer === account ? 0 : parameters().turnSeconds;
    if (federation.chainTime() < stated.closesAt + patience) return;
    const { round } = stated;
    const receipt = await send(`making the rewards of round ${round} final`, 'finalizeRewards', [round]);
    if (receipt !== undefined) report({ event: 'rewardsFinalized', round, gas: Number(receipt.gasUsed) });
  }

  /** The oldest round without a statement that the federation still knows, or whose statement was voided. */
  function nextToState(): ProposedRound | undefined {
    const stated = statedRound(rewards.state);
    const proposed = proposedRounds(federation.state);
    const oldest = (proposed.at(-1)?.number ?? 0) - node.task.ringSize;
    const next = Math.min(...[...rewards.state.voided.keys()].filter((voided) => voided > stated));
    return proposed.find(({ number }) => number > stated && (number > oldest || number === next));
  }

  function mayStateFrom(round: ProposedRound): number {
    const settledAt = scoresSettledAt(rewardParametersOf(round.number), round.proposed.proposedAt);
    const own = round.proposed.proposer === account;
    return own ? settledAt : Math.max(settledAt, round.proposed.closesAt) + parameters().turnSeconds;
  }

  /** Where one is void when a statement on top of it arrives, the contract refuses that one: its fee is lost. */
  async function standsOnRightOnes(): Promise<boolean> {
    for (const stated of standing(rewards.state)) {
      if (stated.final || stated.proposer === account || right.has(stated.id)) continue;
      if (!(await resettle(node, stated, readScores, (round) => readInputs(node, round))).right) return false;
      right.add(stated.id);
    }
    return true;
  }

  async function state(round: ProposedRound): Promise<void> {
    const given = await readUnstated(node, round);
    // its id tells what it stands on itself
    const standsOn = rewards.state.statements.get(tipOf(rewards.state))?.id;
    const key = [round.proposed.id, standsOn, given.accounts, given.availableGwei].join('/');
    if (prepared?.key !== key) {
      const previous = node.ledger.before(round.number);
      const scores = await readCountedScores(node, given, readScores);
      const terms = rewardParametersOf(round.number);
      prepared = { key, settlement: (await settle(node, given, previous, terms, scores)).settlement };
    }
    const { settlement } = prepared;
    const statement = structArgument(settlement.statement);
    const step = `stating the rewards of round ${round.number}`;
    const voided = rewards.state.voided.get(round.number);
    const receipt =
      voided === undefined
        ? await send(step, 'proposeRewards', [structArgument(round.proposed.proposal), statement])
        : await send(step, 'restateRewards', [structArgument(voided), statement]);
    if (receipt === undefined) return;
    const { paidGwei, terms: paid, entries, evaluators, trainerPotGwei, evaluatorPotGwei, feeGwei } = settlement;
    report({
      event: 'rewardsProposed',
      round: round.number,
      scored: entries.length,
      evaluators: evaluators.length,
      // not all that the pool has for the round, where there is nobody to pay
      paidGwei: String(trainerPotGwei + evaluatorPotGwei + feeGwei),
      trainersGwei: String(trainerPotGwei),
      evaluatorsGwei: String(evaluatorPotGwei),
      gas: Number(receipt.gasUsed),
    });
    if (paidGwei < paid.rewardGwei) {
      const wantedGwei = String(paid.rewardGwei);
      report({ event: 'poolRanDry', round: round.number, wantedGwei, paidGwei: String(paidGwei) });
    }
    await rewards.sync();
  }

  /** Undefined where another was faster, or it is too early by the chain's clock. */
  async function send(
    step: string,
    method: MethodName<'Rewards'>,
    args: readonly unknown[],
  ): Promise<TransactionReceipt | undefined> {
    return await unlessRefused(overtaken, () => callRewards(node, step, method, args));
  }
}
