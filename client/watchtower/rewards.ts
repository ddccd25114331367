/**
 * Recomputes every statement of rewards that can still be refuted, from the chain and the evaluators' scores, and proves what is
 * wrong. Those after a wrong one are void with it: they are looked at when they are made anew.
 */

import { statedRound } from '../chain/rewardState.ts';
import { isProposed, type ProposedRound } from '../chain/rounds.ts';
import type { StatedRewards } from '../chain/statedRewards.ts';
import type { RewardChallenge } from '../core/challenges/challenge.ts';
import { invariant } from '../core/errors.ts';
import type { InputsTree } from '../core/inputs.ts';
import { challengeStatement } from '../core/rewards/challenges.ts';
import { decodeStatement } from '../core/rewards/statement.ts';
import { bringChallenge } from '../participant/disputes/challenges.ts';
import type { Participant } from '../participant/participant.ts';
import { standing } from '../participant/rewards/ledger.ts';
import { resettle } from '../participant/rewards/resettle.ts';
import type { ScoresReader } from '../participant/rewards/settlement.ts';
import { createUnreadableWarning } from '../participant/rewards/unreadable.ts';

export interface RewardsWatch {
  /** Errors: those of `readCountedScores`, `settle` and `bringChallenge`. */
  examine(): Promise<void>;
  /** True when nothing that was stated can be refuted any more, and all has been stated that will be. */
  isOver(): boolean;
}

export function createRewardsWatch(
  node: Participant,
  readScores: ScoresReader,
  readInputs: (round: ProposedRound) => Promise<InputsTree>,
): RewardsWatch {
  const { federation, rewards, parameters, report } = node;
  const warnOfUnreadable = createUnreadableWarning(node);
  /** By the id of the statement: the proof, or that there is nothing to prove. */
  const examined = new Map<string, RewardChallenge | 'right' | 'over'>();

  async function examine(): Promise<void> {
    if (warnOfUnreadable() === 'unknown') return;
    let failure: unknown;
    for (const stated of standing(rewards.state)) {
      if (stated.final) continue;
      // what cannot be examined yet hides nothing that comes after it
      const known = await verdictOn(stated).catch((error: unknown) => {
        failure ??= error;
      });
      if (known === 'right' || known === undefined) continue;
      if (known !== 'over') await bring(stated, known);
      return;
    }
    if (failure !== undefined) throw failure;
  }

  async function verdictOn(stated: StatedRewards): Promise<RewardChallenge | 'right' | 'over'> {
    const known = examined.get(stated.id) ?? (await examineOne(stated));
    examined.set(stated.id, known);
    return known;
  }

  function isOver(): boolean {
    const stated = standing(rewards.state);
    if (!stated.every(({ final }) => final)) return false;
    const last = federation.state.rounds.get(federation.state.finalRound);
    if (!isProposed(last) || last.number === statedRound(rewards.state)) return true;
    // each aggregator has had its turn
    return federation.chainTime() >= last.proposed.closesAt + 2 * parameters().turnSeconds;
  }

  async function examineOne(stated: StatedRewards): Promise<RewardChallenge | 'right'> {
    const startedAt = performance.now();
    const { settlement, miscounted, round, right } = await resettle(node, stated, readScores, readInputs);
    const { proposer } = stated;
    if (right) {
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
    if (outcome !== 'waiting') examined.set(stated.id, 'over');
    await rewards.sync();
  }

  return { examine, isOver };
}
