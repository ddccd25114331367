/** Wrong rewards: one trainer has the score that every evaluator would have had to give it, and all else follows from that. */
import type { Result } from 'ethers';
import { structArgument } from '../chain/federation.ts';
import { isProposed } from '../chain/rounds.ts';
import { readUnstated } from '../participant/rewards/rewardInputs.ts';
import { createScoresCollector } from '../participant/rewards/scores.ts';
import { readCountedScores, settle } from '../participant/rewards/settlement.ts';
import type { Change } from './stage.ts';

/** By how much the friend is better than the best, in the unit of scores. */
const favour = 1000;

export const favourFriend: Change = async ({ node, attackRound }, [proposal, honest]) => {
  const number = Number((honest as Result).round);
  const round = node.federation.state.rounds.get(number);
  if (number < attackRound || !isProposed(round)) return undefined;
  const given = await readUnstated(node, round);
  const scores = await readCountedScores(node, given, createScoresCollector(node).read);
  const previous = node.ledger.before(number);
  const { settlement } = await settle(node, given, previous, node.rewardParametersOf(number), scores);
  const friend = settlement.entries.length - 1;
  if (friend < 0 || scores.length === 0) return undefined;
  const best = Math.max(0, ...settlement.entries.map(({ score }) => score));
  const forged = scores.map((shown) => ({
    ...shown,
    scores: shown.scores.with(friend, Math.min(best + favour, 32_767)),
  }));
  const { settlement: wrong } = await settle(node, given, previous, node.rewardParametersOf(number), forged);
  const { trainer, score } = wrong.entries[friend]!;
  return {
    args: [proposal, structArgument(wrong.statement)],
    round: number,
    did: `gave ${trainer} a score of ${score}, not ${settlement.entries[friend]!.score}`,
  };
};
