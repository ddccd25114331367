/** Rounds that come to nothing. */
import type { Founded } from './deployment.ts';

/** Nobody proposes the open round. */
export async function skip({ federation, time }: Pick<Founded, 'federation' | 'time'>): Promise<bigint> {
  const { round, submissionDeadline } = await federation.clock();
  const { submissionSeconds, turnSeconds } = await federation.parameters();
  const endsAt = submissionDeadline + submissionSeconds + 2n * turnSeconds;
  if (endsAt > (await time.latest())) await time.increaseTo(endsAt);
  await federation.skipRound(round);
  return round;
}
