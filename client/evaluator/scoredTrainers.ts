/** Who is scored in a round: those who took part and had an account when its scoring opened. */
import type { RewardsState } from '../chain/rewardState.ts';
import type { RoundInput } from '../core/inputs.ts';

/** Ascending by place. */
export function scoredTrainers(
  { accounts }: Pick<RewardsState, 'accounts'>,
  inputs: readonly Pick<RoundInput, 'trainer'>[],
  accountCount: number,
): string[] {
  const placeOf = (trainer: string) => accounts.get(trainer)?.place ?? Number.POSITIVE_INFINITY;
  return inputs
    .map(({ trainer }) => trainer)
    .filter((trainer) => placeOf(trainer) < accountCount)
    .sort((a, b) => placeOf(a) - placeOf(b));
}
