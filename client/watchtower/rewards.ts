/**
 * Recomputes every statement of rewards that can still be refuted, from the chain and the evaluators' scores, and proves what is
 * wrong. Those after a wrong one are void with it: they are looked at when they are made anew.
 */
import { isProposed, type ProposedRound } from '../chain/rounds.ts';
import type { StatedRewards } from '../chain/statedRewards.ts';
import type { RewardChallenge } from '../core/challenges/challenge.ts';
import { invariant } from '../core/errors.ts';
import type { InputsTree } from '../core/inputs.ts';
import { challengeStatement } from '../core/rewards/challenges.ts';
import { decodeStatement, isSameStatement } from '../core/rewards/statement.ts';
import { bringChallenge } from '../node/challenges.ts';
import type { Node } from '../node/node.ts';
import { inputTrainers } from '../node/rewardInputs.ts';
import {
  createLedger,
  readCountedScores,
  type ScoresReader,
  settle,
  standing,
  statedRound,
} from '../node/settlement.ts';
import { createUnreadableWarning } from '../node/unreadable.ts';

export interface RewardsWatch {
  /** Errors: those of `readCountedScores`, `settle` and `bringChallenge`. */
  examine(): Promise<void>;
  /** True when nothing that was stated can be refuted any more, and all has been stated that will be. */
  isOver(): boolean;
}

export function createRewardsWatch(
  node: Node,
  readScores: ScoresReader,
  readInputs: (round: ProposedRound) => Promise<InputsTree>,
): RewardsWatch {
  const { federation, rewards, parameters, report } = node;
  const ledger = createLedger(node);
  const warnOfUnreadable = createUnreadableWarning(node);
  /** By the transaction that stated it: the proof, or that there is nothing to prove. */
  const examined = new Map<string, RewardChallenge | 'right' | 'over'>();

  async function examine(): Promise<void> {
    warnOfUnreadable();
    for (const stated of standing(rewards.state)) {
      if (stated.final) continue;
      const known = examined.get(stated.transactionHash) ?? (await examineOne(stated));
      examined.set(stated.transactionHash, known);
      if (known === 'right') continue;
      if (known !== 'over') await bring(stated, known);
      return;
    }
  }

  function isOver(): boolean {
    const stated = standing(rewards.state);
    if (!stated.every(({ final }) => final)) return false;
    const last = federation.state.rounds.get(federation.state.finalRound);
    if (!isProposed(last) || last.number === stated.at(-1)?.round) return true;
    // each aggregator has had its turn
    return federation.chainTime() >= last.proposed.closesAt + 2 * parameters().turnSeconds;
  }

  async function examineOne(stated: StatedRewards): Promise<RewardChallenge | 'right'> {
    const round = federation.state.rounds.get(stated.round);
    invariant(isProposed(round), `The rewards of round ${stated.round} were stated without its proposal`);
    const startedAt = performance.now();
    const trainers = await inputTrainers(round, () => readInputs(round));
    const inputs = trainers.map((trainer, inputIndex) => ({ trainer, inputIndex }));
    const given = statedRound(stated, inputs);
    const scores = await readCountedScores(node, given, readScores);
    const previous = ledger.before(stated.round);
    const { settlement, miscounted } = await settle(
      node,
      given,
      previous,
      node.rewardParametersOf(stated.round),
      scores,
    );
    const { proposer } = stated;
    if (isSameStatement(settlement.statement, stated.statement)) {
      const seconds = (performance.now() - startedAt) / 1000;
      report({ event: 'rewardsVerified', round: stated.round, proposer, seconds });
      return 'right';
    }
    const facts = { inputs: await readInputs(round), miscounted };
    const challenge = challengeStatement(settlement, decodeStatement(stated.statement), facts);
    invariant(challenge !== undefined, `The statement of round ${stated.round} differs from the right one in nothing`);
    report({ event: 'rewardsRefuted', round: stated.round, proposer, wrong: challenge.fault });
    return challenge;
  }

  async function bring(stated: StatedRewards, challenge: RewardChallenge): Promise<void> {
    const outcome = await bringChallenge(node, challenge, {
      round: stated.round,
      stated,
      fromBlock: stated.blockNumber,
    });
    if (outcome !== 'waiting') examined.set(stated.transactionHash, 'over');
    await rewards.sync();
  }

  return { examine, isOver };
}
