/** What trainers' updates weigh by their past scores in a simulation without a chain: all evaluators are honest, of one stake. */

import type { Balances } from '../core/rewards/balances.ts';
import { lowerMedian, weightedLowerMedian } from '../core/rewards/median.ts';
import { createReputations, weigh } from '../core/rewards/reputations.ts';
import { balancesAfter } from '../core/rewards/settle.ts';
import { type Findings, type ScoringRound, scoreUpdates } from '../evaluator/score.ts';
import type { Dataset } from '../training/engine.ts';

export interface PastScores {
  /** What an update of the round that begins weighs. */
  weigh(trainer: string, weight: number): number;
  /** The round is over. */
  settle(round: Omit<ScoringRound, 'validation' | 'found'>): Promise<void>;
}

/** A round's inputs are weighed by the rewards that were final when its base model was proposed: those of the third round before it. */
const delay = 3;

/** `trainers` in the order of their accounts. */
export function keepScores(
  floorBasisPoints: number,
  trainers: readonly string[],
  validation: readonly Dataset[],
): PastScores {
  const placeOf = (trainer: string) => trainers.indexOf(trainer);
  /** After each of the last rounds, oldest first. */
  const settled: Balances[] = Array.from({ length: delay }, () => []);
  const reputations = () => createReputations(floorBasisPoints, settled[0]!, placeOf);
  let findings: Findings[] = validation.map(() => new Map());
  let current = reputations();

  async function settle(round: Omit<ScoringRound, 'validation' | 'found'>): Promise<void> {
    const scored = await Promise.all(
      validation.map((data, seat) => scoreUpdates({ ...round, validation: data, found: findings[seat]! })),
    );
    findings = scored.map(({ found }) => found);
    const entries = round.updates.map(({ trainer }, index) => {
      const score = weightedLowerMedian(scored.map(({ scores }) => ({ value: scores[index]!, weight: 1n })));
      return { place: placeOf(trainer), inputIndex: index, stakeTokens: 1n, score };
    });
    const middle = lowerMedian(entries.map(({ score }) => score));
    settled.push(balancesAfter(settled.at(-1)!, trainers.length, new Map(), entries, middle));
    settled.shift();
    current = reputations();
  }

  return { weigh: (trainer, weight) => weigh(current, trainer, weight), settle };
}
