/** Gas of a claim, from a receipt; part of `node bench/gas.ts`. */
import { claimOf, score, stageScored, state, statementArgument } from '../test/contracts/rewards/settledRound.ts';

/** A first claim, to a payee that has no tokens. */
export async function measureClaim(): Promise<Record<string, number>> {
  const scored = await stageScored(2);
  const { rewards, time, trainers } = scored;
  const settlement = await score(scored, [
    [900, 400, 100],
    [800, 500, 50],
  ]);
  await state(scored, statementArgument(settlement.statement));
  await time.increase(500);
  await rewards.finalizeRewards(1);
  const [trainer] = trainers as [(typeof trainers)[0]];
  const { cumulativeGwei, reputation, path } = claimOf(settlement, 0);
  const response = await rewards.connect(trainer).claim(trainer.address, cumulativeGwei, reputation, path);
  return { claim: Number((await response.wait())!.gasUsed) };
}
