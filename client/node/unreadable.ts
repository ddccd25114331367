/** Statements of rewards that cannot be decoded: a node says so and goes on with everything else. */
import type { Node } from './node.ts';

/** Says so of each once. Answers whether there is one, so that no rewards can be computed from then on. */
export function createUnreadableWarning({ rewards, report }: Pick<Node, 'rewards' | 'report'>): () => boolean {
  const said = new Set<number>();
  return () => {
    const { unreadable } = rewards.state;
    for (const [round, { number }] of unreadable) {
      if (said.has(number)) continue;
      said.add(number);
      report({ event: 'rewardsUnreadable', round });
    }
    return unreadable.size > 0;
  };
}
