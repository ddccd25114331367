/** Scores of a simulation on the chain: all are committed to, then shown. */

import { type Hash, toHex } from '../core/hash.ts';
import { createRandom } from '../core/random.ts';
import type { EvaluatorReveal } from '../core/rewards/roundScores.ts';
import { commitScores, scoresRoot, timeCommitment } from '../core/rewards/scores.ts';
import { type Member, type SimulatedFederation, timing } from './federation.ts';
import type { ProposedRound } from './rounds.ts';

export interface ScoresOf {
  evaluator: Member;
  /** One for each scored trainer, in the order of their accounts. */
  scores: Int16Array;
}

export type Reveal = Omit<EvaluatorReveal, 'stakeTokens'>;

/** `places` are those of the accounts. Answers what was shown. Errors: TRANSACTION_REVERTED. */
export async function commitAndReveal(
  { chain, contracts, send }: SimulatedFederation,
  places: ReadonlyMap<string, number>,
  { round, proposedAt }: ProposedRound,
  all: readonly ScoresOf[],
): Promise<Reveal[]> {
  const { Rewards: contract } = contracts;
  const reveals: Reveal[] = [];
  for (const { evaluator, scores } of all) {
    const salt = saltOf(evaluator, round);
    const root = scoresRoot(salt, scores);
    const context = { chainId: chain.chainId, rewards: contract.address, round, evaluator: evaluator.address };
    const commitment = toHex(timeCommitment(commitScores(context, root), proposedAt));
    await send(evaluator.address, contract, 'commitScores', [round, commitment]);
    const place = places.get(evaluator.address);
    reveals.push({ evaluator: evaluator.address, place, scoresRoot: root, salt, scores });
  }
  // a proposal that was made again within a second is of the next one
  await chain.passSeconds(proposedAt + timing.scoringSeconds - (await chain.now()));
  for (const { evaluator, scoresRoot: root } of reveals)
    await send(evaluator, contract, 'revealScores', [round, toHex(root)]);
  return reveals;
}

function saltOf({ address }: Member, round: number): Hash {
  const stream = createRandom('simulator', 'salt', address, round);
  return Uint8Array.from({ length: 32 }, () => stream.below(256));
}
