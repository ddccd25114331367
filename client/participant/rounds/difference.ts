import type { ProposedRound } from '../../chain/rounds.ts';
import type { AggregateCommitment } from '../../core/aggregate.ts';
import { equalBytes } from '../../core/hash.ts';

/** What differs between a proposal and the right result, if anything. */
export function differenceOf({ proposed }: ProposedRound, right: AggregateCommitment): string | undefined {
  const { proposal } = proposed;
  for (const root of ['inputsRoot', 'columnsRoot', 'modelRoot'] as const) {
    if (!equalBytes(proposal[root], right[root])) return `its ${root} is not that of the updates of the round`;
  }
  if (proposal.totalWeight !== right.totalWeight) return `its total weight is not ${right.totalWeight}`;
  if (proposal.inputCount !== right.inputCount)
    return `it counts ${proposal.inputCount} updates, not ${right.inputCount}`;
  return undefined;
}
