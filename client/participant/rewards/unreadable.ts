/**
 * Balances that nobody can compute: those behind a statement that cannot be decoded, or that is final though it states other balances than
 * follow from its scores. A node says so and goes on with everything else, until a vote restores the balances of an earlier round.
 */
import { tipOf } from '../../chain/rewardState.ts';
import type { Participant } from '../participant.ts';
import { isKnown, type Ledger, standing } from './ledger.ts';

/**
 * Says so of each once. Answers whether there is one, so that no rewards can be computed from then on: with `unknown` none at all, with
 * `unreadable` those before it.
 */
export function createUnreadableWarning({
  rewards,
  ledger,
  report,
}: Pick<Participant, 'rewards' | 'report'> & { ledger: Pick<Ledger, 'follows'> }): () =>
  | 'unknown'
  | 'unreadable'
  | undefined {
  const said = new Set<number>();

  function sayOnce(event: 'rewardsUnreadable' | 'rewardsUnknown', round: number, number: number): void {
    if (said.has(number)) return;
    said.add(number);
    report({ event, round });
  }

  return () => {
    const { unreadable, balancesOf } = rewards.state;
    for (const [round, { number }] of unreadable) sayOnce('rewardsUnreadable', round, number);
    const final = standing(rewards.state).find(({ round }) => round === balancesOf);
    if (final !== undefined && !ledger.follows(final.round)) {
      sayOnce('rewardsUnknown', final.round, final.facts.number);
      return 'unknown';
    }
    return isKnown(rewards.state, tipOf(rewards.state)) ? undefined : 'unreadable';
  };
}
