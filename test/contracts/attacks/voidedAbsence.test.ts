/** Who had no time to submit to a round that went with the wrong proposal below it has not been absent. */
import { expect } from 'chai';
import { type Founded, found } from '../deployment.ts';
import { playFault, voidFault } from '../faults.ts';
import { Attempts } from './attempts.ts';

/** All have submitted to round 1; round 2 opens on a wrong proposal of it, and is void with it. */
async function attackTheDelay(founded: Founded) {
  const { federation, trainers } = founded;
  const attempts = new Attempts();
  const honest = federation.connect(trainers[0]!);
  const { proposal } = await playFault(founded);
  await voidFault(founded, proposal);
  await honest.leaveAsTrainer();
  const mayReturn = await attempts.take('joining again', () => honest.joinAsTrainer());
  return { attempts, outcome: { mayReturn } };
}

describe('Attack: a round that opens on a wrong proposal', () => {
  it('makes nobody absent that leaves when it is void', async () => {
    const asItMustBe = { mayReturn: true };
    const { attempts, outcome } = await attackTheDelay(await found(3, 3));
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });
});
