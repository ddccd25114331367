/** A trainer that is silent, is removed, and joins again at once must not make every second round wait for its window. */
import { expect } from 'chai';
import { type Founded, found, parameters, trainerStakeWei } from '../deployment.ts';
import { propose, submit } from '../round.ts';
import { Attempts } from './attempts.ts';

const rounds = 12;

async function attackThePace(founded: Founded) {
  const { federation, stake, stranger, aggregators, time } = founded;
  const attempts = new Attempts();
  const [silent, ...others] = founded.trainers;
  let waited = 0;
  for (let round = 1; round <= rounds; round++) {
    await submit(federation, ...others);
    const early = await attempts.take('early proposal', () => propose(federation, aggregators, others.length));
    if (!early) {
      waited++;
      await time.increase(parameters.submissionSeconds);
      await propose(federation, aggregators, others.length);
    }
    await attempts.take('report of absence', () => federation.connect(stranger).reportAbsence(silent!.address));
    await attempts.take('joining again', () => federation.connect(silent!).joinAsTrainer());
    await time.increase(parameters.challengeSeconds);
    await federation.finalizeRound(round);
  }
  const lostWei = trainerStakeWei - (await stake.bondedWei(federation, silent!.address));
  return { attempts, outcome: { isEverySecondRoundSlow: waited >= rounds / 2, lostWei } };
}

describe('Attack: silent, removed, and back again', () => {
  it('does not make every second round wait', async () => {
    const asItMustBe = { isEverySecondRoundSlow: false, lostWei: 0n };
    const { attempts, outcome } = await attackThePace(await found(3, 2));
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });
});
