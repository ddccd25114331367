/** A silent trainer that leaves and joins again by itself at every deadline is never absent: it must not make every round wait. */
import { expect } from 'chai';
import { type Founded, found, parameters, trainerStakeWei } from '../deployment.ts';
import { propose, submit } from '../round.ts';
import { Attempts } from './attempts.ts';

const rounds = 6;

async function attackThePace(founded: Founded) {
  const { federation, stake, stranger, aggregators, time } = founded;
  const attempts = new Attempts();
  const [silent, ...others] = founded.trainers;
  const asSilent = federation.connect(silent!);
  let waited = 0;
  for (let round = 1; round <= rounds; round++) {
    await submit(federation, ...others);
    const early = await attempts.take('early proposal', () => propose(federation, aggregators, others.length));
    if (!early) {
      waited++;
      await time.increaseTo((await federation.clock()).submissionDeadline - 5n);
      await attempts.take('leaving', () => asSilent.leaveAsTrainer());
      await attempts.take('joining again', () => asSilent.joinAsTrainer());
      await time.increase(5);
      await propose(federation, aggregators, others.length);
    }
    await attempts.take('report in the next round', () => federation.connect(stranger).reportAbsence(silent!.address));
    await time.increase(parameters.challengeSeconds);
    await federation.finalizeRound(round);
    await attempts.take('report of a final round', () => federation.connect(stranger).reportAbsence(silent!.address));
  }
  const lostWei = trainerStakeWei - (await stake.bondedWei(federation, silent!.address));
  return { attempts, outcome: { isEveryRoundSlow: waited === rounds, lostWei } };
}

describe('Attack: silent, gone, and back before anybody can report it', () => {
  it('does not make every round wait', async () => {
    const asItMustBe = { isEveryRoundSlow: false, lostWei: 0n };
    const { attempts, outcome } = await attackThePace(await found(3, 2));
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });
});
